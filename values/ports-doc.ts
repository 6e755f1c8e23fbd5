/** docs/ports.md, from the table of ports itself. */
import { INNER_GATEWAY } from "./addresses";
import {
    CONNECTIONS_PER_WORKSTATION,
    CONTROL_PORT,
    DNS_FLAGS,
    DNS_PORT,
    HTTP_TUNNEL_PORTS,
    SOCKS_PORTS,
    TRANS_FLAGS,
    TRANS_PORT,
    type IsolationFlag,
    type SocksPort,
} from "./ports";

/** What each flag of tor(1) keeps apart; the other flags isolate nothing. */
const APART: Readonly<Partial<Record<IsolationFlag, string>>> = {
    IsolateClientAddr: "Workstation",
    IsolateSOCKSAuth: "SOCKS user",
    IsolateDestAddr: "destination address",
    IsolateDestPort: "destination port",
};

const apart = (flags: readonly IsolationFlag[], words = APART): string =>
    flags.flatMap((flag) => words[flag] ?? []).join(", ");

/**
 * On an HTTP tunnel port tor takes these headers for SOCKS's user and password
 * (connection_ap_process_http_connect).
 */
const HTTP_APART: typeof APART = { ...APART, IsolateSOCKSAuth: "proxy user" };

/** Neighbours of one application and isolation make one row. */
function rows(ports: readonly SocksPort[], words = APART): string[] {
    const groups: { first: number; last: number; port: SocksPort }[] = [];
    for (const port of ports) {
        const group = groups.at(-1);
        if (
            group !== undefined &&
            group.last + 1 === port.port &&
            group.port.application === port.application &&
            apart(group.port.flags) === apart(port.flags)
        ) {
            group.last = port.port;
        } else {
            groups.push({ first: port.port, last: port.port, port });
        }
    }
    return groups.map(
        ({ first, last, port }) =>
            `| ${first === last ? first : `${first} to ${last}`} | ${port.application} | ${apart(port.flags, words)} |`,
    );
}

const table = (what: string, ...lines: readonly string[]): string[] => [
    `| port | ${what} | circuits apart by |`,
    "|---|---|---|",
    ...lines,
    "",
];

export const renderPorts = (): string =>
    [
        "# The Gateway's ports",
        "",
        "<!-- Generated from values/ports.ts; do not edit. -->",
        "",
        `All at ${INNER_GATEWAY}, on the isolated network alone. Ports never share circuits; within a port, circuits are apart`,
        "by what its row names. The numbers are Whonix's. When to use which: [egress.md](egress.md).",
        `A Workstation has at most ${CONNECTIONS_PER_WORKSTATION} connections to TCP ports at a time, all ports together; further ones are dropped until one ends.`,
        "",
        "## SocksPorts",
        "",
        "`customSocksPorts` of an enclave opens only some of the custom ones.",
        "",
        ...table("for", ...rows(SOCKS_PORTS)),
        "## HTTP tunnel ports",
        "",
        "For programs that speak HTTP CONNECT and no SOCKS. None is open unless `httpTunnelPorts` names it. A proxy user is what a",
        "program sends as `Proxy-Authorization`, in which tor checks nothing, or as tor's own `X-Tor-Stream-Isolation`.",
        "",
        ...table("for", ...rows(HTTP_TUNNEL_PORTS, HTTP_APART)),
        "## Others",
        "",
        "The first two take what the firewall redirects to them and no other packets; `transparentProxy: false` closes them.",
        "",
        ...table(
            "what",
            `| ${TRANS_PORT} | transparent proxy (TransPort): any other TCP | ${apart(TRANS_FLAGS)} |`,
            `| ${DNS_PORT} | names (DNSPort): any DNS query, UDP | ${apart(DNS_FLAGS)} |`,
            `| ${CONTROL_PORT} | filtered control port, for Workstations with \`control: true\` | - |`,
        ),
    ]
        .join("\n")
        .trimEnd() + "\n";
