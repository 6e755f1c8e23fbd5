/**
 * The libvirt connection URI. Two programs read it, and each goes its own way: libvirt's client (virsh, with
 * OpenSSH for `+ssh`) and the provider (in Go, with an ssh of its own). What they would understand in
 * different ways is refused.
 */

import { own } from "../util/own";
import ipaddr from "ipaddr.js";
import { plainPath } from "./host-paths";

/** libvirt's own TCP and TLS ports are not among them: HS-08 refuses a stack that uses one. */
type Transport = "unix" | "ssh";

/** A URI that both programs understand alike. */
export interface LibvirtUri {
    readonly transport: Transport;
    /** Only of `ssh`, which always has one. */
    readonly user?: string;
    /** Only of `ssh`. An IPv6 address is without its brackets. */
    readonly host?: string;
    readonly port?: number;
    /** Decoded values by their names, each there once. */
    readonly parameters: Readonly<Record<string, string>>;
}

interface Parameter {
    readonly values: RegExp;
    readonly allowed: string;
}

const anyPath: Parameter = { values: /^\/[\x20-\x7e]+$/, allowed: "an absolute path" };
/** Passes a shell of the host's, and Go's os.ExpandEnv. */
const safePath: Parameter = {
    values: /^(\/[A-Za-z0-9._-]+)+$/,
    allowed: "an absolute path out of A-Z a-z 0-9 . _ - and /",
};

/**
 * The one list of accepted URIs: the transports, and what a URI of each may say. The configuration and HS-08
 * read it (uriObjection). Left out is what reaches virsh alone (command, netcat, proxy, mode,
 * known_hosts), what reaches the provider alone and could send it elsewhere (knownhosts), and every way not
 * to check a key: the provider takes `no_verify=0` for yes.
 */
const ACCEPTED: Readonly<Record<Transport, Readonly<Record<string, Parameter>>>> = {
    unix: { socket: anyPath },
    ssh: {
        socket: safePath,
        keyfile: safePath,
        // Heard by the provider alone, which would otherwise ask an agent and no file. It is about who one
        // is, not where to.
        sshauth: { values: /^(agent|privkey)(,(agent|privkey))?$/, allowed: "agent, privkey or both" },
        no_tty: { values: /^1$/, allowed: "1" },
    },
};

const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** Lower case: ssh compares its Host lines so, the provider to the letter. */
const SSH_HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** For messages. */
export const URI_EXAMPLES = "qemu:///system or qemu+ssh://user@host/system";

/** One line, short enough for messages. */
const TEXT = /^[\x20-\x7e]{1,400}$/;

function parameters(transport: Transport, query: string | undefined): Record<string, string> {
    const known = own(ACCEPTED, transport) ?? {};
    const found: Record<string, string> = {};
    for (const word of query === undefined ? [] : query.split("&")) {
        const [name = "", raw = "", ...more] = word.split("=");
        const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
        if (parameter === undefined) {
            throw new Error(
                `the parameters ${Object.keys(known).join(", ")} for this transport, and not ${JSON.stringify(name)}: ` +
                    "what virsh and the provider understand in different ways would let them go to different places",
            );
        }
        // Go reads + as a space, libvirt does not; both read %20.
        const value =
            raw.includes("+") || !/^([^%;]|%[0-9A-Fa-f]{2})*$/.test(raw) ? "" : decodeURIComponent(raw);
        if (more.length > 0 || name in found || !parameter.values.test(value)) {
            throw new Error(`${name} once, as ${parameter.allowed}`);
        }
        found[name] = value;
    }
    return found;
}

/**
 * Read a URI.
 * @throws Error that says what is allowed
 */
