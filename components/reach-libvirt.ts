/** Asks libvirt who it is before anything is declared: the provider would only say "failed to dial libvirt". */
import { execFileSync } from "node:child_process";
import { ConfigError } from "../config/error";
import { callLimitMs, unanswered, unansweredFix } from "../config/libvirt-limit";
import { type LibvirtUri, parseLibvirtUri } from "../config/libvirt-uri";
import { anotherHost, hostIdentity, type HostIdentity } from "../topology/host-identity";
import { quote } from "./cli-command";
import { type Answer, type Knock, knockLikeTheProvider } from "./provider-door";

/** Least limit for the one question, in milliseconds; enough for ssh over a slow line, and for a libvirt that asks every QEMU it has. */
const LIMIT_MS = 60_000;
/** In bytes: a large host describes each of its processors. */
const MOST = 64 * 2 ** 20;

/** What the reader can do, by what libvirt or ssh said. */
const WAYS_OUT: readonly (readonly [said: RegExp, fix: string])[] = [
    [/host key verification|permission denied \(|could not resolve|connection timed out|no route to host|port \d+:/i, "make `ssh` to that host work without a question first (README: what qemu+ssh needs)"],
    [/permission denied|authentication|access denied|polkit/i, "join the group that may use libvirt on that host (Debian: adduser USER libvirt, then log in again)"],
    [/\bnc\b.*not found/i, "install nc on that host (Debian: apt-get install netcat-openbsd): for a URI with a socket virsh runs it there"],
    [/no such file|connection refused|failed to connect socket/i, "start libvirt on that host (Debian: apt-get install libvirt-daemon-system; systemctl start libvirtd)"],
];
const OTHERWISE = "check that libvirt runs there and that you may use it";

/** The same for the provider's own door, where virsh got through. */
const WAYS_IN: readonly (readonly [said: RegExp, fix: string])[] = [
    [/host key/i, "have the host's ed25519 key (its RSA key, if it has none) in $HOME/.ssh/known_hosts, once you have compared it: ssh -o HostKeyAlgorithms=ssh-ed25519"],
    [/permission denied|too many authentication/i, "load the key into the agent that SSH_AUTH_SOCK names, or have the provider ask none: a keyfile without a passphrase in the URI, and sshauth=privkey"],
    [/forward|open failed|prohibited|cannot recv data|end of file/i, "allow forwarding to sockets in that host's sshd_config (AllowStreamLocalForwarding yes, and no DisableForwarding), and have libvirt's socket where the URI says"],
    [/no such file|connection refused|failed to connect socket/i, "start libvirtd, or in a modular libvirt the proxy that keeps its socket (systemctl enable --now virtproxyd.socket)"],
];

export const knockByVirsh: Knock = (uri) => {
    const limitMs = callLimitMs(uri, LIMIT_MS);
    try {
        return { capabilities: execFileSync("virsh", ["-q", "-c", uri, "capabilities"],
            { encoding: "utf8", timeout: limitMs, killSignal: "SIGKILL", maxBuffer: MOST, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } }) };
    } catch (error) {
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        const said = (stderr ?? "").split("\n").map((line) => line.replace(/^error:/, "").trim()).filter((line) => line !== "").join(": ");
        return { complaint: code === "ETIMEDOUT" ? unanswered(["capabilities"], limitMs) : said === "" ? message : said };
    }
};

/** ssh must not ask: the stack's steps have no terminal to be asked on. virsh passes SSH_ASKPASS_REQUIRE on to no ssh. */
const unasked = (text: string, uri: LibvirtUri): string =>
    uri.transport !== "ssh" || uri.parameters["no_tty"] !== undefined ? text : `${text}${text.includes("?") ? "&" : "?"}no_tty=1`;

const wayOut = (complaint: string, ways: typeof WAYS_OUT, uri: string): string =>
    (/had no answer within/.test(complaint) ? unansweredFix(uri, callLimitMs(uri, LIMIT_MS)) : ways.find(([said]) => said.test(complaint))?.[1] ?? OTHERWISE);

/**
 * The host that a URI leads to. Asked twice: as virsh does, which the steps and hooks of a stack run, and as the provider does.
 * @throws ConfigError with libvirt's complaint, or when it does not say which host it is, or the two come to different ones,
 * and what to do about it
 */
export function requireLibvirt(text: string, knock: Knock = knockByVirsh, atTheProvidersDoor: (uri: LibvirtUri, knock: Knock, text: string) => Answer | undefined = knockLikeTheProvider): HostIdentity {
    const refuse = (allowed: string, fix: string): never => {
        throw new ConfigError([{ property: "uri", value: text, allowed, fix }]);
    };
    const uri = parseLibvirtUri(text);
    const identified = (capabilities: string): HostIdentity => {
        const identity = hostIdentity(text, capabilities);
        return "host" in identity ? identity.host : refuse(`the URI of a libvirt that can be told from others; of this one: ${identity.what}`, identity.fix);
    };
    const answer = knock(unasked(text, uri));
    if ("complaint" in answer) {
        return refuse(`the URI of a libvirt that answers; this one: ${answer.complaint}`,
            `${wayOut(answer.complaint, WAYS_OUT, text)}, until this works: virsh -c ${quote(unasked(text, uri))} uri`);
    }
    const host = identified(answer.capabilities);
    const door = atTheProvidersDoor(uri, knock, text);
    if (door === undefined) {
        return host;
    }
    const comesByItsOwn = "the URI of a libvirt that answers the provider as well, which comes by a door of its own; virsh got through, the provider would";
    if ("complaint" in door) {
        return refuse(`${comesByItsOwn} not: ${door.complaint}`, wayOut(door.complaint, WAYS_IN, text));
    }
    const other = identified(door.capabilities);
    return anotherHost(host, other) === undefined ? host
        : refuse(`${comesByItsOwn} come to host ${other}, virsh comes to host ${host}`, "give the address of the one that is meant, with its port and socket");
}
