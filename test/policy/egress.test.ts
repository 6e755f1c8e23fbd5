/**
 * What the rules about a Gateway's egress still refuse, for each way; and that no finding shows a secret.
 */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { modelOfExport, SECRET_KEYS } from "../../model/adapters";
import { digest, slowDigest } from "../../values/names";
import { describeTrust } from "../../reachability";
import { proofOf } from "../../policy/reachability-rules";
import { CONFIGS, goodStack } from "./fixtures/good";
import { copyOf, modelOf, type FixtureResource } from "./fixtures/resources";
import { SEED, editFile } from "./mutants/mutant";

jest.setTimeout(300_000);

const RULESET = "/etc/sallyport/ruleset.nft";
const TORRC = "/etc/tor/torrc";
const NETDEV = "/etc/systemd/network/20-tun0.netdev";
const CONTROL = "/etc/sallyport/control.json";

/** Words of the configurations in `good.ts` that may not be shown. */
const SECRETS = /192\.0\.2\.[78]\b|AAAAAAAA|Username user|pass\b|yAnz5TF/;

const gatewaySeed = (stack: readonly FixtureResource[]): FixtureResource => {
    const [seed] = stack.filter((r) => r.type === SEED && r.name.includes("-gateway"));
    if (seed === undefined) {
        throw new Error("the stack has no Gateway");
    }
    return seed;
};

const found = (stack: readonly FixtureResource[]): string[] =>
    runRules(rules, modelOf(stack)).map((f) => `${findingId(f)} ${f.message} ${(f.hops ?? []).join(" ")}`);

/** The stack with one text of one file replaced; `SECRET_KEYS` stays. */
async function changed(
    config: string,
    path: string,
    from: string | RegExp,
    to: string,
): Promise<FixtureResource[]> {
    const stack = await goodStack(CONFIGS[config], "preview");
    return copyOf(
        stack,
        editFile(gatewaySeed(stack).urn, path, (text) => text.replace(from, to)),
    );
}

const OBFS4 = "bridges";
const TUNNEL = "a tunnel";
const PROXY = "a proxy in the LAN";
const BROWSE = "control for one of two";
const LAN = "a bridge of the host's, emulated";

describe.each<[string, string, string, string | RegExp, string, string]>([
    [
        "FW-04",
        "loopback opened to any address",
        OBFS4,
        /^(\s+oifname "lo".*) ip daddr 127\.0\.0\.1 (.*skuid.*)$/m,
        "$1 $2",
        RULESET,
    ],
    [
        "FW-04",
        "the tunnel's packets to anybody",
        TUNNEL,
        "ip daddr 192.0.2.66 udp dport 51820",
        "udp dport 51820",
        RULESET,
    ],
    ["FW-04", "the tunnel's packets without its mark", TUNNEL, " meta mark 0x5350", "", RULESET],
    ["FW-04", "tor beside the tunnel", TUNNEL, /oifname "tun0"(.*skuid)/, 'oifname "ext0"$1', RULESET],
    ["FW-05", "a LAN that is not dropped", PROXY, "192.168.0.0/16, ", "", RULESET],
    ["FW-05", "a LAN of public addresses that is not dropped", LAN, ", 192.0.2.0/24", "", RULESET],
    [
        "FW-05",
        "another LAN of public addresses than the outer NIC's",
        LAN,
        ", 192.0.2.0/24",
        ", 198.51.100.0/24",
        RULESET,
    ],
    [
        "FW-05",
        "a place in the LAN among the relays",
        "a relay set",
        "203.0.113.11 . 5000",
        "192.168.1.1 . 80",
        RULESET,
    ],
    [
        "FW-09",
        "any source in the tunnel",
        TUNNEL,
        'iifname "tun0" ip saddr != 10.152.152.0/24',
        'iifname "tun0"',
        RULESET,
    ],
    [
        "FW-09",
        "any source on loopback",
        OBFS4,
        'iifname "lo" ip saddr 127.0.0.1 ip daddr 127.0.0.1 accept',
        'iifname "lo" ip daddr 127.0.0.1 accept',
        RULESET,
    ],
    [
        "FW-11",
        "UDP from anybody beside the tunnel",
        TUNNEL,
        'iifname "ext0" ip saddr 192.0.2.66 meta l4proto udp',
        'iifname "ext0" meta l4proto udp',
        RULESET,
    ],
    ["FW-12", "a control port that is not served", BROWSE, '"10.152.152.11"', "", CONTROL],
    [
        "GUEST-01",
        "one more place for tor to go",
        OBFS4,
        "192.0.2.7 . 443",
        "192.0.2.7 . 443, 198.51.100.9 . 443",
        RULESET,
    ],
    [
        "GUEST-01",
        "bridges that are not pinned",
        OBFS4,
        / ip daddr \. tcp dport @tor_peers accept/,
        " accept",
        RULESET,
    ],
    [
        "GUEST-01",
        "an address in the control filter that no Workstation has",
        BROWSE,
        '"10.152.152.11"',
        '"10.152.152.11","10.152.152.99"',
        CONTROL,
    ],
    [
        "GUEST-01",
        "a second peer of the tunnel",
        TUNNEL,
        "[WireGuardPeer]",
        "[WireGuardPeer]\nAllowedIPs=0.0.0.0/0\n[WireGuardPeer]",
        NETDEV,
    ],
    [
        "GUEST-01",
        "the tunnel's key written twice",
        TUNNEL,
        "[WireGuard]",
        "[WireGuard]\nListenPort=51820",
        NETDEV,
    ],
    [
        "TR-06",
        "an HTTP tunnel port of no table",
        "ports of its own choice",
        "HTTPTunnelPort 10.152.152.10:9190",
        "HTTPTunnelPort 10.152.152.10:8118",
        TORRC,
    ],
    [
        "TR-06",
        "an HTTP tunnel port without its isolation",
        "ports of its own choice",
        /(:9229 IsolateClientAddr IsolateSOCKSAuth) .*/,
        "$1",
        TORRC,
    ],
    [
        "FW-12",
        "an HTTP tunnel port that is not opened",
        "ports of its own choice",
        /HTTPTunnelPort \S+:9190 .*\n/,
        "",
        TORRC,
    ],
    ["TR-14", "a bridge that is not used", OBFS4, "UseBridges 1", "UseBridges 0", TORRC],
    ["TR-14", "a transport from elsewhere", OBFS4, "exec /usr/bin/obfs4proxy", "exec /tmp/obfs4proxy", TORRC],
])("%s: %s", (rule, _title, config, from, to, path) => {
    it("is refused, and nothing secret is said", async () => {
        const findings = found(await changed(config, path, from, to));
        expect(findings.filter((f) => f.startsWith(`${rule}[`))).not.toEqual([]);
        expect(findings.filter((f) => SECRETS.test(f))).toEqual([]);
    });
});

