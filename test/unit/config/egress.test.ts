/** Egress in the configuration: what comes of them, what is refused, and that no message shows a secret. */
import { ConfigError } from "../../../config/error";
import { loadPlan } from "../../../plan/load";
import { parseConfig } from "../../../config/parse";
import { plainSecrets } from "../../../config/secrets";
import { summaryOf } from "../../../plan/guests";
import type { EnclavePlan } from "../../../plan/plan";
import { placed } from "../../support/placed";

const LINE = "obfs4 192.0.2.7:443 0123456789ABCDEF0123456789ABCDEF01234567 cert=Zm9vYmFyc2VjcmV0 iat-mode=0";
const KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
const TUNNEL = {
    endpoint: "192.0.2.66:51820",
    address: "10.66.0.2",
    peerPublicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    privateKey: KEY,
};
const PROXY = { kind: "socks5", endpoint: "192.168.7.7:1080", user: "hunter", password: "hunter2" };
const MANY = Array.from({ length: 10_001 }, (_, i) => `203.0.113.${i % 256}:${1 + i}\n`).join("");
const FILES: Readonly<Record<string, string>> = {
    "long.txt": MANY,
    "lan.txt": "203.0.113.11:5000\n192.168.7.7:9001\n",
    "relays.txt": "203.0.113.11:5000 # one\n",
    "empty.txt": "\n",
    "wrong.txt": "203.0.113.11\n",
};

const read = (path: string): string => {
    const text = FILES[path];
    if (text === undefined) {
        throw new Error("ENOENT: no such file");
    }
    return text;
};

const enclave = (settings: unknown): unknown => ({ enclaves: [{ name: "a", ...(settings as object) }] });
const planOf = (settings: unknown): EnclavePlan =>
    loadPlan("sallyport", "test", enclave(settings), { read }).plan.enclaves[0] as EnclavePlan;
const message = (input: unknown, secretKeys: string[] = []): string => {
    try {
        loadPlan("sallyport", "test", input, { read, secretKeys: new Set(secretKeys) });
    } catch (error) {
        if (error instanceof ConfigError) {
            return error.message;
        }
        throw error;
    }
    return "";
};

describe("what is accepted", () => {
    it("is Tor itself when nothing is said", () => {
        const plan = planOf({});
        expect([plan.egress, plan.upstreamProxy, plan.tunnel, plan.workstations[0]?.control]).toEqual([
            undefined,
            undefined,
            undefined,
            undefined,
        ]);
        expect(planOf({ egress: { mode: "tor" } })).toEqual(plan);
    });

    it("is every way, as the plan has it", () => {
        expect(planOf({ egress: { mode: "bridges", bridges: [LINE] } }).egress).toEqual({
            mode: "bridges",
            bridges: [{ line: LINE, endpoint: { address: "192.0.2.7", port: 443 }, transport: "obfs4" }],
        });
        const relays = { mode: "relay-set", relays: [{ address: "203.0.113.11", port: 5000 }] };
        expect(planOf({ egress: { mode: "relay-set", relays: ["203.0.113.11:5000"] } }).egress).toEqual(
            relays,
        );
        expect(planOf({ egress: { mode: "relay-set", relayFile: "relays.txt" } }).egress).toEqual(relays);
        expect(planOf({ upstreamProxy: PROXY }).upstreamProxy).toEqual({
            ...PROXY,
            endpoint: { address: "192.168.7.7", port: 1080 },
        });
        // A bridge or proxy that the operator runs in a LAN is named on purpose.
        expect(planOf({ egress: { mode: "bridges", bridges: ["192.168.7.8:443"] } }).egress).toMatchObject({
            bridges: [{ endpoint: { address: "192.168.7.8", port: 443 } }],
        });
        expect(planOf({ tunnel: { ...TUNNEL, mtuBytes: 1380 } }).tunnel).toEqual({
            ...TUNNEL,
            endpoint: { address: "192.0.2.66", port: 51820 },
            mtu: 1380,
        });
        expect(
            planOf({ workstations: placed({ name: "x", control: true }, { name: "y" }) }).workstations.map(
                (w) => w.control,
            ),
        ).toEqual([true, undefined]);
    });
});

