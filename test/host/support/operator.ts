/**
 * The operator at his own machine: a home folder with a known host, and the two ways to the lab host's
 * libvirt that README names.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackSession } from "../../../cli/live/stack-session";
import type { ProcessRegistry } from "../../../lab/process-registry";
import { poll } from "../../../lab/pause";
import { ENVIRONMENT } from "../../../lab/run";
import type { HostVm } from "./host-vm";
import { place, root } from "./place";

/** libvirt's socket on every Debian. */
const SOCKET = "/var/run/libvirt/libvirt-sock";

/** When a file was made; the number of an inode that is gone may come again. */
const madeAt = (path: string): bigint | undefined =>
    statSync(path, { bigint: true, throwIfNoEntry: false })?.ctimeNs;

export interface Operator {
    /** Home folder and search path, for a login as the operator; no agent. */
    readonly env: Readonly<Record<string, string>>;
    /** A login for each question. */
    readonly overSsh: string;
    /** One login for all: `ssh -N -L`. Opened anew when it is not there. @param user default `op` */
    forwarded(user?: string): Promise<string>;
    /** Kill the ssh that forwards it: its socket stays, and nobody listens there. */
    cut(): Promise<void>;
}

/** @throws Error when the forwarded socket does not come */
export function operatorOf(host: HostVm, book: ProcessRegistry): Operator {
    const [home, bin, key, socket] = [
        join(place.work, "home"),
        join(place.work, "bin"),
        join(place.work, "id"),
        join(place.sockets, "libvirt"),
    ];
    [join(home, ".ssh"), bin].forEach((folder) => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    copyFileSync(host.key, key);
    chmodSync(key, 0o600);
    const hostKey = readFileSync(join(place.images, host.variant, "host.pub"), "utf8");
    writeFileSync(join(home, ".ssh", "known_hosts"), `[127.0.0.1]:${host.port} ${hostKey}`);
    writeFileSync(join(home, ".ssh", "config"), "");
    // OpenSSH takes the home folder from the list of users, where this one is not.
    const wrapper =
        `#!/bin/sh\ncase " $* " in *" -F "*) ;; *) set -- -F '${home}/.ssh/config' "$@" ;; esac\n` +
        `exec /usr/bin/ssh -o 'UserKnownHostsFile=${home}/.ssh/known_hosts' -o ` +
        `GlobalKnownHostsFile=none "$@"\n`;
    writeFileSync(join(bin, "ssh"), wrapper, { mode: 0o755 });
    const env = { HOME: home, PATH: `${bin}:${ENVIRONMENT.PATH}`, SSH_AUTH_SOCK: "" };
    let tunnel: ChildProcess | undefined;
    return {
        env,
        overSsh: `qemu+ssh://op@127.0.0.1:${host.port}/system?keyfile=${key}`,
        forwarded: async (user = "op") => {
            const uri = `qemu:///system?socket=${socket}`;
            if (tunnel?.exitCode === null) {
                return uri;
            }
            // As README says it. A socket that an earlier one left is replaced by another.
            const stale = madeAt(socket);
            const options = [
                "ExitOnForwardFailure=yes",
                "StreamLocalBindUnlink=yes",
                "ServerAliveInterval=15",
                "ServerAliveCountMax=3",
            ];
            const child = spawn(
                join(bin, "ssh"),
                [
                    "-N",
                    ...options.flatMap((option) => ["-o", option]),
                    "-o",
                    "BatchMode=yes",
                    "-i",
                    key,
                    "-p",
                    String(host.port),
                    "-L",
                    `${socket}:${SOCKET}`,
                    `${user}@127.0.0.1`,
                ],
                { cwd: "/", detached: true, env: { ...ENVIRONMENT, ...env }, stdio: "ignore" },
            );
            child.unref();
            tunnel = child;
            if (child.pid !== undefined) {
                book.add("tunnel", child.pid);
            }
            await poll(
                () => {
                    if (child.exitCode !== null) {
                        throw new Error(`ssh -N -L ended with status ${child.exitCode}`);
                    }
                    const now = madeAt(socket);
                    return (now !== undefined && now !== stale) || undefined;
                },
                { every: 100, within: 120_000, late: () => new Error("ssh -N -L did not make its socket") },
            );
            return uri;
        },
        cut: async () => {
            const child = tunnel;
            tunnel = undefined;
            child?.kill("SIGKILL");
            await poll(() => child?.signalCode !== null || child.exitCode !== null || undefined, {
                every: 50,
                within: 30_000,
                late: () => new Error("ssh -N -L does not end"),
            });
        },
    };
}

/** A stack `host-<name>` with state of its own, driven by the operator. */
export const stackOf = (operator: Operator, name: string): StackSession =>
    new StackSession({
        root,
        stack: `host-${name}`,
        home: join(place.work, `stack-${name}`),
        env: operator.env,
    });
