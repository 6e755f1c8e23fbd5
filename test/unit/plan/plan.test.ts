import fc from "fast-check";
import { parseConfig } from "../../../config/parse";
import {
    AUTOMAP_SUBNET,
    INNER_GATEWAY,
    INNER_SUBNET,
    contains,
    fromNumber,
    innerMac,
    innerMacs,
    isAddress,
    overlap,
    parseSubnet,
    subnetAround,
    toNumber,
} from "../../../values/addresses";
import { buildPlan } from "../../../plan/build";
import { findConflicts } from "../../../plan/conflicts";
import { MAX_INTERFACE_NAME, bridgeName, digest, externalMac, externalSubnet } from "../../../values/names";
import { DNS_PORT, HTTP_TUNNEL_PORTS, SOCKS_PORTS, TRANS_PORT, socksPortOf } from "../../../values/ports";
import { placed } from "../../support/placed";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
const identity = fc.record({ project: name, stack: name, enclave: name });
const config = fc
    .tuple(names, names)
    .map(([enclaves, workstations]) => ({
        enclaves: enclaves.map((e) => ({
            name: e,
            workstations: placed(...workstations.map((w) => ({ name: w }))),
        })),
    }));

describe("addresses", () => {
    it("turns numbers into dotted quads and back", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 0, max: 2 ** 32 - 1 }),
                (n) => toNumber(fromNumber(n)) === n && isAddress(fromNumber(n)),
            ),
        );
    });

    it("agrees with a count of addresses on whether two subnets overlap", () => {
        const subnet = fc
            .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 27, max: 32 }))
            .map(([host, prefix]) => parseSubnet(`192.0.2.${host - (host % 2 ** (32 - prefix))}/${prefix}`));
        const members = (s: { network: number; prefix: number }): number[] =>
            Array.from({ length: 2 ** (32 - s.prefix) }, (_, i) => s.network + i);
        fc.assert(
            fc.property(
                subnet,
                subnet,
                (a, b) => overlap(a, b) === members(a).some((n) => members(b).includes(n)),
            ),
        );
    });

    it("finds the subnet around an address", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 0, max: 2 ** 32 - 1 }),
                fc.integer({ min: 0, max: 32 }),
                (n, prefix) => {
                    const subnet = subnetAround(fromNumber(n), prefix);
                    return subnet.prefix === prefix && contains(subnet, fromNumber(n));
                },
            ),
        );
        expect(() => subnetAround("192.0.2.9", 33)).toThrow("not an IPv4 subnet");
    });

    it.each([
        "192.0.2.1",
        "192.0.2.0/33",
        "192.0.2.0/x",
        "192.0.2/24",
        "0300.0.2.0/24",
        "192.0.2.1/24",
        "192.0.2.0/24/1",
        "",
    ])("refuses the subnet %p", (text) => {
        expect(() => parseSubnet(text)).toThrow();
    });

    it("derives a MAC from an inner address", () => {
        expect(innerMac("10.152.152.10")).toBe("52:54:00:98:98:0a");
        expect(innerMacs().size).toBe(245);
        expect(
            ["09", "0a", "0b", "fe", "ff"].map((last) => innerMacs().has(`52:54:00:98:98:${last}`)),
        ).toEqual([false, true, true, true, false]);
    });
});

describe("names", () => {
    it("makes bridges that Linux takes, and other ones for other enclaves", () => {
        fc.assert(
            fc.property(identity, identity, (a, b) => {
                const bridges = [
                    bridgeName(a, "isolated"),
                    bridgeName(a, "external"),
                    bridgeName(b, "isolated"),
                ];
                expect(bridges.every((x) => x.length <= MAX_INTERFACE_NAME)).toBe(true);
                expect(bridges[0]).not.toBe(bridges[1]);
                expect(bridges[0] === bridges[2]).toBe(
                    JSON.stringify([a.project, a.stack, a.enclave]) ===
                        JSON.stringify([b.project, b.stack, b.enclave]),
                );
            }),
        );
    });

    it("does not confuse a-b/c with a/b-c", () => {
        expect(digest(8, "a-b", "c")).not.toBe(digest(8, "a", "b-c"));
    });

    it("derives an external subnet that touches no reserved range", () => {
        fc.assert(
            fc.property(identity, (id) => {
                const subnet = parseSubnet(externalSubnet(id));
                expect(
                    overlap(subnet, parseSubnet(INNER_SUBNET)) ||
                        overlap(subnet, parseSubnet(AUTOMAP_SUBNET)),
                ).toBe(false);
                expect(externalMac(id)).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
            }),
            { numRuns: 2000 },
        );
    });
});