it.each([
    ["privateKey", "privateKey", "genkey"],
    ["privateKey", "presharedKey", "genpsk"],
    ["presharedKey", "privateKey", "genkey"],
    ["presharedKey", "presharedKey", "genpsk"],
])("one key for two enclaves' tunnels, %s and %s, is refused and not shown", (first, second, command) => {
    const other = "oK56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM=";
    const tunnel = (name: string): object => ({
        ...TUNNEL,
        presharedKey: other,
        privateKey: `${name === "a" ? "G" : "C"}K56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM=`,
        [name === "a" ? first : second]: KEY,
    });
    const found = message(
        {
            enclaves: ["a", "b"].map((name) => ({
                name,
                tunnel: {
                    ...tunnel(name),
                    ...(name === "a" || second === "presharedKey" ? {} : { presharedKey: undefined }),
                },
            })),
        },
        ["enclaves"],
    );
    expect(found).toContain(
        `sallyport:enclaves[1].tunnel.${second}: got a value that is not shown; allowed: a key ` +
            `that no other enclave's tunnel has; it is that of enclaves[0].tunnel.${first}; fix: `,
    );
    expect(found).toContain(`wg ${command}`);
    expect(found).not.toContain(KEY);
});

describe("what is refused names property, what is allowed and the fix, and shows no secret", () => {
    const bridges = (...lines: string[]): unknown => enclave({ egress: { mode: "bridges", bridges: lines } });
    const relays = (egress: object): unknown => enclave({ egress: { mode: "relay-set", ...egress } });
    const proxy = (more: object): unknown => enclave({ upstreamProxy: { ...PROXY, ...more } });
    const tunnel = (more: object): unknown => enclave({ tunnel: { ...TUNNEL, ...more } });
    const hidden = "got a value that is not shown; allowed: ";
    it.each<[string, unknown, string]>([
        [
            "a bridge line without an address",
            bridges(LINE, "obfs4 hunter2"),
            `enclaves[0].egress.bridges[1]: ${hidden}a bridge line: [obfs4] address:port`,
        ],
        [
            "a bridge line of another transport",
            bridges("snowflake 192.0.2.3:80 hunter2"),
            `enclaves[0].egress.bridges[0]: ${hidden}a bridge line`,
        ],
        [
            "a bridge line with the word Bridge",
            bridges(`Bridge ${LINE}`),
            `${hidden}a bridge line: [obfs4] address:port [fingerprint] [key=value …], without ` +
                `the word Bridge`,
        ],
        [
            "a bridge line of two lines",
            bridges(`${LINE}\nControlPort 1`),
            `${hidden}one line of at most 1000`,
        ],
        [
            "a bridge inside the enclave",
            bridges("10.152.152.9:443 key=hunter2"),
            `enclaves[0].egress.bridges[0]: ${hidden}a place outside the Gateway; its address ` +
                `lies in 10.152.152.0/24`,
        ],
        [
            "no bridge",
            bridges(),
            "enclaves[0].egress.bridges: got a value that is not shown; allowed: at least one bridge line",
        ],
        [
            "bridges without their list",
            enclave({ egress: { mode: "bridges" } }),
            "enclaves[0].egress.bridges: got nothing; allowed: a list of bridge lines",
        ],
        [
            "a line in place of the list",
            enclave({ egress: { mode: "bridges", bridges: LINE } }),
            `enclaves[0].egress.bridges: ${hidden}a list of bridge lines`,
        ],
        ["a line in place of egress", enclave({ egress: LINE }), `enclaves[0].egress: ${hidden}`],
        [
            "a misspelt key that holds a line",
            enclave({ egress: { mode: "bridges", bridges: [LINE], bridge: LINE } }),
            `enclaves[0].egress.bridge: ${hidden}the keys mode, bridges`,
        ],
        [
            "an unknown mode",
            enclave({ egress: { mode: "vpn" } }),
            'enclaves[0].egress.mode: got "vpn"; allowed: mode "tor" or mode "bridges" or mode "relay-set"',
        ],
        [
            "a line as mode",
            enclave({ egress: { mode: LINE } }),
            `enclaves[0].egress.mode: ${hidden}mode "tor"`,
        ],
        [
            "a relay list that can't be read",
            relays({ relayFile: "none.txt" }),
            'enclaves[0].egress.relayFile: got "none.txt"; allowed: a file of relays that can ' +
                'be read: ENOENT: no such file; fix: write one "address:port" a line',
        ],
        [
            "a relay list that is none",
            relays({ relayFile: "wrong.txt" }),
            'enclaves[0].egress.relayFile: got "wrong.txt"; allowed: a file of relays that can ' +
                "be read: wrong.txt, line 1",
        ],
        [
            "a relay list with a relay in a LAN",
            relays({ relayFile: "lan.txt" }),
            'enclaves[0].egress.relayFile: got "lan.txt"; allowed: a file of relays that can be ' +
                "read: lan.txt holds 192.168.7.7:9001, which lies in 192.168.0.0/16",
        ],
        [
            "a relay list that is too long",
            relays({ relayFile: "long.txt" }),
            "long.txt holds 10001 relays; at most 10000 relays are allowed",
        ],
        [
            "too many relays",
            relays({ relays: MANY.trim().split("\n") }),
            "enclaves[0].egress.relays: got a value that is not shown; allowed: at most 10000 relays",
        ],
        ...["10.1.2.3", "172.31.0.9", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.0.8"].map(
            (address): [string, unknown, string] => [
                `a relay at ${address}`,
                relays({ relays: ["203.0.113.11:1", `${address}:9001`] }),
                `enclaves[0].egress.relays[1]: got "${address}:9001"; allowed: a relay on the ` +
                    `public Internet; its address lies in `,
            ],
        ),
        [
            "a relay at a link-local address",
            relays({ relays: ["169.254.1.1:9001"] }),
            'enclaves[0].egress.relays[0]: got "169.254.1.1:9001"; allowed: a place outside the Gateway',
        ],
        [
            "a relay list without a relay",
            relays({ relayFile: "empty.txt" }),
            "empty.txt holds no relay: tor could connect to nothing",
        ],
        [
            "a relay without a port",
            relays({ relays: ["203.0.113.11"] }),
            'enclaves[0].egress.relays[0]: got "203.0.113.11"; allowed: an IPv4 address and port',
        ],
        [
            "no relay",
            relays({ relays: [] }),
            "enclaves[0].egress.relays: got a value that is not shown; allowed: at least one relay",
        ],
        [
            "two lists of relays",
            relays({ relays: ["203.0.113.11:1"], relayFile: "relays.txt" }),
            "allowed: either relays",
        ],
        ["no list of relays", relays({}), "allowed: either relays"],
        [
            "a relay set behind a proxy",
            enclave({ egress: { mode: "relay-set", relays: ["203.0.113.11:1"] }, upstreamProxy: PROXY }),
            'enclaves[0].egress.mode: got "relay-set"; allowed: with an upstream proxy: "tor" ' +
                'or "bridges"; behind a proxy no firewall sees the relays; fix: remove egress',
        ],
        [
            "a proxy's URL in place of its endpoint",
            proxy({ endpoint: "socks5://hunter:hunter2@192.168.7.7:1080" }),
            `enclaves[0].upstreamProxy.endpoint: ${hidden}an IPv4 address and port`,
        ],
        [
            "a proxy without its kind",
            proxy({ kind: undefined }),
            'enclaves[0].upstreamProxy.kind: got nothing; allowed: "socks5" or "https"',
        ],
        [
            "a password without a user",
            proxy({ user: undefined }),
            "enclaves[0].upstreamProxy: got a value that is not shown; allowed: user and " +
                "password together, or neither",
        ],
        [
            "a password that torrc cannot hold",
            proxy({ password: "hunter2#x" }),
            `enclaves[0].upstreamProxy.password: ${hidden}the proxy's password: 1 to 255 printable`,
        ],
        [
            "a user that holds a colon",
            proxy({ user: "hunter:x" }),
            `enclaves[0].upstreamProxy.user: ${hidden}the proxy's user, without a colon`,
        ],
        [
            "a proxy on the Gateway itself",
            proxy({ endpoint: "127.0.0.1:1080" }),
            'enclaves[0].upstreamProxy.endpoint: got "127.0.0.1:1080"; allowed: a place outside the Gateway',
        ],
        [
            "a tunnel without endpoint",
            tunnel({ endpoint: undefined }),
            "enclaves[0].tunnel.endpoint: got nothing; allowed: an IPv4 address and port",
        ],
        [
            "a tunnel without its key",
            tunnel({ privateKey: undefined }),
            "enclaves[0].tunnel.privateKey: got nothing; allowed: our private key: 44 characters of base64",
        ],
        [
            "a key that is none",
            tunnel({ privateKey: "hunter2" }),
            `enclaves[0].tunnel.privateKey: ${hidden}our private key: 44 characters`,
        ],
        [
            "a key with a carriage return behind it",
            tunnel({ privateKey: `${KEY}\r` }),
            `enclaves[0].tunnel.privateKey: ${hidden}our private key: 44 characters of base64, as wg genkey and wg pubkey print them; this one holds U+000D; fix: `,
        ],
        [
            "a bridge line with smart quotes",
            enclave({ egress: { mode: "bridges", bridges: ["\u201c192.0.2.8:9001\u2019\u2019"] } }),
            `enclaves[0].egress.bridges[0]: ${hidden}one line of at most 1000 printable ASCII characters; this one holds U+201C, U+2019; fix: `,
        ],
        [
            "a user that is a number",
            enclave({ upstreamProxy: { ...PROXY, user: 12345 } }),
            `enclaves[0].upstreamProxy.user: ${hidden}the proxy's user; fix: bin/pulumi config set --type string --path 'sallyport:enclaves[0].upstreamProxy.user' VALUE, or quote it`,
        ],
        [
            "a password that is a number",
            enclave({ upstreamProxy: { ...PROXY, password: 12345 } }),
            `enclaves[0].upstreamProxy.password: ${hidden}the proxy's password; fix: bin/pulumi config set --secret --type string --path `,
        ],
        [
            "a private key in a wrong place",
            tunnel({ endpoint: KEY }),
            `enclaves[0].tunnel.endpoint: ${hidden}an IPv4 address`,
        ],
        [
            "a tunnel address on the isolated network",
            tunnel({ address: "10.152.152.9" }),
            'enclaves[0].tunnel.address: got "10.152.152.9"; allowed: an address outside 10.152.152.0/24',
        ],
        [
            "an MTU that is too small",
            tunnel({ mtuBytes: 100 }),
            "enclaves[0].tunnel.mtuBytes: got 100; allowed: at least 576",
        ],
        [
            "a SocksPort outside the range",
            enclave({ customSocksPorts: [9152, 9050] }),
            "enclaves[0].customSocksPorts[1]: got 9050; allowed: the SocksPorts 9152 to 9189",
        ],
        [
            "a SocksPort used twice",
            enclave({ customSocksPorts: [9152, 9160, 9152] }),
            "enclaves[0].customSocksPorts[2]: got 9152; allowed: each port once; 9152 is there already",
        ],
        [
            "a SocksPort as HTTP tunnel port",
            enclave({ httpTunnelPorts: [9189] }),
            "enclaves[0].httpTunnelPorts[0]: got 9189; allowed: the HTTP tunnel ports 9190 to 9229",
        ],
        [
            "an HTTP tunnel port used twice",
            enclave({ httpTunnelPorts: [9190, 9190] }),
            "enclaves[0].httpTunnelPorts[1]: got 9190; allowed: each port once",
        ],
        [
            "text for control",
            enclave({ workstations: [{ name: "x", control: "yes" }] }),
            'enclaves[0].workstations[0].control: got "yes"; allowed: a value of type boolean',
        ],
    ])("%s", (_title, input, expected) => {
        const said = message(input);
        expect(said).toContain(expected);
        expect(
            said
                .split("\n")
                .slice(1)
                .filter((line) => !/; fix: \S/.test(line)),
        ).toEqual([]);
        expect(said).not.toMatch(/hunter|Zm9v|0123456789ABCDEF|yAnz5/);
    });

    it("shows nothing that stands under an unknown key of secret settings", () => {
        expect(message({ enclaves: [{ name: "a", brigdes: LINE }] }, ["enclaves"])).toContain(
            "enclaves[0].brigdes: got a value that is not shown",
        );
        expect(message({ bridge: LINE }, ["bridge"])).toContain("bridge: got a value that is not shown");
        // The same in plain settings is shown.
        expect(message({ enclaves: [{ name: "a", brigdes: "x" }] })).toContain(
            'enclaves[0].brigdes: got "x"',
        );
    });
});

