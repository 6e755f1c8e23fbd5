/** Asks libvirt for a sign of life before anything is declared: the provider would only say "failed to dial libvirt". */
import { execFileSync } from "node:child_process";
import { ConfigError } from "../config/error";
import { type LibvirtUri, parseLibvirtUri } from "../config/libvirt-uri";
import { quote } from "./cli-command";
import { knockLikeTheProvider } from "./provider-door";

/** Limit for the one question, in milliseconds; enough for ssh over a slow line. */
const LIMIT_MS = 20_000;

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

/** Asks, and gives libvirt's complaint; undefined when it answers. */
export type Knock = (uri: string) => string | undefined;

export const knockByVirsh: Knock = (uri) => {
    try {
        execFileSync("virsh", ["-q", "-c", uri, "uri"], { encoding: "utf8", timeout: LIMIT_MS, killSignal: "SIGKILL", stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
        return undefined;
    } catch (error) {
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        const said = (stderr ?? "").split("\n").map((line) => line.replace(/^error:/, "").trim()).filter((line) => line !== "").join(": ");
        return code === "ETIMEDOUT" ? `it did not answer within ${LIMIT_MS / 1000} s` : said === "" ? message : said;
    }
};

/** ssh must not ask: the stack's steps have no terminal to be asked on. virsh passes SSH_ASKPASS_REQUIRE on to no ssh. */
const unasked = (text: string, uri: LibvirtUri): string =>
    uri.transport !== "ssh" || uri.parameters["no_tty"] !== undefined ? text : `${text}${text.includes("?") ? "&" : "?"}no_tty=1`;

const wayOut = (complaint: string, ways: typeof WAYS_OUT): string => ways.find(([said]) => said.test(complaint))?.[1] ?? OTHERWISE;

/**
 * Ask twice: as virsh does, which the steps and hooks of a stack run, and as the provider does.
 * @throws ConfigError with libvirt's complaint, and what to do about it
 */
export function requireLibvirt(text: string, knock: Knock = knockByVirsh, atTheProvidersDoor: (uri: LibvirtUri, ask: Knock) => string | undefined = knockLikeTheProvider): void {
    const uri = parseLibvirtUri(text);
    const complaint = knock(unasked(text, uri));
    if (complaint !== undefined) {
        throw new ConfigError([{
            property: "uri", value: text, allowed: `the URI of a libvirt that answers; this one: ${complaint}`,
            fix: `${wayOut(complaint, WAYS_OUT)}, until this works: virsh -c ${quote(unasked(text, uri))} uri`,
        }]);
    }
    const shut = atTheProvidersDoor(uri, knock);
    if (shut !== undefined) {
        throw new ConfigError([{
            property: "uri", value: text, fix: wayOut(shut, WAYS_IN),
            allowed: `the URI of a libvirt that answers the provider as well, which comes by a door of its own; virsh got through, the provider would not: ${shut}`,
        }]);
    }
}
