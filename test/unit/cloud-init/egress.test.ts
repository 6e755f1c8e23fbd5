/** Egress other than plain tor: bridges, a relay set, a proxy, a tunnel. */
import { egressOf, hasSecrets } from "../../../cloud-init/egress";
import * as fc from "fast-check";
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import { rulesOf, type Match, type Rule } from "../../../cloud-init/nft/model";
import { LOCAL_RANGES, localRangesOf } from "../../../values/ranges";
import { renderRuleset } from "../../../cloud-init/nft/render";
import { gatewaySeed, workstationSeed } from "../../../cloud-init/seed";
import { gatewayTorrc } from "../../../cloud-init/torrc/gateway";
import { tunnelFiles } from "../../../cloud-init/tunnel";
import { contains, fromNumber, overlap, parseSubnet } from "../../../values/addresses";
import type { EnclavePlan } from "../../../plan/plan";
import { enclaveOf } from "./plans";
import { BRIDGES, PROXY, RELAY_SET, TUNNEL, TUNNEL_PLAN, WAYS } from "./egress-variants";

const rulesIn = (enclave: EnclavePlan): Rule[] =>
    [...rulesOf(gatewayRuleset(enclave))].map(({ rule }) => rule);
const ruleOf = (enclave: EnclavePlan, id: string): Rule => {
    const found = rulesIn(enclave).find((r) => r.id === id);
    if (found === undefined) {
        throw new Error(`no rule ${id}`);
    }
    return found;
};
const peers = (enclave: EnclavePlan): readonly string[] | undefined =>
    gatewayRuleset(enclave).tables[0]?.sets.find((s) => s.name === "tor_peers")?.elements;
const valuesOf = (enclave: EnclavePlan, option: string): string[] =>
    gatewayTorrc(enclave)
        .filter((l) => l.option === option)
        .map((l) => l.value);
const TO_PEERS: Match = { on: "tcp-destination", op: "in-set", set: "tor_peers" };

describe.each(WAYS)("%s", (name, enclave) => {
    it("opens connections for tor alone, with TCP, through one egress", () => {
        const tor = ruleOf(enclave, "output-tor");
        expect(tor.matches).toContainEqual({ on: "skuid", user: "debian-tor" });
        expect(tor.matches).toContainEqual({ on: "oif", name: egressOf(enclave).nic });
        expect(tor.matches).toContainEqual({ on: "saddr", op: "in", addresses: [egressOf(enclave).source] });
    });

    it("accepts on output nothing that is neither tor's, nor known, nor the tunnel's", () => {
        const accepts = [...rulesOf(gatewayRuleset(enclave))]
            .filter(
                ({ chain, rule }) =>
                    chain.hook === "output" && chain.type === "filter" && rule.verdict.do === "accept",
            )
            .map(({ rule }) => rule.id)
            .filter((id) => !id.startsWith("arp-"));
        const known = ["output-outer-established", "output-tor", "output-inner-established"];
        const more = [
            ...(enclave.tunnel === undefined ? [] : ["output-tunnel"]),
            ...(egressOf(enclave).transport ? ["output-loopback", "output-loopback-established"] : []),
        ];
        expect([...accepts].sort()).toEqual([...known, ...more].sort());
    });

    it("tells the Workstation nothing of it", () => {
        const plain = enclaveOf();
        expect(enclave.workstations.map((w) => workstationSeed(enclave, w))).toEqual(
            plain.workstations.map((w) => workstationSeed(plain, w)),
        );
    });

    it(`is ${name === "a relay set" ? "no secret" : "a secret"}`, () => {
        expect(hasSecrets(enclave)).toBe(name !== "a relay set");
    });
});

it("pins tor to its bridges", () => {
    expect(peers(BRIDGES)).toEqual(["192.0.2.7 . 443", "192.0.2.8 . 9001"]);
    expect(ruleOf(BRIDGES, "output-tor").matches).toContainEqual(TO_PEERS);
    expect(valuesOf(BRIDGES, "UseBridges")).toEqual(["1"]);
    expect(valuesOf(BRIDGES, "Bridge")).toHaveLength(2);
    expect(valuesOf(BRIDGES, "ClientTransportPlugin")).toEqual(["obfs4 exec /usr/bin/obfs4proxy"]);
});