describe("secrets in plain", () => {
    const settings = {
        egress: { mode: "bridges", bridges: [LINE, "192.0.2.8:1"] },
        upstreamProxy: PROXY,
        tunnel: { ...TUNNEL, presharedKey: KEY },
    };
    it("are refused one by one, with the command that encrypts them", () => {
        const problems = plainSecrets(parseConfig(enclave(settings)), new Set());
        expect(problems.map((p) => p.property)).toEqual([
            "enclaves[0].egress.bridges[0]",
            "enclaves[0].egress.bridges[1]",
            "enclaves[0].upstreamProxy.password",
            "enclaves[0].tunnel.privateKey",
            "enclaves[0].tunnel.presharedKey",
        ]);
        const said = new ConfigError(problems).message;
        expect(said).toContain(
            "bin/pulumi config set --secret --path 'sallyport:enclaves[0].egress.bridges[0]'",
        );
        expect(said).not.toMatch(/hunter|Zm9v|yAnz5/);
    });
    it("are none when Pulumi keeps them", () => {
        expect(plainSecrets(parseConfig(enclave(settings)), new Set(["enclaves"]))).toEqual([]);
        expect(
            plainSecrets(
                parseConfig(enclave({ egress: { mode: "relay-set", relays: ["203.0.113.11:1"] } })),
                new Set(),
            ),
        ).toEqual([]);
    });
    describe("beside encrypted ones", () => {
        const secure = { secure: "v1:x" };
        const stored = (change: object): unknown => ({
            enclaves: [
                {
                    name: "a",
                    egress: { mode: "bridges", bridges: [secure, secure] },
                    upstreamProxy: { ...PROXY, password: secure },
                    tunnel: { ...TUNNEL, privateKey: secure, presharedKey: secure },
                    ...change,
                },
            ],
        });
        const found = (file: unknown): string[] =>
            plainSecrets(parseConfig(enclave(settings)), new Set(["enclaves"]), file).map((p) => p.property);
        it("are none when each is encrypted, by itself or with what is around it", () => {
            expect(found(stored({}))).toEqual([]);
            expect(found(stored({ tunnel: secure }))).toEqual([]);
            expect(found({ enclaves: secure })).toEqual([]);
        });
        it("are refused one by one", () => {
            expect(found(stored({ egress: { mode: "bridges", bridges: [secure, "192.0.2.8:1"] } }))).toEqual([
                "enclaves[0].egress.bridges[1]",
            ]);
            expect(found(stored({ upstreamProxy: PROXY }))).toEqual(["enclaves[0].upstreamProxy.password"]);
            expect(found(stored({ tunnel: { ...TUNNEL, privateKey: KEY, presharedKey: secure } }))).toEqual([
                "enclaves[0].tunnel.privateKey",
            ]);
        });
        it("are not looked for where there is no file, or another one", () => {
            expect(found(undefined)).toEqual([]);
            expect(found({})).toEqual([]);
        });
    });
    it("are not in what up ends with", () => {
        // Within one tunnel a key may be both; no other enclave's tunnel may have it.
        const { plan } = loadPlan("sallyport", "test", enclave(settings));
        const secret = /hunter|Zm9v|yAnz5|192\.0\.2\.[78]\b/;
        expect(JSON.stringify(plan)).toMatch(secret);
        expect(JSON.stringify(summaryOf(plan, "test"))).not.toMatch(secret);
    });
});
