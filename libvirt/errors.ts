/** What libvirt, virsh and ssh say when something is wrong, and what the reader can do about it. */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { type LibvirtUri, parseLibvirtUri } from "../values/libvirt-uri";
import { callLimitMs, LIMIT_VARIABLE } from "./limits";
import { LIBVIRT_SOCKET, oneSsh, oneSshInstead } from "./one-ssh";

/** How a call ended. `lost` is a connection that was there and broke: worth another try. */
export type VirshOutcome =
    | "ok"
    | "missing"
    | "time-out"
    | "refused"
    | "lost"
    | "no-domain"
    | "no-network"
    | "no-pool"
    | "no-volume"
    | "error";

/**
 * libvirt's own words. virsh's "failed to get ..." is said of a broken connection, too, and tells nothing.
 */
const PATTERNS: readonly (readonly [RegExp, VirshOutcome])[] = [
    [
        /failed to connect to the hypervisor|no connection driver available|Cannot use direct socket mode/i,
        "refused",
    ],
    [
        /Cannot recv data|Cannot write data|End of file while reading|client socket is closed|Disconnected from|keepalive/i,
        "lost",
    ],
    [/Domain not found/i, "no-domain"],
    [/Network not found/i, "no-network"],
    [/Storage volume not found/i, "no-volume"],
    [/Storage pool not found/i, "no-pool"],
];

/** Of a domain virsh says no more than this, whatever the reason. */
export const NO_REASON = /^error: failed to get domain '(.*)'$/m;

/**
 * What ssh says when a host's sshd turned it away before either had said who it is: too many came at a time
 * (MaxStartups). Nothing was done there, and it is worth another try.
 */
export const TURNED_AWAY = /(kex|ssh)_exchange_identification/;

/** Sort libvirt's messages (in the C locale) into what callers decide on. */
export function classify(stderr: string): VirshOutcome {
    return PATTERNS.find(([pattern]) => pattern.test(stderr))?.[1] ?? "error";
}

const linesOf = (stderr: string): string[] =>
    stderr
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
const withoutMark = (line: string): string => line.replace(/^error:\s*/, "");

/** virsh's complaints, a line each; ssh or a library may have written other lines. */
export const errorLines = (stderr = ""): string[] =>
    linesOf(stderr)
        .filter((line) => line.startsWith("error:"))
        .map(withoutMark)
        .filter((line) => line !== "");

/** virsh's complaints as one line; where there is none, every line. */
export function complaint(stderr: string): string {
    const errors = errorLines(stderr);
    return [...new Set(errors.length > 0 ? errors : linesOf(stderr))].join(": ");
}

/** Every line as one: what ssh says may go on in lines of its own. */
export const wholeComplaint = (stderr: string): string => linesOf(stderr).map(withoutMark).join(": ");

/** What was asked and not answered. */
export const unanswered = (args: readonly string[], limitMs: number): string =>
    `virsh ${args.join(" ")} had no answer within ${Math.max(1, Math.round(limitMs / 1000))} s`;

function parsed(uri: string): LibvirtUri | undefined {
    try {
        return parseLibvirtUri(uri);
    } catch {
        return undefined; // of a test, or of a state that another program made
    }
}

/**
 * What to do about a call that was not answered in time.
 * @param limitMs the limit that it had
 */
export function unansweredFix(uri: string, limitMs = callLimitMs(uri)): string {
    const known = parsed(uri);
    const socket = known?.transport === "unix" ? known.parameters["socket"] : undefined;
    const again =
        socket === undefined
            ? ""
            : `; if an ssh forwards ${socket}, end it and start it again: ${oneSsh("user@host", socket)}`;
    const first =
        known?.transport === "ssh"
            ? oneSshInstead(known)
            : `see whether libvirt answers: virsh -c '${uri}' version${again}`;
    return `${first}; for one that is only slow raise the limit: export ${LIMIT_VARIABLE}=${Math.min(3600, Math.ceil(limitMs / 500))}`;
}

/**
 * What the reader can do about an outcome that no retry helps. `limitMs` is the call's, where it was another
 * than its URI's.
 */
export function virshFix(outcome: VirshOutcome, uri: string, limitMs?: number): string {
    switch (outcome) {
        case "missing":
            return "apt install libvirt-clients";
        case "refused":
        case "lost":
            return `check that libvirtd runs there and that you may use it: virsh -c '${uri}' version`;
        case "time-out":
            return unansweredFix(uri, limitMs);
        default:
            return `look at it with virsh -c '${uri}' list --all`;
    }
}

/** What the reader can do, by what was said: the same for all URIs, or by the URI. */
export type Hints = readonly (readonly [said: RegExp, fix: string | ((uri: LibvirtUri) => string)])[];

