/**
 * The Gateway's ports: the one table that torrc, nftables, policies, documentation and tests read.
 *
 * Numbers are Whonix's (anon-gw-anonymizer-config, tor-service-defaults-torrc.anondist.base), so that
 * applications that know Whonix find what they expect. IsolateClientAddr and IsolateSOCKSAuth are tor's
 * defaults on every port and are nevertheless written out, because the last flag on a line wins (tor(1),
 * "isolation flags").
 */

/** Isolation flags of tor(1) that we use. Every listed flag is written; nothing is left to a default. */
export type IsolationFlag =
    | "IsolateClientAddr"
    | "IsolateSOCKSAuth"
    | "IsolateDestAddr"
    | "IsolateDestPort"
    | "KeepAliveIsolateSOCKSAuth"
    | "ExtendedErrors";

/** One SocksPort of the Gateway. */
export interface SocksPort {
    /** TCP port on the Gateway's inner address. */
    readonly port: number;
    /** Whom the port is for; shown in documentation and comments. */
    readonly application: string;
    readonly flags: readonly IsolationFlag[];
}

/** TCP port that prerouting redirects every other connection to (tor's TransPort; Whonix: 9040). */
export const TRANS_PORT = 9040;
/** UDP port that prerouting redirects DNS to (tor's DNSPort; Whonix: 5300). */
export const DNS_PORT = 5300;
/** TCP port of the control filter (Whonix: 9051), open only to Workstations that the plan gives it to. */
export const CONTROL_PORT = 9051;
/** The port that an application uses when it has none of its own. */
export const DEFAULT_SOCKS_PORT = 9050;
/** Tor Browser's port: it isolates by SOCKS user, one per first-party domain. */
export const TOR_BROWSER_PORT = 9150;

/**
 * Connections that one Workstation may hold to its Gateway at a time. A browser holds dozens, a busy scraper
 * a hundred; with this many each, all Workstations that there are addresses for (244) stay within the files
 * that Debian's unit lets tor open (65,536), and one alone takes a seventh of the connections that a Gateway
 * of 256 MiB can track.
 */
export const CONNECTIONS_PER_WORKSTATION = 256;

const ALWAYS: readonly IsolationFlag[] = ["IsolateClientAddr", "IsolateSOCKSAuth"];
const BY_DESTINATION: readonly IsolationFlag[] = [...ALWAYS, "IsolateDestAddr", "IsolateDestPort"];

/** Flags of TransPort: none by destination, or file sharing would open a circuit for each peer (Whonix). */
export const TRANS_FLAGS: readonly IsolationFlag[] = ["IsolateClientAddr"];
/** Flags of DNSPort. */
export const DNS_FLAGS: readonly IsolationFlag[] = ["IsolateClientAddr", "IsolateDestPort"];

/** Ports for any program: four ranges, one for each way to isolate by destination. */
const CUSTOM = "custom";

const application = (port: number, name: string, flags: readonly IsolationFlag[]): SocksPort => ({
    port,
    application: name,
    flags,
});

const range = (first: number, last: number, flags: readonly IsolationFlag[], name = CUSTOM): SocksPort[] =>
    Array.from({ length: last - first + 1 }, (_, i) => application(first + i, name, flags));

/** Every SocksPort that a Gateway may open, in rising order; custom ones can be left out. */
export const SOCKS_PORTS: readonly SocksPort[] = Object.freeze([
    application(DEFAULT_SOCKS_PORT, "default", ALWAYS),
    application(9101, "irc", BY_DESTINATION),
    application(9102, "mail", BY_DESTINATION),
    application(9103, "messenger", BY_DESTINATION),
    application(9104, "apt", ALWAYS),
    application(9105, "gpg", BY_DESTINATION),
    application(9106, "ssh", BY_DESTINATION),
    application(9107, "git", BY_DESTINATION),
    application(9108, "time", BY_DESTINATION),
    application(9109, "wget", BY_DESTINATION),
    application(9110, "check", BY_DESTINATION),
    application(9111, "bitcoin", ALWAYS),
    application(9114, "news", BY_DESTINATION),
    application(9115, "browser-download", BY_DESTINATION),
    application(9117, "curl", BY_DESTINATION),
    application(9118, "rss", BY_DESTINATION),
    application(TOR_BROWSER_PORT, "tor-browser", [...ALWAYS, "KeepAliveIsolateSOCKSAuth", "ExtendedErrors"]),
    ...range(9152, 9159, ALWAYS),
    ...range(9160, 9169, [...ALWAYS, "IsolateDestAddr"]),
    ...range(9170, 9179, [...ALWAYS, "IsolateDestPort"]),
    ...range(9180, 9189, BY_DESTINATION),
]);

/**
 * Ports that speak HTTP CONNECT, for programs that know no SOCKS (tor(1), HTTPTunnelPort); opened only by
 * name. Numbers are Whonix's.
 */
export const HTTP_TUNNEL_PORTS: readonly SocksPort[] = Object.freeze([
    ...range(9190, 9199, ALWAYS, "http"),
    ...range(9200, 9209, [...ALWAYS, "IsolateDestAddr"], "http"),
    ...range(9210, 9219, [...ALWAYS, "IsolateDestPort"], "http"),
    ...range(9220, 9229, BY_DESTINATION, "http"),
]);

/** SocksPorts that a configuration may leave out. */
export const CUSTOM_PORTS: readonly number[] = Object.freeze(
    SOCKS_PORTS.filter((p) => p.application === CUSTOM).map((p) => p.port),
);

/** What a Gateway opens beyond the fixed ports; the part of a plan that decides it. */
export interface PortChoice {
    /** Absent: all of `CUSTOM_PORTS`. */
    readonly customSocksPorts?: readonly number[];
    /** Absent: none. */
    readonly httpTunnelPorts?: readonly number[];
}

/** SocksPorts that a Gateway opens. */
export const socksPortsOf = ({ customSocksPorts }: PortChoice): readonly SocksPort[] =>
    SOCKS_PORTS.filter(
        (p) => p.application !== CUSTOM || (customSocksPorts ?? CUSTOM_PORTS).includes(p.port),
    );

/** HTTP tunnel ports that a Gateway opens. */
export const httpTunnelPortsOf = ({ httpTunnelPorts = [] }: PortChoice): readonly SocksPort[] =>
    HTTP_TUNNEL_PORTS.filter((p) => httpTunnelPorts.includes(p.port));

/** The choice that leads to these ports; numbers of no table are left out. */
export function portChoice(socks: readonly number[], http: readonly number[]): PortChoice {
    const custom = CUSTOM_PORTS.filter((port) => socks.includes(port));
    const tunnels = HTTP_TUNNEL_PORTS.map((p) => p.port).filter((port) => http.includes(port));
    return {
        ...(custom.length === CUSTOM_PORTS.length ? {} : { customSocksPorts: custom }),
        ...(tunnels.length === 0 ? {} : { httpTunnelPorts: tunnels }),
    };
}

/**
 * The SocksPort of an application by its name in the table.
 * @throws Error when the table has no such application
 */
export function socksPortOf(name: string): number {
    const found = SOCKS_PORTS.find((p) => p.application === name);
    if (found === undefined || name === CUSTOM) {
        const names = SOCKS_PORTS.map((p) => p.application).filter((n) => n !== CUSTOM);
        throw new Error(`no SocksPort for application "${name}"; there are ${names.join(", ")}`);
    }
    return found.port;
}