describe.each([
    ["a bridge", OBFS4],
    ["a password", PROXY],
    ["a key", TUNNEL],
])("%s", (_title, config) => {
    it("that is not declared secret is refused", async () => {
        const good = await goodStack(CONFIGS[config], "preview");
        const seed = gatewaySeed(good);
        expect(Object.getOwnPropertyDescriptor(seed.props, SECRET_KEYS)?.value).toEqual([
            "metaData",
            "networkConfig",
            "userData",
        ]);
        const stack = good.map((r) => (r === seed ? { ...r, props: { ...r.props } } : r));
        expect(found(stack).filter((f) => f.startsWith("CI-10["))).not.toEqual([]);
        expect(found(stack).filter((f) => SECRETS.test(f))).toEqual([]);
    });
});

it("volumes of a seed with secrets are not named by its quick digest", async () => {
    const { name, userData, networkConfig, metaData } = gatewaySeed(
        await goodStack(CONFIGS[PROXY], "preview"),
    ).props as Record<string, string>;
    expect(name).not.toContain(digest(8, userData ?? "", networkConfig ?? "", metaData ?? ""));
    expect(name).toContain(slowDigest(8, userData ?? "", networkConfig ?? "", metaData ?? ""));
});

it(
    "a report holds a digest of the rules, and none when they hold addresses that are secrets: it " +
        "could be guessed at",
    async () => {
        const trust = async (config: string, changes?: readonly [RegExp, string]): Promise<string> => {
            const stack =
                changes === undefined
                    ? await goodStack(CONFIGS[config], "preview")
                    : await changed(config, RULESET, ...changes);
            return proofOf(modelOf(stack))
                .trust.filter((t) => t.layer === "gateway rules")
                .map(describeTrust)
                .join("\n");
        };
        const open = [
            /hook output priority 0; policy drop;/,
            "hook output priority 0; policy accept;",
        ] as const;
        expect(await trust("one enclave, one Workstation")).toMatch(/by hash; .*\(sha256 [0-9a-f]{12}\)/);
        expect(await trust("one enclave, one Workstation", open)).toMatch(
            /undecided; .*its ruleset \(sha256 [0-9a-f]{12}\) is not the one/,
        );
        for (const config of [OBFS4, PROXY, TUNNEL]) {
            expect(await trust(config)).toMatch(/by hash; .*not shown/);
            expect(await trust(config, open)).toMatch(/undecided; .*its ruleset is not the one/);
            expect(`${await trust(config)} ${await trust(config, open)}`).not.toMatch(/[0-9a-f]{12}/);
        }
    },
);

it("the search for secrets finds them in the seed itself", async () => {
    for (const config of [OBFS4, PROXY, TUNNEL]) {
        expect(JSON.stringify(gatewaySeed(await goodStack(CONFIGS[config], "preview")).props)).toMatch(
            SECRETS,
        );
    }
});

it("a line of torrc that cannot be read is not shown", async () => {
    const findings = found(await changed(OBFS4, TORRC, "Bridge obfs4", 'Bridge "obfs4'));
    expect(findings.filter((f) => /not known|cannot be read|undecided|opaque/.test(f))).not.toEqual([]);
    expect(findings.filter((f) => SECRETS.test(f))).toEqual([]);
});

it("an encrypted seed is undecided, not passed", () => {
    const urn = "urn:pulumi:dev::shop::libvirt:index/cloudinitDisk:CloudinitDisk::shop-dev-red-gateway-seed";
    const secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "v1:x",
    };
    const model = modelOfExport(
        JSON.stringify({
            version: 3,
            deployment: {
                resources: [
                    {
                        urn,
                        type: "libvirt:index/cloudinitDisk:CloudinitDisk",
                        custom: true,
                        id: "/pool/seed.iso",
                        inputs: { name: "seed.iso", pool: "p", userData: secret },
                    },
                    {
                        urn: urn.replace(
                            /cloudinitDisk:CloudinitDisk::.*/,
                            "domain:Domain::shop-dev-red-gateway",
                        ),
                        type: "libvirt:index/domain:Domain",
                        custom: true,
                        id: "1",
                        inputs: {
                            name: "shop-dev-red-gateway",
                            machine: "q35",
                            disks: [{ volumeId: "/pool/seed.iso" }],
                        },
                        dependencies: [urn],
                        propertyDependencies: { disks: [urn] },
                    },
                ],
            },
        }),
        "export.json",
    );
    expect(
        runRules(rules, model)
            .filter((f) => f.rule.id === "CI-10" && f.verdict === "undecided")
            .map((f) => f.message)
            .join(),
    ).toMatch(/encrypted/);
});
