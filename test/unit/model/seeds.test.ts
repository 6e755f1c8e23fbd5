import { gatewaySeed } from "../../../cloud-init/seed";
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import { gatewayTorrc } from "../../../cloud-init/torrc/gateway";
import { networkConfig } from "../../../cloud-init/network-config";
import { parseNetworkConfig } from "../../../model/adapters/seed/network-config";
import { parseRuleset } from "../../../model/adapters/seed/nft";
import { parseSysctls } from "../../../model/adapters/seed/sysctl";
import { parseTorrc } from "../../../model/adapters/seed/torrc";
import { parseUserData } from "../../../model/adapters/seed/user-data";
import { seedContent } from "../../../model/adapters/seed/content";
import { known } from "../../../model";
import { digestOf } from "../../../reachability/expected";
import { planOf } from "../../support/stacks";
import { placed } from "../../support/placed";

const AT = { resource: "seed", path: "userData" };
const [enclave] = planOf({
    enclaves: [{ name: "x", workstations: placed({ name: "a" }, { name: "b" }) }],
}).enclaves;
const text = (
    userData: string,
    networkConfigText = "version: 2\n",
    metaData = "",
): ReturnType<typeof seedContent> =>
    seedContent({
        userData: known(userData, AT),
        networkConfig: known(networkConfigText, AT),
        metaData: known(metaData, AT),
    });

test("what we render is read back as the records that it was rendered from", () => {
    if (enclave === undefined) {
        throw new Error("no enclave");
    }
    const seed = gatewaySeed(enclave);
    const content = text(seed.userData, seed.networkConfig, seed.metaData);
    expect(content.role).toMatchObject({ value: "gateway" });
    const ruleset = content.ruleset.kind === "known" ? content.ruleset.value : undefined;
    expect(ruleset?.flushes).toBe(true);
    expect(ruleset === undefined ? "" : digestOf(ruleset)).toBe(digestOf(gatewayRuleset(enclave)));
    expect(
        content.torrc.kind === "known"
            ? content.torrc.value?.map(({ option, value }) => ({ option, value }))
            : [],
    ).toEqual(gatewayTorrc(enclave));
    expect(content.network).toMatchObject({
        value: {
            nics: [
                { name: "ext0", dhcp4: false },
                { name: "int0", addresses: ["10.152.152.10/24"] },
            ],
        },
    });
    expect(content.instanceId.kind).toBe("known");
});

test.each([
    ["a script", "#!/bin/sh\n", "scripts"],
    ["MIME", "Content-Type: multipart/mixed\n", "scripts"],
    ["a file twice", "#cloud-config\nwrite_files:\n  - {path: /a}\n  - {path: /a}\n", "twice"],
    ["a key twice", "#cloud-config\na: 1\na: 2\n", "unique"],
    ["appending", "#cloud-config\nwrite_files:\n  - {path: /a, append: true}\n", "append"],
    [
        "an encoding that is not read",
        "#cloud-config\nwrite_files:\n  - {path: /a, encoding: 'gz+b64', content: x}\n",
        "encoding",
    ],
    ["no base64", "#cloud-config\nwrite_files:\n  - {path: /a, encoding: b64, content: '!!'}\n", "base64"],
    ["no mapping", "#cloud-config\n- a\n", "mapping"],
])("user-data with %s is opaque in every part", (_, userData, why) => {
    expect(() => parseUserData(userData, AT)).toThrow(why);
    const content = text(userData);
    expect([content.files.kind, content.ruleset.kind, content.role.kind]).toEqual([
        "opaque",
        "opaque",
        "opaque",
    ]);
});

test.each([
    ['Log "notice"', "quoted"],
    ["SocksPort 9050 \\", "continued"],
    ["= 1", "no option"],
    ["%Bridge 192.0.2.7:1", "line 2: this is no option"],
])("torrc line %j is refused", (line, why) => {
    expect(() => parseTorrc(`ClientOnly 1\n${line}\n`)).toThrow(why);
});

