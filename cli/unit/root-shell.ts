/** Root's shell on a stack's lab host: this machine's own, or by the ssh that virsh takes for its URI. */
import { execa } from "execa";
import { sshTarget } from "../../libvirt/ssh-route";
import { CliError } from "../../util/error";
import { quote } from "../../util/quote";
import { hostKeyOf, LOCAL_HOST, parseLibvirtUri } from "../../values/libvirt-uri";
import { NO_SYSTEMD } from "./programs";

/** A login may take 14 s on a slow host, and systemd a while. */
const LIMIT_MS = 180_000;

/** Root, or one whom sudo lets become root without a password. */
const AS_ROOT = `if [ "$(id -u)" -eq 0 ]; then exec sh -s; else exec sudo -n sh -s; fi`;

/**
 * Words that run a program of standard input as root of a URI's host. Pure.
 * @param uid of this process
 * @param byHand the line that prints the program, for hosts that no URI leads to
 * @throws CliError for a socket that may be another host's, and for others than root here
 */
export function rootShell(uri: string, uid: number | undefined, byHand: string): readonly string[] {
    const parsed = parseLibvirtUri(uri);
    if (parsed.transport === "ssh") {
        const { keyfile, no_tty: silent } = parsed.parameters;
        return [
            "ssh",
            "-T",
            "-e",
            "none",
            ...(keyfile === undefined ? [] : ["-i", keyfile]),
            ...(silent === undefined ? [] : ["-o", "BatchMode=yes"]),
            ...sshTarget(parsed),
            AS_ROOT,
        ];
    }
    if (hostKeyOf(uri) !== LOCAL_HOST) {
        throw new CliError(
            `${uri} is a socket that may be forwarded from another host, and no way to its files`,
            `${byHand} | ssh root@HOST sh -s`,
        );
    }
    if (uid !== 0) {
        throw new CliError("only root may write systemd's units on this machine", `${byHand} | sudo sh -s`);
    }
    return ["sh", "-s"];
}

/** Run a program there. @throws CliError with what it said */
export async function runAsRoot(words: readonly string[], program: string, byHand: string): Promise<void> {
    const [command = "", ...args] = words;
    const run = await execa(command, args, {
        input: program,
        reject: false,
        timeout: LIMIT_MS,
        env: { LC_ALL: "C" },
    });
    if (run.exitCode === 0) {
        return;
    }
    const said = run.stderr.trim().split("\n").slice(-3).join("; ") || run.shortMessage || "it failed";
    throw new CliError(
        `the lab host's root shell (${words.slice(0, -1).map(quote).join(" ") || command}): ${said}`,
        run.exitCode === NO_SYSTEMD
            ? "run bin/sallyport start after each reboot: units need systemd"
            : `make it work, or run it there by hand: ${byHand} | ssh root@HOST sh -s`,
    );
}
