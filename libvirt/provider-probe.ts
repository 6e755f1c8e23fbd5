/**
 * Asks libvirt where the provider will, which connects in another way than virsh: by no other socket than
 * libvirtd's old one, and over ssh without ssh_config, without a question, by an agent's keys or one key file,
 * and through a forwarded socket. A failure there is "failed to dial libvirt" and no more.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { LibvirtUri } from "../values/libvirt-uri";
import type { VirshResult } from "./client";
import { wholeComplaint } from "./errors";
import { callLimitMs } from "./limits";
import { LIBVIRT_SOCKET } from "./one-ssh";
import { sshTarget } from "./ssh-route";

/** Least limit of making the connection, in milliseconds. */
const LIMIT_MS = 30_000;

/**
 * As golang.org/x/crypto/ssh offers them: the host's first of these has to be in known_hosts, whatever else
 * is.
 */
const HOST_KEYS =
    "ssh-ed25519,rsa-sha2-256,rsa-sha2-512,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
/** Key files that it tries when none is named, in this order. */
const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];

/**
 * Who the provider says that it is. With an agent it looks at no file, and of files at no second one: its ssh
 * tries public keys once, with the first of what it has.
 */
function identity(uri: LibvirtUri, home: string, agent: string | undefined): string[] {
    const first = (uri.parameters["sshauth"] ?? "agent,privkey")
        .split(",")
        .find((way) => way !== "agent" || agent !== undefined);
    if (first === "agent") {
        return ["-o", "IdentityFile=none"];
    }
    const file =
        first === undefined
            ? undefined
            : (uri.parameters["keyfile"] ??
              DEFAULT_KEYS.map((name) => join(home, ".ssh", name)).find((path) => existsSync(path)));
    return [
        "-o",
        "IdentityAgent=none",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        `IdentityFile=${file === undefined ? "none" : `"${file}"`}`,
    ];
}

/** Words after `ssh` for what the provider does in Go. */
export function likeTheProvider(
    uri: LibvirtUri,
    home: string,
    agent: string | undefined,
    limitMs = LIMIT_MS,
): string[] {
    const options = {
        BatchMode: "yes",
        StrictHostKeyChecking: "yes",
        UserKnownHostsFile: `"${join(home, ".ssh", "known_hosts")}"`,
        GlobalKnownHostsFile: "none",
        HostKeyAlgorithms: HOST_KEYS,
        PreferredAuthentications: "publickey",
        ExitOnForwardFailure: "yes",
        ConnectTimeout: String(Math.ceil(limitMs / 1000)),
    };
    return [
        "-F",
        "none",
        ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
        ...identity(uri, home, agent),
    ];
}

/** Asks the libvirt at a URI for its capabilities. */
export type Probe = (uri: string) => VirshResult;

const atSocket = (socket: string): string =>
    `qemu:///system?socket=${socket.split("/").map(encodeURIComponent).join("/")}`;

function throughTunnel(uri: LibvirtUri, probe: Probe, home: string, text: string): VirshResult {
    const limitMs = callLimitMs(text, LIMIT_MS);
    const folder = mkdtempSync(join(tmpdir(), "sallyport-probe-"));
    const control = ["-S", join(folder, "control")];
    const socket = join(folder, "libvirt");
    try {
        // Goes on in the background once the connection stands.
        execFileSync(
            "ssh",
            [
                ...likeTheProvider(uri, home, process.env["SSH_AUTH_SOCK"] || undefined, limitMs),
                "-f",
                "-N",
                "-T",
                "-M",
                ...control,
                "-L",
                `${socket}:${uri.parameters["socket"] ?? LIBVIRT_SOCKET}`,
                ...sshTarget(uri),
            ],
            {
                encoding: "utf8",
                timeout: limitMs,
                killSignal: "SIGKILL",
                stdio: ["ignore", "ignore", "pipe"],
                env: { ...process.env, LC_ALL: "C" },
            },
        );
    } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        return code === "ETIMEDOUT"
            ? { outcome: "time-out", stdout: "", message: `ssh had no answer within ${limitMs / 1000} s` }
            : { outcome: "refused", stdout: "", message: wholeComplaint(stderr ?? "") || message };
    }
    try {
        return probe(atSocket(socket));
    } finally {
        execFileSync("ssh", ["-F", "none", ...control, "-O", "exit", ...sshTarget(uri)], {
            timeout: limitMs,
            stdio: "ignore",
            env: process.env,
        });
        rmSync(folder, { recursive: true, force: true });
    }
}

/**
 * What the provider is told; undefined when it connects as virsh does.
 * @param text the URI as it is configured, whose limit counts
 */
export function probeProvider(
    uri: LibvirtUri,
    probe: Probe,
    text: string,
    home = homedir(),
): VirshResult | undefined {
    if (uri.transport === "ssh") {
        return throughTunnel(uri, probe, home, text);
    }
    return uri.transport === "unix" && uri.parameters["socket"] === undefined
        ? probe(atSocket(LIBVIRT_SOCKET))
        : undefined;
}
