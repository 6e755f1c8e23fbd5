/** Running programs. One environment for all of them, so that the caller's settings do not change the lab. */
import { execa } from "execa";
import type { Options } from "execa";

/** Root's PATH from `su` lacks the sbin folders on Debian. */
export const SEARCH_PATH = [process.env["PATH"], "/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    .filter((part) => part !== undefined && part !== "")
    .join(":");

/** The whole environment of what the lab runs. */
export const ENVIRONMENT = { PATH: SEARCH_PATH, HOME: process.env["HOME"] ?? "/root", LC_ALL: "C.UTF-8" };

const clean = execa({ extendEnv: false, env: ENVIRONMENT });

/** Run a program outside the lab's namespaces. Rejects when it fails; `options` are execa's. */
export function run<O extends Options = Record<never, never>>(
    command: string,
    args: readonly string[],
    options?: O,
) {
    return clean(command, args, options);
}

/**
 * The command line that runs a program in a network namespace (ip-netns(8)); the process becomes the program.
 */
export function namespaceCommand(
    namespace: string,
    command: string,
    args: readonly string[],
): [string, string[]] {
    return ["ip", ["netns", "exec", namespace, command, ...args]];
}

/**
 * Run a program in a network namespace. The process that is started becomes the program, so its pid is the
 * program's.
 * @param namespace name below /run/netns
 */
export function inNamespace<O extends Options = Record<never, never>>(
    namespace: string,
    command: string,
    args: readonly string[],
    options?: O,
) {
    return run(...namespaceCommand(namespace, command, args), options);
}
