import {
    CUSTOM_PORTS,
    DNS_FLAGS,
    DNS_PORT,
    HTTP_TUNNEL_PORTS,
    SOCKS_PORTS,
    TRANS_FLAGS,
    TRANS_PORT,
} from "../../../values/ports";
import { eachTorrc, listenersOf, wrongLine, wrongTorrc } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const TABLE: ReadonlyMap<string, readonly string[]> = new Map([
    ...SOCKS_PORTS.map((p): [string, readonly string[]] => [`socksport ${p.port}`, p.flags]),
    ...HTTP_TUNNEL_PORTS.map((p): [string, readonly string[]] => [`httptunnelport ${p.port}`, p.flags]),
    [`transport ${TRANS_PORT}`, TRANS_FLAGS],
    [`dnsport ${DNS_PORT}`, DNS_FLAGS],
]);
const shown = (flags: readonly string[]): string =>
    [...flags]
        .map((f) => f.toLowerCase())
        .sort()
        .join(" ");

const rule: Rule = {
    id: "TR-06",
    title: "Each port has the isolation of the port table, and only its ports are opened",
    why:
        "Ports for single destinations are isolated by destination; a port that the table does not " +
        "know has no owner.",
    severity: "high",
    fix: "Use the ports of docs/ports.md; torrc, firewall and applications are made of that list.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => {
            const all = listenersOf(torrc);
            const open = new Set(all.map((l) => `${l.kind} ${l.port}`));
            return [
                ...all.flatMap((l) => {
                    const flags = TABLE.get(`${l.kind} ${l.port}`);
                    return flags !== undefined && shown(flags) === shown(l.flags)
                        ? []
                        : [
                              wrongLine(
                                  torrc,
                                  l.line,
                                  flags === undefined
                                      ? "the port table has no such port"
                                      : `the port table has ${flags.join(" ")}`,
                              ),
                          ];
                }),
                ...SOCKS_PORTS.filter(
                    (p) => !CUSTOM_PORTS.includes(p.port) && !open.has(`socksport ${p.port}`),
                ).map((p) =>
                    wrongTorrc(
                        torrc,
                        `SocksPort ${p.port}`,
                        `SocksPort ${p.port} (${p.application}) is missing`,
                    ),
                ),
            ];
        }),
};

export default rule;