describe("outer MACs", () => {
    it("step over the inner ones", () => {
        const id = (i: number) => ({ project: "p", stack: "s", enclave: `e${i}` });
        const near = Array.from({ length: 400_000 }, (_, i) => i).filter((i) =>
            digest(6, "mac", "p", "s", `e${i}`).startsWith("9898"),
        );
        expect(near.length).toBeGreaterThan(0);
        for (const i of near) {
            expect(externalMac(id(i))).toMatch(/^52:54:00:98:99:/);
        }
    });
});

describe("NAT subnets", () => {
    it("take nothing of a LAN that a Gateway is in, whichever comes first", () => {
        const subnet = fc
            .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 29 }))
            .map(([host, prefix]) => subnetAround(`198.51.100.${host}`, prefix).cidr);
        const place = fc.tuple(fc.integer({ min: 2, max: 254 }), fc.integer({ min: 24, max: 29 }));
        fc.assert(
            fc.property(subnet, place, fc.boolean(), (nat, [host, prefix], natFirst) => {
                const address = `198.51.100.${host}`;
                const lan = subnetAround(address, prefix);
                const enclaves = [
                    { name: "a", external: { mode: "nat", subnet: nat } },
                    {
                        name: "b",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: `${address}/${prefix}`,
                            route: fromNumber(lan.network + (toNumber(address) === lan.network + 1 ? 2 : 1)),
                        },
                    },
                ];
                const found = findConflicts(
                    buildPlan("p", "s", parseConfig({ enclaves: natFirst ? enclaves : enclaves.reverse() })),
                );
                expect(found.map((problem) => problem.value)).toEqual(
                    overlap(lan, parseSubnet(nat)) ? [nat] : [],
                );
            }),
        );
    });
});

describe("plan", () => {
    it("gives every enclave the same inner addresses and each its own outside", () => {
        fc.assert(
            fc.property(config, (input) => {
                const plan = buildPlan("p", "s", parseConfig(input));
                for (const enclave of plan.enclaves) {
                    expect(enclave.gateway.inner).toEqual(plan.enclaves[0]?.gateway.inner);
                    expect(enclave.gateway.inner.address).toBe(INNER_GATEWAY);
                    expect(enclave.gateway.inner.route).toBeUndefined();
                    for (const { nic } of enclave.workstations) {
                        expect(contains(parseSubnet(INNER_SUBNET), nic.address)).toBe(true);
                        expect(nic.route).toBe(INNER_GATEWAY);
                    }
                    expect(new Set(enclave.workstations.map((w) => w.nic.mac)).size).toBe(
                        enclave.workstations.length,
                    );
                }
                const bridges = plan.enclaves.flatMap((e) => [e.isolated.bridge, e.external.bridge]);
                expect(new Set(bridges).size).toBe(bridges.length);
            }),
        );
    });

    it("does not move an enclave when the list is reordered or grows", () => {
        fc.assert(
            fc.property(config, (input) => {
                const plan = buildPlan("p", "s", parseConfig(input));
                const reversed = buildPlan(
                    "p",
                    "s",
                    parseConfig({ enclaves: [...input.enclaves].reverse() }),
                );
                for (const enclave of plan.enclaves) {
                    expect(reversed.enclaves.find((e) => e.name === enclave.name)).toEqual(enclave);
                }
            }),
        );
    });

    it("has no conflict that its own derivation made, short of two equal digests", () => {
        fc.assert(
            fc.property(config, (input) => {
                const plan = buildPlan("p", "s", parseConfig(input));
                const subnets = plan.enclaves.map((e) =>
                    e.external.mode === "nat" ? e.external.subnet : "",
                );
                fc.pre(new Set(subnets).size === subnets.length);
                expect(findConflicts(plan)).toEqual([]);
            }),
        );
    });
});

describe("ports", () => {
    it("has each number once, clear of TransPort and DNSPort, and isolates clients on all", () => {
        const numbers = [...SOCKS_PORTS, ...HTTP_TUNNEL_PORTS].map((p) => p.port);
        expect(new Set([...numbers, TRANS_PORT, DNS_PORT]).size).toBe(numbers.length + 2);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(
            [...SOCKS_PORTS, ...HTTP_TUNNEL_PORTS].every(
                (p) => p.flags.includes("IsolateClientAddr") && p.flags.includes("IsolateSOCKSAuth"),
            ),
        ).toBe(true);
    });

    it("knows an application's port and says which there are", () => {
        expect([socksPortOf("irc"), socksPortOf("ssh"), socksPortOf("tor-browser")]).toEqual([
            9101, 9106, 9150,
        ]);
        expect(() => socksPortOf("gopher")).toThrow(/gopher.*irc/);
    });
});
