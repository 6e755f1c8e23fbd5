/**
 * What two parts of a configuration may not share, the rules refuse as well: here it is declared without
 * asking `findConflicts`.
 */
import { parseConfig } from "../../config/parse";
import { rules } from "../../policy/registry";
import { runRules } from "../../policy/rule";
import { buildPlan } from "../../plan/build";
import type * as conflicts from "../../plan/conflicts";
import { CONFIGS, goodStack } from "./fixtures/good";
import { modelOf } from "./fixtures/resources";

const { findConflicts } = jest.requireActual<typeof conflicts>("../../plan/conflicts");
jest.mock("../../plan/conflicts", () => ({ findConflicts: () => [] }));
jest.setTimeout(300_000);

const lan = (name: string, more: object = {}): object => ({
    name,
    external: { mode: "bridge", bridge: `br${name}`, address: "192.0.2.9/24", route: "192.0.2.1", ...more },
});
const nat = (name: string, more: object = {}): object => ({ name, external: { mode: "nat", ...more } });
const TUNNEL = (CONFIGS["a tunnel"] as { enclaves: [{ tunnel: Record<string, unknown> }] }).enclaves[0]
    .tunnel;

const CASES: Readonly<Record<string, object>> = {
    "two domains of one name": {
        enclaves: [
            { name: "a", workstations: [{ name: "x-workstation-y" }] },
            { name: "a-workstation-x", workstations: [{ name: "y" }] },
        ],
    },
    "two pools of one name": { enclaves: [{ name: "image" }] },
    "a pool called like another enclave's status pool": { enclaves: [{ name: "a" }, { name: "a-status" }] },
    "subnets that overlap": {
        enclaves: [nat("a", { subnet: "10.140.0.0/16" }), nat("b", { subnet: "10.140.7.0/24" })],
    },
    ...Object.fromEntries(
        ["10.152.152.0/24", "10.152.0.0/16", "10.200.0.0/24", "100.64.0.0/24", "192.168.122.0/24"].map(
            (subnet) => [`the subnet ${subnet}`, { enclaves: [nat("a", { subnet })] }],
        ),
    ),
    "a NAT subnet in another Gateway's LAN": { enclaves: [nat("a", { subnet: "192.0.2.0/28" }), lan("b")] },
    "an address in the isolated network": {
        enclaves: [lan("a", { address: "10.152.152.77/24", route: "10.152.152.1" })],
    },
    "an address in tor's range": { enclaves: [lan("a", { address: "10.200.0.9/24", route: "10.200.0.1" })] },
    "a route outside the LAN": { enclaves: [lan("a", { route: "198.51.100.1" })] },
    "a route to the Gateway itself": { enclaves: [lan("a", { route: "192.0.2.9" })] },
    "one address for two Gateways": { enclaves: [lan("a"), lan("b")] },
    "one MAC for two Gateways": {
        enclaves: [nat("a", { mac: "52:54:00:00:00:01" }), nat("b", { mac: "52:54:00:00:00:01" })],
    },
    "an inner MAC outside": { enclaves: [nat("a", { mac: "52:54:00:98:98:0b" })] },
    "two Gateways on one bridge": {
        enclaves: [lan("a"), lan("b", { bridge: "bra", address: "192.0.2.10/24" })],
    },
    "one bridge for both networks": {
        enclaves: [{ ...nat("a", { bridge: "own9" }), isolated: { bridge: "own9" } }],
    },
    "the isolated network on a bridge of the host": {
        enclaves: [{ ...lan("a"), isolated: { bridge: "bra" } }],
    },
    "two Workstations of one address": {
        enclaves: [
            { name: "a", workstations: ["x", "y"].map((name) => ({ name, address: "10.152.152.20" })) },
        ],
    },
    "a Workstation on the Gateway's address": {
        enclaves: [{ name: "a", workstations: [{ name: "x", address: "10.152.152.10" }] }],
    },
    "a Workstation outside the range": {
        enclaves: [{ name: "a", workstations: [{ name: "x", address: "10.152.152.9" }] }],
    },
    "a Workstation in another network": {
        enclaves: [{ name: "a", workstations: [{ name: "x", address: "10.152.153.20" }] }],
    },
    "shared processors": {
        enclaves: [
            { name: "a", cpus: "1-3" },
            { name: "b", cpus: "3" },
        ],
    },
    "one tunnel key": { enclaves: ["a", "b"].map((name) => ({ name, tunnel: TUNNEL })) },
    "one tunnel key, as the one's own and the other's shared one": {
        enclaves: [
            { name: "a", tunnel: TUNNEL },
            {
                name: "b",
                tunnel: {
                    ...TUNNEL,
                    presharedKey: TUNNEL["privateKey"],
                    privateKey: "GK56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM=",
                },
            },
        ],
    },
    "a tunnel's address in the isolated network": {
        enclaves: [{ name: "a", tunnel: { ...TUNNEL, address: "10.152.152.66" } }],
    },
    "a tunnel's address in the external network": {
        enclaves: [
            { ...nat("a", { subnet: "10.140.7.0/24" }), tunnel: { ...TUNNEL, address: "10.140.7.66" } },
        ],
    },
    "a tunnel to the Gateway itself": {
        enclaves: [{ ...lan("a"), tunnel: { ...TUNNEL, endpoint: "192.0.2.9:51820" } }],
    },
    "a tunnel to the isolated network": {
        enclaves: [{ name: "a", tunnel: { ...TUNNEL, endpoint: "10.152.152.9:51820" } }],
    },
    "a bridge in the isolated network": {
        enclaves: [{ name: "a", egress: { mode: "bridges", bridges: ["10.152.152.9:443"] } }],
    },
    "a bridge on loopback": {
        enclaves: [{ name: "a", egress: { mode: "bridges", bridges: ["127.0.0.1:443"] } }],
    },
    "a relay in a LAN": {
        enclaves: [{ name: "a", egress: { mode: "relay-set", relays: ["192.168.1.1:443"] } }],
    },
    "a proxy on loopback": {
        enclaves: [{ name: "a", upstreamProxy: { kind: "socks5", endpoint: "127.0.0.1:1080" } }],
    },
    "a relay set behind a proxy": {
        enclaves: [
            {
                name: "a",
                egress: { mode: "relay-set", relays: ["203.0.113.11:5000"] },
                upstreamProxy: { kind: "socks5", endpoint: "192.168.7.7:1080" },
            },
        ],
    },
    "the time of servers without onions": {
        torNetwork: { timeSources: ["one", "two", "three"].map((name) => [`http://${name}.example.test/`]) },
    },
    "strict time and no source to ask": {
        torNetwork: { dirAuthorities: ["auth1 orport=5000 no-v2 v3ident=AA 203.0.113.11:7000 BB"] },
        enclaves: [{ name: "a", clock: { strict: true } }],
    },
};

it.each(Object.entries(CASES))("%s", async (_title, config) => {
    expect(findConflicts(buildPlan("sallyport", "test", parseConfig(config)))).not.toEqual([]);
    expect(runRules(rules, modelOf(await goodStack(config, "existing"))).map((f) => f.rule.id)).not.toEqual(
        [],
    );
});
