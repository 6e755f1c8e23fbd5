/**
 * The lab's libvirt behind an ssh server on loopback, and a user who reaches it with a key of its own:
 * ssh_host.py.
 */
import assert from "../../support/assert";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parseLibvirtUri } from "../../../values/libvirt-uri";
import { lab, root, work } from "./world";

export interface SshHost {
    readonly uri: string;
    /** Home folder, search path and no agent, for a login as that user. */
    readonly env: Readonly<Record<string, string>>;
    /** Kinds of the host's keys that the user knows. */
    know(...kinds: ("ed25519" | "ecdsa")[]): void;
    /** The user's ssh_config. */
    configure(...lines: string[]): void;
    /** Seconds that each of virsh's logins takes from now on. */
    slow(seconds: number): void;
    /** How it was used so far: exec (virsh), forward (the provider), refused. */
    used(): string[];
    stop(): Promise<void>;
}

export async function startSshHost(): Promise<SshHost> {
    const folder = join(work, "ssh");
    const [home, bin, log, key] = [
        join(folder, "home"),
        join(folder, "bin"),
        join(folder, "used"),
        join(folder, "id"),
    ];
    const dot = (name: string): string => join(home, ".ssh", name);
    [join(home, ".ssh"), bin].forEach((path) => mkdirSync(path, { recursive: true, mode: 0o700 }));
    const hostKeys = (["ed25519", "ecdsa"] as const).map(
        (kind) => [kind, join(folder, `host-${kind}`)] as const,
    );
    for (const [kind, path] of [...hostKeys, ["ed25519", key] as const]) {
        await execa("ssh-keygen", ["-q", "-t", kind, "-N", "", "-C", "", "-f", path]);
    }
    // OpenSSH takes the home folder from the list of users, where this user is not.
    const options = ["UserKnownHostsFile", "GlobalKnownHostsFile"]
        .map((name, i) => `-o ${name}=${i === 0 ? dot("known_hosts") : "none"}`)
        .join(" ");
    writeFileSync(
        join(bin, "ssh"),
        `#!/bin/sh\ncase " $* " in *" -F "*) ;; *) set -- -F '${dot("config")}' "$@" ;; ` +
            `esac\nexec /usr/bin/ssh ${options} "$@"\n`,
    );
    chmodSync(join(bin, "ssh"), 0o755);
    const socket = parseLibvirtUri(lab().uri).parameters["socket"] ?? "";
    const server = execa(
        "/usr/bin/python3",
        [
            "-B",
            "-W",
            "ignore",
            join(root, "test", "e2e", "ssh_host.py"),
            `${key}.pub`,
            socket,
            log,
            ...hostKeys.map(([, path]) => path),
        ],
        { stdin: "pipe", stdout: "pipe", stderr: "inherit", buffer: false, reject: false },
    );
    const [said] = (await Promise.race([once(server.stdout, "data"), server.then(() => [""])])) as [
        Buffer | string,
    ];
    const port = Number(String(said));
    assert.ok(port > 0, `the ssh server did not say its port but ${JSON.stringify(String(said))}`);
    return {
        uri: `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${key}&socket=${socket}`,
        env: { HOME: home, PATH: `${bin}:${process.env["PATH"] ?? ""}`, SSH_AUTH_SOCK: "" },
        know: (...kinds) =>
            writeFileSync(
                dot("known_hosts"),
                hostKeys
                    .filter(([kind]) => kinds.includes(kind))
                    .map(([, path]) => `[127.0.0.1]:${port} ${readFileSync(`${path}.pub`, "utf8")}`)
                    .join(""),
            ),
        configure: (...lines) => writeFileSync(dot("config"), lines.map((line) => `${line}\n`).join("")),
        slow: (seconds) =>
            seconds > 0
                ? writeFileSync(`${log}.slow`, String(seconds))
                : rmSync(`${log}.slow`, { force: true }),
        used: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []),
        stop: async () => {
            server.stdin.end();
            await server;
        },
    };
}
