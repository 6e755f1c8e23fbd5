/**
 * The libvirt connection URI. Two programs read it, and each goes its own way: libvirt's client (virsh, with OpenSSH for
 * `+ssh`) and the provider (in Go, with an ssh of its own). What they would understand in different ways is refused.
 */

export type Transport = "unix" | "ssh" | "tcp" | "tls";

/** A URI that both programs understand alike. */
export interface LibvirtUri {
    readonly transport: Transport;
    /** Only of `ssh`, which always has one. */
    readonly user?: string;
    /** Absent for `unix`. An IPv6 address is without its brackets. */
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
const plainPath: Parameter = { values: /^(\/[A-Za-z0-9._-]+)+$/, allowed: "an absolute path out of A-Z a-z 0-9 . _ - and /" };

/**
 * What a URI may say, by its transport. Left out is what reaches virsh alone (command, netcat, proxy, mode, known_hosts),
 * what reaches the provider alone and could send it elsewhere (knownhosts), and every way not to check a key: the
 * provider takes `no_verify=0` for yes.
 */
const PARAMETERS: Readonly<Record<Transport, Readonly<Record<string, Parameter>>>> = {
    unix: { socket: anyPath },
    ssh: {
        socket: plainPath,
        keyfile: plainPath,
        // Heard by the provider alone, which would otherwise ask an agent and no file. It is about who one is, not where to.
        sshauth: { values: /^(agent|privkey)(,(agent|privkey))?$/, allowed: "agent, privkey or both" },
        no_tty: { values: /^1$/, allowed: "1" },
    },
    tcp: {},
    tls: { pkipath: anyPath },
};

const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** Lower case: ssh compares its Host lines so, the provider to the letter. */
const SSH_HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

const EXAMPLES = "qemu:///system or qemu+ssh://user@host/system";

function parameters(transport: Transport, query: string | undefined): Record<string, string> {
    const known = PARAMETERS[transport];
    const found: Record<string, string> = {};
    for (const word of query === undefined ? [] : query.split("&")) {
        const [name = "", raw = "", ...more] = word.split("=");
        const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
        if (parameter === undefined) {
            const names = Object.keys(known);
            throw new Error(`${names.length === 0 ? "no parameters" : `the parameters ${names.join(", ")}`} for this transport, and not ${JSON.stringify(name)}: `
                + "what virsh and the provider understand in different ways would let them go to different places");
        }
        // Go reads + as a space, libvirt does not; both read %20.
        const value = raw.includes("+") || !/^([^%;]|%[0-9A-Fa-f]{2})*$/.test(raw) ? "" : decodeURIComponent(raw);
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
    const match = /^([a-z0-9+]+):\/\/(?:([^@/?#]*)@)?(\[[^\]/?#@]*\]|[^:/?#@]*)(?::([^/?#]*))?(\/[^?#]*)?(?:\?([^#]*))?$/.exec(text);
    if (match === null) {
        throw new Error(`a libvirt connection URI such as ${EXAMPLES}`);
    }
    const [, scheme = "", user, rawHost = "", port, path = "", query] = match;
    const [driver, named, ...rest] = scheme.split("+");
    const transport = named ?? (rawHost === "" ? "unix" : "tls");
    if (driver !== "qemu" || rest.length > 0 || !Object.hasOwn(PARAMETERS, transport)) {
        throw new Error("qemu:, qemu+unix:, qemu+ssh:, qemu+tcp: or qemu+tls:, the transports that the provider has");
    }
    if (path !== "/system") {
        throw new Error(`the path /system, such as ${EXAMPLES}; /session is another daemon to virsh, and the provider does not know it`);
    }
    const kind = transport as Transport;
    if (kind === "unix" ? rawHost !== "" || user !== undefined || port !== undefined : !(IPV6.test(rawHost) || (kind === "ssh" ? SSH_HOST : HOST).test(rawHost))) {
        throw new Error(kind === "unix" ? "no host with a local socket; another host is reached by qemu+ssh://user@host/system"
            : `a host's name or address${kind === "ssh" ? " in lower case" : ""}, without %-signs, such as ${EXAMPLES}`);
    }
    if (kind === "ssh" ? user === undefined || !USER.test(user) : user !== undefined) {
        throw new Error(kind === "ssh" ? "a user and no password, as in qemu+ssh://user@host/system: the provider takes no name from ssh_config, nor yours" : "a user with qemu+ssh only");
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

/**
 * What ssh says when a host's sshd turned it away before either had said who it is: too many came at a time (MaxStartups).
 * Nothing was done there, and it is worth another try, a little later and not all at once.
 */
export const NOT_LET_IN = /(kex|ssh)_exchange_identification/;
export const NOT_LET_IN_PAUSE_MS = (): number => 500 + Math.random() * 1500;