it("opens loopback for a pluggable transport and for nothing else", () => {
    const loopback = (enclave: EnclavePlan): string[] =>
        rulesIn(enclave)
            .filter((r) => r.matches.some((x) => (x.on === "iif" || x.on === "oif") && x.name === "lo"))
            .map((r) => r.id);
    expect(loopback(BRIDGES)).toEqual([
        "early-loopback",
        "input-loopback",
        "output-loopback",
        "output-loopback-established",
    ]);
    for (const enclave of [enclaveOf(), RELAY_SET, PROXY, TUNNEL]) {
        expect(loopback(enclave)).toEqual([]);
    }
});

it("tells tor which relays the firewall lets it reach, each once, or it would wait for others in vain", () => {
    const lines = (enclave: EnclavePlan): string[] =>
        gatewayTorrc(enclave)
            .filter((line) => line.option === "ReachableAddresses")
            .map((line) => line.value);
    expect(lines(RELAY_SET)).toEqual(["accept 203.0.113.11:5000", "accept 203.0.113.21:5000", "reject *:*"]);
    expect(lines({ ...enclaveOf(), egress: { mode: "relay-set", relays: [] } })).toEqual(["reject *:*"]);
    expect(lines(enclaveOf())).toEqual([]);
});

it("pins tor to the relay set; an empty one means nowhere", () => {
    expect(peers(RELAY_SET)).toEqual(["203.0.113.11 . 5000", "203.0.113.21 . 5000"]);
    const none: EnclavePlan = { ...enclaveOf(), egress: { mode: "relay-set", relays: [] } };
    expect(peers(none)).toEqual([]);
    expect(ruleOf(none, "output-tor").matches).toContainEqual(TO_PEERS);
});

it("pins tor to its proxy, in a LAN as well, and the rest of the LAN stays closed", () => {
    expect(peers(PROXY)).toEqual(["192.168.7.7 . 1080"]);
    expect(ruleOf(PROXY, "output-lan").matches).toContainEqual({
        on: "tcp-destination",
        op: "not-in-set",
        set: "tor_peers",
    });
    expect(valuesOf(PROXY, "Socks5Proxy")).toEqual(["192.168.7.7:1080"]);
    expect(valuesOf(PROXY, "Socks5ProxyPassword")).toEqual(["pass"]);
    const https = {
        ...enclaveOf(),
        upstreamProxy: {
            kind: "https",
            endpoint: { address: "192.0.2.9", port: 3128 },
            user: "u",
            password: "p",
        },
    } as const;
    expect([...valuesOf(https, "HTTPSProxy"), ...valuesOf(https, "HTTPSProxyAuthenticator")]).toEqual([
        "192.0.2.9:3128",
        "u:p",
    ]);
});

describe("the LAN", () => {
    const local = (enclave: EnclavePlan): readonly string[] =>
        gatewayRuleset(enclave).tables[0]?.sets.find((s) => s.name === "local_ranges")?.elements ?? [];
    const bridged = (address: string, route: string): EnclavePlan =>
        enclaveOf({ external: { mode: "bridge", bridge: "br0", address, route } });

    it.each<[string, string, string, readonly string[]]>([
        ["a public subnet is one", "203.0.113.5/24", "203.0.113.1", [...LOCAL_RANGES, "203.0.113.0/24"]],
        ["one inside a local range is named already", "192.168.7.5/24", "192.168.7.1", LOCAL_RANGES],
        [
            "one around local ranges takes their place, since nft refuses overlapping elements",
            "192.0.2.77/8",
            "192.0.2.1",
            [...LOCAL_RANGES.filter((r) => !r.startsWith("192.")), "192.0.0.0/8"],
        ],
    ])("%s", (_title, address, route, expected) => {
        expect(local(bridged(address, route))).toEqual(expected);
    });

    it("of a NAT network with public addresses is one as well", () => {
        expect(local(enclaveOf({ external: { mode: "nat", subnet: "198.51.100.128/25" } }))).toEqual([
            ...LOCAL_RANGES,
            "198.51.100.128/25",
        ]);
    });

    it("never overlaps itself, and holds the Gateway's own address and its next hop", () => {
        const place = fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }));
        fc.assert(
            fc.property(place, ([host, prefix]) => {
                const ranges = localRangesOf({ address: fromNumber(host), prefix }).map(parseSubnet);
                expect(ranges.filter((a, i) => ranges.some((b, j) => i !== j && overlap(a, b)))).toEqual([]);
                expect(ranges.some((range) => contains(range, fromNumber(host)))).toBe(true);
                expect(
                    LOCAL_RANGES.map(parseSubnet).every((range) =>
                        ranges.some((r) => r.prefix <= range.prefix && overlap(r, range)),
                    ),
                ).toBe(true);
            }),
        );
    });

    it("is unknown to the Workstation, whose rules are the same wherever the host is", () => {
        const [here, there] = [enclaveOf(), bridged("203.0.113.5/24", "203.0.113.1")];
        expect(there.workstations.map((w) => workstationSeed(there, w))).toEqual(
            here.workstations.map((w) => workstationSeed(here, w)),
        );
    });

    it("is open to a relay that was pinned in it, and to nothing else there", () => {
        const pinned: EnclavePlan = {
            ...bridged("203.0.113.5/24", "203.0.113.1"),
            egress: { mode: "relay-set", relays: [{ address: "203.0.113.11", port: 5000 }] },
        };
        expect(local(pinned)).toContain("203.0.113.0/24");
        expect(ruleOf(pinned, "output-lan").matches).toContainEqual({
            on: "tcp-destination",
            op: "not-in-set",
            set: "tor_peers",
        });
    });
});

