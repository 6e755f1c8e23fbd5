/**
 * Asks libvirt who it is before anything is declared: the provider would only say "failed to dial libvirt".
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { ConfigError } from "../config/error";
import { callLimitMs, unanswered, unansweredFix } from "./libvirt-limit";
import { type LibvirtUri, parseLibvirtUri } from "../values/libvirt-uri";
import { LIBVIRT_SOCKET, oneSsh } from "./one-ssh";
import { anotherHost, hostIdentity, type HostIdentity } from "../values/host-identity";
import { quote } from "../util/quote";
import { type Answer, type Knock, knockLikeTheProvider } from "./provider-door";

/**
 * Least limit for the one question, in milliseconds; enough for ssh over a slow line, and for a libvirt that
 * asks every QEMU it has.
 */
const LIMIT_MS = 60_000;
/** In bytes: a large host describes each of its processors. */
const MOST = 64 * 2 ** 20;

/** What the reader can do: the same for all, or by the URI. */
type Fix = string | ((uri: LibvirtUri) => string);
type Ways = readonly (readonly [said: RegExp, fix: Fix])[];

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

/** The same where libvirt answered, and its polkit let nobody in: a forwarded socket's user is the ssh's. */
function joinGroupThere(uri: LibvirtUri): string {
    const socket = uri.transport === "unix" ? uri.parameters["socket"] : undefined;
    if (uri.transport !== "unix") {
        return joinGroup(uri);
    }
    // With polkit anybody may open the socket, so its group and mode say nothing.
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

/** What the reader can do, by what libvirt or ssh said. */
const WAYS_OUT: Ways = [
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
const OTHERWISE = "check that libvirt runs there and that you may use it";

/** The same for the provider's own door, where virsh got through. */
const WAYS_IN: Ways = [
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

export const knockByVirsh: Knock = (uri) => {
    const limitMs = callLimitMs(uri, LIMIT_MS);
    try {
        return {
            capabilities: execFileSync("virsh", ["-q", "-c", uri, "capabilities"], {
                encoding: "utf8",
                timeout: limitMs,
                killSignal: "SIGKILL",
                maxBuffer: MOST,
                stdio: ["ignore", "pipe", "pipe"],
                env: { ...process.env, LC_ALL: "C" },
            }),
        };
    } catch (error) {
        const { stderr, code, message, signal } = error as NodeJS.ErrnoException & {
            stderr?: string;
            signal?: string;
        };
        const said = (stderr ?? "")
            .split("\n")
            .map((line) => line.replace(/^error:/, "").trim())
            .filter((line) => line !== "")
            .join(": ");
        return {
            complaint:
                code === "ETIMEDOUT"
                    ? unanswered(["capabilities"], limitMs)
                    : said !== ""
                      ? said
                      : typeof signal === "string"
                        ? `virsh was ended by ${signal}`
                        : message,
        };
    }
};

/**
 * ssh must not ask: the stack's steps have no terminal to be asked on. virsh passes SSH_ASKPASS_REQUIRE on to
 * no ssh.
 */
const unasked = (text: string, uri: LibvirtUri): string =>
    uri.transport !== "ssh" || uri.parameters["no_tty"] !== undefined
        ? text
        : `${text}${text.includes("?") ? "&" : "?"}no_tty=1`;

function fixFor(complaint: string, ways: Ways, uri: string): string {
    if (/had no answer within/.test(complaint)) {
        return unansweredFix(uri, callLimitMs(uri, LIMIT_MS));
    }
    const fix = ways.find(([said]) => said.test(complaint))?.[1] ?? OTHERWISE;
    return typeof fix === "string" ? fix : fix(parseLibvirtUri(uri));
}

/**
 * The host that a URI leads to. Asked twice: as virsh does, which the steps and hooks of a stack run, and as
 * the provider does.
 * @throws ConfigError with libvirt's complaint, or when it does not say which host it is, or the two come to different ones,
 * and what to do about it
 */
export function requireLibvirt(
    text: string,
    knock: Knock = knockByVirsh,
    atTheProvidersDoor: (
        uri: LibvirtUri,
        knock: Knock,
        text: string,
    ) => Answer | undefined = knockLikeTheProvider,
): HostIdentity {
    const refuse = (allowed: string, fix: string): never => {
        throw new ConfigError([{ property: "uri", value: text, allowed, fix }]);
    };
    const uri = parseLibvirtUri(text);
    const identified = (capabilities: string): HostIdentity => {
        const identity = hostIdentity(text, capabilities);
        return "host" in identity
            ? identity.host
            : refuse(
                  `the URI of a libvirt that can be told from others; of this one: ${identity.what}`,
                  identity.fix,
              );
    };
    const answer = knock(unasked(text, uri));
    if ("complaint" in answer) {
        return refuse(
            `the URI of a libvirt that answers; this one: ${answer.complaint}`,
            `${fixFor(answer.complaint, WAYS_OUT, text)}, until this works: virsh -c ${quote(unasked(text, uri))} uri`,
        );
    }
    const host = identified(answer.capabilities);
    const door = atTheProvidersDoor(uri, knock, text);
    if (door === undefined) {
        return host;
    }
    const comesByItsOwn =
        "the URI of a libvirt that answers the provider as well, which comes by a door of its own; virsh got through, the provider would";
    if ("complaint" in door) {
        return refuse(`${comesByItsOwn} not: ${door.complaint}`, fixFor(door.complaint, WAYS_IN, text));
    }
    const other = identified(door.capabilities);
    return anotherHost(host, other) === undefined
        ? host
        : refuse(
              `${comesByItsOwn} come to host ${other}, virsh comes to host ${host}`,
              "give the address of the one that is meant, with its port and socket",
          );
}