test("torrc comments end a line, signs stay", () => {
    expect(parseTorrc("# c\nSocksPort 1.2.3.4:9050 # c\n+Log notice\n")).toEqual([
        { option: "SocksPort", value: "1.2.3.4:9050", line: 2 },
        { option: "+Log", value: "notice", line: 3 },
    ]);
});

test("sysctls: the last one wins, anything else is refused", () => {
    expect(parseSysctls("# c\na.b = 1\na/b=2\n")).toEqual({ "a.b": "2" });
    expect(() => parseSysctls("nonsense\n")).toThrow("line 1");
});

test.each([
    ["addresses: [10.0.0.010/24]", "begin with 0"],
    ["addresses: ['10.0.0.1/024']", "begin with 0"],
    ['addresses: ["10.0.0.1/24\\nGateway=10.0.0.2"]', "begin with 0"],
    ["routes: [{to: 0.0.0.0/0}]", "routes via"],
    ["routes: [x]", "no mapping"],
    ["nameservers: [10.0.0.1]", "no mapping"],
    ["gateway4: [10.0.0.1]", "gateway4"],
])("network-config with %s is refused", (entry, why) => {
    expect(() => parseNetworkConfig(`version: 2\nethernets: {a: {${entry}}}\n`)).toThrow(why);
});

test.each([
    ["a counter's name", 'counter x{};include"/x";#y { }'],
    ["a chain's name", 'chain x;include"/x" {\n}'],
    ["a counter that is nowhere", "counter x {}"],
    ["CR", "counter x { }\r"],
])("a ruleset with %s that is more than that is refused", (_, line) => {
    expect(() => parseRuleset(`flush ruleset\ntable inet a {\n${line}\n}\n`)).toThrow();
});

test("a ruleset that means the same in another spelling is refused, its counters are kept", () => {
    const chain = (rule: string): string =>
        `flush ruleset\ntable inet a {\ncounter c { ` +
        `}\nchain x {\ntype filter hook input priority 0; policy drop;\n${rule}\n}\n}\n`;
    expect(parseRuleset(chain("tcp dport 53 accept")).tables).toMatchObject([
        { counters: ["c"], chains: [{ rules: [{ matches: [{ ports: [53] }] }] }] },
    ]);
    for (const rule of [
        "tcp dport 053 accept",
        "tcp dport { 53 } accept",
        "ip saddr 010.0.0.1 accept",
        "meta mark 0x0a accept",
        'counter name "c" tcp dport 53 accept',
        "reject",
        "meta skuid 010 accept",
    ]) {
        expect(() => parseRuleset(chain(rule))).toThrow("expected");
    }
});

test("network-config: version 1 and unread matches are refused, strange keys are kept", () => {
    expect(() => parseNetworkConfig("version: 1\n")).toThrow("version 2");
    expect(() => parseNetworkConfig("version: 2\nethernets: {a: {match: {name: 'en*'}}}\n")).toThrow(
        "macaddress",
    );
    expect(
        parseNetworkConfig(
            "network: {version: 2, bonds: {}, ethernets: {a: {wakeonlan: true, gateway4: 10.0.0.1}}}\n",
        ),
    ).toMatchObject({
        otherKeys: ["bonds"],
        nics: [{ name: "a", otherKeys: ["wakeonlan"], routes: [{ to: "0.0.0.0/0", via: "10.0.0.1" }] }],
    });
    expect(parseNetworkConfig("network: {version: 2}\nwifis: {}\n").otherKeys).toEqual(["wifis"]);
    expect(
        parseNetworkConfig(
            "version: 2\nethernets: {a: {nameservers: {search: [lan]}, routes: [{to: default, " +
                "via: 10.0.0.1, metric: 1}]}}\n",
        ).nics[0]?.otherKeys,
    ).toEqual(["nameservers.search", "routes.metric"]);
    expect(
        parseNetworkConfig(networkConfig(enclave === undefined ? [] : [enclave.gateway.inner])).nics,
    ).toHaveLength(1);
});