const join = (group: string, user: string, where: string): string =>
    `on ${where}: sudo usermod -aG ${group} ${user}, then log in there again: a group counts from the next login on`;

/**
 * How a user may come to use libvirt: by the group of its socket (unix_sock_group in libvirtd.conf), from the
 * next login on.
 */
function joinGroup(uri: LibvirtUri): string {
    if (uri.transport !== "unix") {
        return join(
            "libvirt",
            uri.user ?? "USER",
            `${uri.host}, whose group for libvirt is libvirt on Debian, Ubuntu and Fedora`,
        );
    }
    const user = userInfo().username;
    const socket = uri.parameters["socket"] ?? LIBVIRT_SOCKET;
    try {
        const { gid, mode, uid } = statSync(socket);
        const group =
            execFileSync("getent", ["group", String(gid)], { encoding: "utf8" }).split(":")[0] ?? "";
        return (mode & 0o060) === 0o060 && gid !== 0
            ? join(group, user, "this machine")
            : `${socket} is for user ${uid} alone: be that one, or start the ssh that forwards it as ${user}: ${oneSsh("user@host", socket)}`;
    } catch {
        return join("libvirt", user, "this machine");
    }
}

/** The same where libvirt answered, and its polkit refused the user: a forwarded socket's user is the ssh's. */
function joinGroupThere(uri: LibvirtUri): string {
    if (uri.transport !== "unix") {
        return joinGroup(uri);
    }
    const socket = uri.parameters["socket"];
    // With polkit anyone may open the socket, so its group and mode say nothing.
    return socket === undefined
        ? join("libvirt", userInfo().username, "this machine")
        : join(
              "libvirt",
              "USER",
              `the host that ${socket} leads to, USER being the one of the ssh that forwards it`,
          );
}

/**
 * For a socket that nothing good listens at: where the URI names one, mostly an ssh's that has ended, or
 * whose other end has.
 */
const listen =
    (otherwise: string, more = "") =>
    (uri: LibvirtUri): string => {
        const socket = uri.transport === "unix" ? uri.parameters["socket"] : undefined;
        return socket === undefined
            ? otherwise
            : `if an ssh forwards ${socket}, end it and start it again: ${oneSsh("user@host", socket)}${more}; if libvirt itself listens there, ${otherwise}`;
    };

const START =
    "start libvirt on that host (Debian: apt-get install libvirt-daemon-system; systemctl start libvirtd)";

/** Where virsh does not reach libvirt. */
export const VIRSH_HINTS: Hints = [
    [
        /host key verification|permission denied \(|could not resolve|connection timed out|no route to host|port \d+:/i,
        "make `ssh` to that host work without a question first (docs/remote-hosts.md: what qemu+ssh needs)",
    ],
    [/authentication|access denied|polkit/i, joinGroupThere],
    [/permission denied/i, joinGroup],
    [
        /\bnc\b.*not found/i,
        "install nc on that host (Debian: apt-get install netcat-openbsd): for a URI with a socket virsh runs it there",
    ],
    [/no such file|connection refused|failed to connect socket/i, listen(START)],
    // A virsh that is hung up on while it writes says nothing.
    // Nor does one whose ssh's user may not open libvirt's socket at the other end.
    [
        /end of file|connection reset|ended by SIGPIPE/i,
        listen(
            "see why it hangs up: journalctl -u libvirtd",
            " (as a user of that host's group libvirt: sudo usermod -aG libvirt user)",
        ),
    ],
];

/** Where virsh reaches libvirt, and the provider does not. */
export const PROVIDER_HINTS: Hints = [
    [
        /host key/i,
        "have the host's ed25519 key (its RSA key, if it has none) in $HOME/.ssh/known_hosts, once you have compared it: ssh -o HostKeyAlgorithms=ssh-ed25519",
    ],
    [
        /permission denied|too many authentication/i,
        "load the key into the agent that SSH_AUTH_SOCK names, or have the provider ask none: a keyfile without a passphrase in the URI, and sshauth=privkey",
    ],
    [
        /forward|open failed|prohibited|cannot recv data|end of file/i,
        "allow forwarding to sockets in that host's sshd_config (AllowStreamLocalForwarding yes, and no DisableForwarding), and have libvirt's socket where the URI says",
    ],
    [
        /no such file|connection refused|failed to connect socket/i,
        "start libvirtd, or in a modular libvirt the proxy that keeps its socket (systemctl enable --now virtproxyd.socket)",
    ],
];

/** The first hint for what was said. */
export function hintFor(said: string, hints: Hints, uri: LibvirtUri): string {
    const fix =
        hints.find(([pattern]) => pattern.test(said))?.[1] ??
        "check that libvirt runs there and that you may use it";
    return typeof fix === "string" ? fix : fix(uri);
}
