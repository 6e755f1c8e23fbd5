/**
 * Knocks at libvirt where the provider will, since it comes by another door than virsh: by no other socket than libvirtd's
 * old one, and over ssh without ssh_config, without a question, by an agent's keys or one key file, and through a
 * forwarded socket. A failure there is "failed to dial libvirt" and no more.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../config/error";
import { type LibvirtUri, parseLibvirtUri } from "../config/libvirt-uri";
import { type Knock, knockByVirsh } from "./reach-libvirt";
import { PROVIDER_SOCKET, sshTarget } from "./ssh-route";

/** What the reader can do, by what ssh or libvirt said. */
const WAYS_IN: readonly (readonly [said: RegExp, fix: string])[] = [
    [/host key/i, "have the host's ed25519 key (its RSA key, if it has none) in $HOME/.ssh/known_hosts, once you have compared it: ssh -o HostKeyAlgorithms=ssh-ed25519"],
    [/permission denied|too many authentication/i, "load the key into the agent that SSH_AUTH_SOCK names, or have the provider ask none: a keyfile without a passphrase in the URI, and sshauth=privkey"],
    [/forward|open failed|prohibited|cannot recv data|end of file/i, "allow forwarding to sockets in that host's sshd_config (AllowStreamLocalForwarding yes, and no DisableForwarding), and have libvirt's socket where the URI says"],
    [/no such file|connection refused|failed to connect socket/i, "start libvirtd, or in a modular libvirt the proxy that keeps its socket (systemctl enable --now virtproxyd.socket)"],
];
const OTHERWISE = "see in README what qemu+ssh needs";

/** Limit of making the connection, in milliseconds. */
const LIMIT_MS = 30_000;

/** As golang.org/x/crypto/ssh offers them: the host's first of these has to be in known_hosts, whatever else is. */
const HOST_KEYS = "ssh-ed25519,rsa-sha2-256,rsa-sha2-512,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
/** Key files that it tries when nobody names one, in this order. */
const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];

/**
 * Who the provider says that it is. With an agent it looks at no file, and of files at no second one: its ssh tries public
 * keys once, with the first of what it has.
 */
function identity(uri: LibvirtUri, home: string, agent: string | undefined): string[] {
    const first = (uri.parameters["sshauth"] ?? "agent,privkey").split(",").find((way) => way !== "agent" || agent !== undefined);
    if (first === "agent") {
        return ["-o", "IdentityFile=none"];
    }
    const file = first === undefined ? undefined : uri.parameters["keyfile"] ?? DEFAULT_KEYS.map((name) => join(home, ".ssh", name)).find((path) => existsSync(path));
    return ["-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-o", `IdentityFile=${file === undefined ? "none" : `"${file}"`}`];
}

/** Words after `ssh` for what the provider does in Go. */
export function likeTheProvider(uri: LibvirtUri, home: string, agent: string | undefined): string[] {
    const options = {
        BatchMode: "yes", StrictHostKeyChecking: "yes", UserKnownHostsFile: `"${join(home, ".ssh", "known_hosts")}"`, GlobalKnownHostsFile: "none",
        HostKeyAlgorithms: HOST_KEYS, PreferredAuthentications: "publickey", ExitOnForwardFailure: "yes", ConnectTimeout: "20",
    };
    return ["-F", "none", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]), ...identity(uri, home, agent)];
}

const atSocket = (socket: string): string => `qemu:///system?socket=${socket.split("/").map(encodeURIComponent).join("/")}`;

function throughTunnel(uri: LibvirtUri, ask: Knock, home: string): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-knock-"));
    const control = ["-S", join(folder, "control")];
    const socket = join(folder, "libvirt");
    try {
        // Goes on in the background once the connection stands.
        execFileSync("ssh", [...likeTheProvider(uri, home, process.env["SSH_AUTH_SOCK"] || undefined), "-f", "-N", "-T", "-M", ...control,
            "-L", `${socket}:${uri.parameters["socket"] ?? PROVIDER_SOCKET}`, ...sshTarget(uri)],
        { encoding: "utf8", timeout: LIMIT_MS, killSignal: "SIGKILL", stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
    } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        return code === "ETIMEDOUT" ? `no connection within ${LIMIT_MS / 1000} s` : (stderr ?? "").trim().replaceAll(/\s*\n\s*/g, ": ") || message;
    }
    try {
        return ask(atSocket(socket));
    } finally {
        execFileSync("ssh", ["-F", "none", ...control, "-O", "exit", ...sshTarget(uri)], { timeout: LIMIT_MS, stdio: "ignore", env: process.env });
        rmSync(folder, { recursive: true, force: true });
    }
}

/** What stops the provider; undefined when nothing does, or when its door is virsh's. */
export function knockLikeTheProvider(uri: LibvirtUri, ask: Knock, home = homedir()): string | undefined {
    if (uri.transport === "ssh") {
        return throughTunnel(uri, ask, home);
    }
    return uri.transport === "unix" && uri.parameters["socket"] === undefined ? ask(atSocket(PROVIDER_SOCKET)) : undefined;
}

/**
 * Knock where the provider will, once virsh got through.
 * @throws ConfigError with what would stop it, and what to do about that
 */
export function requireProvidersDoor(text: string, knock: (uri: LibvirtUri, ask: Knock) => string | undefined = knockLikeTheProvider): void {
    const shut = knock(parseLibvirtUri(text), knockByVirsh);
    if (shut !== undefined) {
        throw new ConfigError([{
            property: "uri", value: text, fix: WAYS_IN.find(([said]) => said.test(shut))?.[1] ?? OTHERWISE,
            allowed: `the URI of a libvirt that answers the provider as well, which comes by a door of its own; virsh got through, the provider would not: ${shut}`,
        }]);
    }
}
