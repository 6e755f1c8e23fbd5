import * as fc from "fast-check";
import { gatewayRuleset, openPorts } from "../../../cloud-init/nft/gateway";
import { rulesOf } from "../../../cloud-init/nft/model";
import { workstationRuleset } from "../../../cloud-init/nft/workstation";
import { gatewayListeners, gatewayTorrc } from "../../../cloud-init/torrc/gateway";
import { listenersOf, renderTorrc, torLine, type TorLine } from "../../../cloud-init/torrc/options";
import { DNS_PORT, SOCKS_PORTS, TRANS_PORT } from "../../../values/ports";
import { anyEnclave, AUTHORITY, enclaveOf } from "./plans";

const valuesOf = (lines: readonly TorLine[], option: string): string[] =>
    lines.filter((l) => l.option === option).map((l) => l.value);

/** What tor would read: the file's text, taken apart again. */
const parsed = (text: string): TorLine[] =>
    text
        .trimEnd()
        .split("\n")
        .map((line) => ({
            option: line.slice(0, line.indexOf(" ")) as TorLine["option"],
            value: line.slice(line.indexOf(" ") + 1),
        }));

describe("every Gateway's torrc", () => {
    it("listens on the inner address alone", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const listeners = listenersOf(parsed(renderTorrc(gatewayTorrc(enclave))));
                expect(listeners.length).toBeGreaterThan(0);
                expect(new Set(listeners.map((l) => l.address))).toEqual(
                    new Set([enclave.gateway.inner.address]),
                );
            }),
        );
    });

    it("opens the ports of the table with their flags, each once", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const listeners = listenersOf(parsed(renderTorrc(gatewayTorrc(enclave))));
                const socks = listeners
                    .filter((l) => l.kind === "SocksPort")
                    .map(({ port, flags }) => ({ port, flags }));
                expect(socks).toEqual(SOCKS_PORTS.map(({ port, flags }) => ({ port, flags: [...flags] })));
                const others = listeners
                    .filter((l) => l.kind !== "SocksPort")
                    .map((l) => `${l.kind} ${l.port}`);
                expect(others).toEqual(
                    enclave.transparentProxy ? [`TransPort ${TRANS_PORT}`, `DNSPort ${DNS_PORT}`] : [],
                );
                expect(new Set(listeners.map((l) => l.port)).size).toBe(listeners.length);
            }),
        );
    });

    it("opens HTTP tunnel ports and part of the custom ports when asked to, in torrc and firewalls alike", () => {
        const chosen = enclaveOf({ customSocksPorts: [9160], httpTunnelPorts: [9229, 9190] });
        const listeners = listenersOf(parsed(renderTorrc(gatewayTorrc(chosen))));
        expect(
            listeners.filter((l) => l.port > 9150).map((l) => `${l.kind} ${l.port} ${l.flags.join(" ")}`),
        ).toEqual([
            "SocksPort 9160 IsolateClientAddr IsolateSOCKSAuth IsolateDestAddr",
            "HTTPTunnelPort 9190 IsolateClientAddr IsolateSOCKSAuth",
            "HTTPTunnelPort 9229 IsolateClientAddr IsolateSOCKSAuth IsolateDestAddr IsolateDestPort",
        ]);
        const named = openPorts(chosen);
        expect(named).toEqual(listeners.filter((l) => /Socks|HTTP/.test(l.kind)).map((l) => l.port));
        for (const ruleset of [gatewayRuleset(chosen), workstationRuleset(chosen)]) {
            const rules = [...rulesOf(ruleset)]
                .map(({ rule }) => rule)
                .filter((r) => r.matches.some((m) => m.on === "dport" && m.ports.includes(9160)));
            expect(rules.length).toBeGreaterThan(0);
            expect(
                rules.every((r) =>
                    r.matches.some(
                        (m) =>
                            m.on === "dport" &&
                            m.ports.filter((p) => p !== TRANS_PORT).join() === named.join(),
                    ),
                ),
            ).toBe(true);
        }
    });

    it("isolates clients from each other on every port, and no flag takes that back", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const { flags } of listenersOf(parsed(renderTorrc(gatewayTorrc(enclave))))) {
                    expect(flags).toContain("IsolateClientAddr");
                    expect(flags.filter((f) => /^No|^SessionGroup/i.test(f))).toEqual([]);
                }
            }),
        );
    });

    it("accepts the isolated network and rejects everyone else, in that order", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                expect(valuesOf(gatewayTorrc(enclave), "SocksPolicy")).toEqual([
                    `accept ${enclave.isolated.subnet}`,
                    "reject *",
                ]);
            }),
        );
    });

    it("is a client's, logs no destinations and has no network control port", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const lines = gatewayTorrc(enclave);
                expect(valuesOf(lines, "ClientOnly")).toEqual(["1"]);
                expect(valuesOf(lines, "SafeLogging")).toEqual(["1"]);
                expect(valuesOf(lines, "Log")).toEqual(["notice syslog"]);
                expect(valuesOf(lines, "ClientUseIPv6")).toEqual(["0"]);
                expect(valuesOf(lines, "ControlSocket").every((v) => v.startsWith("/run/tor/"))).toBe(true);
                expect(
                    lines
                        .map((l) => l.option.toLowerCase())
                        .filter((o) =>
                            /^(controlport|orport|dirport|exitpolicy|exitrelay|metricsport|natdport)$/.test(
                                o,
                            ),
                        ),
                ).toEqual([]);
            }),
        );
    });
});

it("uses the private network's authorities only when there is one", () => {
    const own = gatewayTorrc(enclaveOf({}, { torNetwork: { dirAuthorities: [AUTHORITY] } }));
    expect(valuesOf(own, "DirAuthority")).toEqual([AUTHORITY]);
    expect(valuesOf(own, "TestingTorNetwork")).toEqual(["1"]);
    const open = gatewayTorrc(enclaveOf());
    expect([...valuesOf(open, "DirAuthority"), ...valuesOf(open, "TestingTorNetwork")]).toEqual([]);
});

it("refuses values that would leave their line", () => {
    for (const value of ["a\nControlPort 9051", "a\r", "a # b", 'a "b', "a\\", "", " a", "a  b", "\u00e9"]) {
        expect(() => torLine("Bridge", value)).toThrow(/torrc Bridge/);
    }
    expect(torLine("Bridge", "obfs4", "192.0.2.1:443").value).toBe("obfs4 192.0.2.1:443");
});

it("does not overlook a listener that it cannot read", () => {
    for (const value of ["9050", "auto", "0.0.0.0:9050x", "unix:/run/tor/socks", "[::1]:9050"]) {
        expect(() => listenersOf([{ option: "SocksPort", value }])).toThrow(/SocksPort/);
    }
    expect(listenersOf([torLine("SocksPort", "10.152.152.10:9050", "IsolateDestAddr")])).toHaveLength(1);
});

it("has no TransPort or DNSPort without a transparent proxy", () => {
    expect(
        gatewayListeners(enclaveOf({ transparentProxy: false })).filter((l) => l.kind !== "SocksPort"),
    ).toEqual([]);
});