export function parseLibvirtUri(text: string): LibvirtUri {
    const match =
        /^([a-z0-9+]+):\/\/(?:([^@/?#]*)@)?(\[[^\]/?#@]*\]|[^:/?#@]*)(?::([^/?#]*))?(\/[^?#]*)?(?:\?([^#]*))?$/.exec(
            text,
        );
    if (match === null || !TEXT.test(text)) {
        throw new Error(`a libvirt connection URI such as ${URI_EXAMPLES}`);
    }
    const [, scheme = "", user, rawHost = "", port, path = "", query] = match;
    const [driver, named, ...rest] = scheme.split("+");
    const transport = named ?? (rawHost === "" ? "unix" : "tls");
    if (driver !== "qemu" || rest.length > 0 || !Object.hasOwn(ACCEPTED, transport)) {
        throw new Error(
            `qemu:, qemu+unix: or qemu+ssh:, such as ${URI_EXAMPLES}: libvirt's own TCP and TLS ports are open to all ` +
                "that reach them, and other transports the provider does not have",
        );
    }
    if (path !== "/system") {
        throw new Error(
            `the path /system, such as ${URI_EXAMPLES}; /session is another daemon to virsh, and the provider does not know it`,
        );
    }
    const kind = transport as Transport;
    if (
        kind === "unix"
            ? rawHost !== "" || user !== undefined || port !== undefined
            : !((IPV6.test(rawHost) && ipaddr.IPv6.isValid(rawHost.slice(1, -1))) || SSH_HOST.test(rawHost))
    ) {
        throw new Error(
            kind === "unix"
                ? "no host with a local socket; another host is reached by qemu+ssh://user@host/system"
                : `a host's name or address in lower case, without %-signs, such as ${URI_EXAMPLES}`,
        );
    }
    if (kind === "ssh" ? user === undefined || !USER.test(user) : user !== undefined) {
        throw new Error(
            kind === "ssh"
                ? "a user and no password, as in qemu+ssh://user@host/system: the provider takes no name from ssh_config, nor yours"
                : "a user with qemu+ssh only",
        );
    }
    if (port !== undefined && !(/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535)) {
        throw new Error("a port from 1 to 65535");
    }
    return {
        transport: kind,
        ...(user === undefined ? {} : { user }),
        ...(rawHost === "" ? {} : { host: rawHost.replace(/^\[|\]$/g, "") }),
        ...(port === undefined ? {} : { port: Number(port) }),
        parameters: parameters(kind, query),
    };
}

/** Why a URI is not accepted; undefined: it is. */
export function uriObjection(text: string): string | undefined {
    try {
        parseLibvirtUri(text);
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/**
 * Where libvirt listens when the URI does not say otherwise: the one daemon's socket, or the QEMU daemon's of a
 * modular set-up.
 */
const DEFAULT_SOCKETS: readonly string[] = ["/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock"];

/** /var/run is /run (file-hierarchy(7)). Links of a host's own are not seen. */
const plainSocket = (path: string): string => plainPath(path).replace(/^\/var\/run\//, "/run/");

/**
 * An address in its one spelling: `::ffff:192.0.2.1`, `0x7f.1` and the like are read as ssh's resolver reads
 * them.
 */
function plainHost(host: string): string {
    const address = ipaddr.isValid(host) ? ipaddr.process(host) : undefined;
    return address === undefined ? host : address.toString();
}

const isLoopback = (host: string): boolean =>
    host === "localhost" ||
    host.endsWith(".localhost") ||
    /^ip6-(localhost|loopback)$/.test(host) ||
    (ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback");

/** Key of this machine's own libvirt. */
export const LOCAL_HOST = "local";

/**
 * The libvirt that a URI leads to, equal for every spelling of it. Who asks (user, keyfile, sshauth, no_tty)
 * is no part of it; port 22 of this very machine is this machine. Two names of one machine, or a port that is
 * forwarded to another, no spelling tells: a stack with two of these keys is refused (HS-19).
 */
function hostKey({ transport, host = "", port = 22, parameters: { socket = "" } }: LibvirtUri): string {
    const path = plainSocket(socket);
    const where =
        transport === "unix" || (isLoopback(host) && port === 22)
            ? LOCAL_HOST
            : `${plainHost(host)} port ${port}`;
    return `${where}${socket === "" || DEFAULT_SOCKETS.includes(path) ? "" : ` socket ${path}`}`;
}

/**
 * The same of a text; what is no URI that both programs understand alike is only equal to itself. An empty
 * query says nothing to either.
 */
export function hostKeyOf(text: string): string {
    try {
        return hostKey(parseLibvirtUri(text.replace(/\?$/, "")));
    } catch {
        return `uri ${text}`;
    }
}