describe("tunnel", () => {
    it("lets nothing but the kernel's marked packets to the peer out of the external NIC", () => {
        const outside = rulesIn(TUNNEL).filter(
            (r) => r.verdict.do === "accept" && r.matches.some((x) => x.on === "oif" && x.name === "ext0"),
        );
        expect(outside.map((r) => r.id)).toEqual(["output-tunnel", "arp-out-outer"]);
        expect(outside[0]?.matches).toContainEqual({ on: "mark", value: 0x5350 });
        expect(outside[0]?.matches).toContainEqual({
            on: "daddr",
            op: "in",
            addresses: [TUNNEL_PLAN.endpoint.address],
        });
    });

    it("accepts nothing new from the tunnel's other end", () => {
        const fromTunnel = rulesIn(TUNNEL).filter(
            (r) => r.verdict.do === "accept" && r.matches.some((x) => x.on === "iif" && x.name === "tun0"),
        );
        expect(fromTunnel.map((r) => r.id)).toEqual([
            "early-tunnel",
            "input-outer-established",
            "input-outer-mtu",
        ]);
    });

    it("has no default route but through itself", () => {
        const seed = gatewaySeed(TUNNEL);
        expect(seed.networkConfig).toContain(`to: ${TUNNEL_PLAN.endpoint.address}/32`);
        expect(seed.networkConfig).not.toContain("0.0.0.0/0");
        const network = seed.files.find((f) => f.path.endsWith("20-tun0.network"));
        expect(network?.content).toContain("Destination=0.0.0.0/0");
        expect(valuesOf(TUNNEL, "OutboundBindAddress")).toEqual([TUNNEL_PLAN.address]);
    });

    it("keeps the private key from everyone but networkd", () => {
        const netdev = tunnelFiles(TUNNEL_PLAN)[0];
        expect([netdev?.permissions, netdev?.owner]).toEqual(["0640", "root:systemd-network"]);
        expect(netdev?.content).toContain(`PrivateKey=${TUNNEL_PLAN.privateKey}`);
    });

    it("refuses malformed keys without showing them", () => {
        for (const property of ["privateKey", "peerPublicKey", "presharedKey"] as const) {
            const act = (): unknown => tunnelFiles({ ...TUNNEL_PLAN, [property]: "topsecret" });
            expect(act).toThrow(`tunnel.${property} is no WireGuard key`);
            expect(act).not.toThrow(/topsecret/);
        }
    });
});

it("shows no secret in an error", () => {
    const broken: EnclavePlan = {
        ...enclaveOf(),
        egress: {
            mode: "bridges",
            bridges: [{ line: "192.0.2.7:443 topsecret\n", endpoint: { address: "192.0.2.7", port: 443 } }],
        },
    };
    expect(() => gatewayTorrc(broken)).toThrow(/torrc Bridge \(secret\)/);
    expect(() => gatewayTorrc(broken)).not.toThrow(/topsecret/);
});

it("renders nothing of the other ways without them", () => {
    const text = renderRuleset(gatewayRuleset(enclaveOf()));
    for (const word of ["tor_peers", "tun0", '"lo"', "meta mark"]) {
        expect(text).not.toContain(word);
    }
});
