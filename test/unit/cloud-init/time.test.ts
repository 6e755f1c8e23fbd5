import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { projectRoot } from "../../../util/root";
import { PATHS, TIME_STATE, TIME_USER } from "../../../cloud-init/guest";
import { rulesOf, type Ruleset } from "../../../cloud-init/nft/model";
import { renderRuleset } from "../../../cloud-init/nft/render";
import { bootRuleset, untilTimeRuleset } from "../../../cloud-init/nft/until-time";
import { workstationRuleset } from "../../../cloud-init/nft/workstation";
import { gatewaySeed, workstationSeed } from "../../../cloud-init/seed";
import { timePlanOf } from "../../../cloud-init/time";
import { ConfigError } from "../../../config/error";
import { socksPortOf } from "../../../values/ports";
import { ONION_TIME_SOURCES, isOnion } from "../../../values/time-sources";
import { through } from "../../../reachability/firewall";
import type { Packet } from "../../../reachability/packet";
import type { EnclavePlan } from "../../../plan/plan";
import { AUTHORITY, enclaveOf } from "./plans";

const SOURCES = [
    ["http://one.example.test/"],
    ["http://two.example.test/x?y=1"],
    ["http://three.example.test:8080/"],
];
const ours = { torNetwork: { dirAuthorities: [AUTHORITY], timeSources: SOURCES } };
const strict = enclaveOf({ clock: { strict: true } });

const filesOf = (enclave: EnclavePlan): Record<string, string> =>
    Object.fromEntries(
        enclave.workstations.flatMap((w) =>
            workstationSeed(enclave, w).files.map((f): [string, string] => [f.path, f.content]),
        ),
    );

describe("sources", () => {
    it("are onion services that exist as such: each address proves its key", () => {
        expect(ONION_TIME_SOURCES).toHaveLength(3);
        const names = ONION_TIME_SOURCES.flat().map(
            (url) => /^http:\/\/([a-z2-7]{56})\.onion\/$/.exec(url)?.[1] ?? "",
        );
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) {
            const bits = [...name]
                .map((c) => "abcdefghijklmnopqrstuvwxyz234567".indexOf(c).toString(2).padStart(5, "0"))
                .join("");
            const bytes = Buffer.from(bits.match(/.{8}/g)?.map((b) => parseInt(b, 2)) ?? []);
            const [key, sum, version] = [bytes.subarray(0, 32), bytes.subarray(32, 34), bytes.subarray(34)];
            expect(version).toEqual(Buffer.from([3]));
            // rend-spec-v3, "ONIONADDRESS": the checksum is over the key.
            expect(
                createHash("sha3-256")
                    .update(Buffer.concat([Buffer.from(".onion checksum"), key, version]))
                    .digest()
                    .subarray(0, 2),
            ).toEqual(sum);
        }
        expect(ONION_TIME_SOURCES.flat().every(isOnion)).toBe(true);
    });

    it("are the default on the public network, and none on a private one", () => {
        expect(enclaveOf().time).toEqual({ windowSeconds: 180, strict: false, sources: ONION_TIME_SOURCES });
        expect(enclaveOf({}, { torNetwork: { dirAuthorities: [AUTHORITY] } }).time?.sources).toEqual([]);
        expect(enclaveOf({}, ours).time?.sources).toEqual(SOURCES);
    });

    it.each<[string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
        [
            "an exit could forge",
            {},
            { torNetwork: { timeSources: SOURCES } },
            /timeSources: got "http:\/\/one\.example\.test\/"; allowed: version 3 onion services.*fix: /,
        ],
        [
            "are too few",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: SOURCES.slice(0, 2) } },
            /at least 3 pools/,
        ],
        [
            "are an empty pool",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [...SOURCES, []] } },
            /timeSources\[3\].*at least one address/,
        ],
        [
            "are addresses",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [["http://192.0.2.1/"], ...SOURCES] } },
            /a name, not an address/,
        ],
        [
            "are addresses in disguise",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [["http://0x7f.1/"], ...SOURCES] } },
            /a name, not an address/,
        ],
        [
            "have no such port",
            {},
            {
                torNetwork: {
                    ...ours.torNetwork,
                    timeSources: [["http://one.example.test:99999/"], ...SOURCES],
                },
            },
            /a port from 1 to 65535/,
        ],
        [
            "are nonsense",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [["nonsense"], ...SOURCES] } },
            /such as http/,
        ],
        [
            "are no texts",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [[7], ...SOURCES] } },
            /timeSources\[0\]\[0\]: got 7/,
        ],
        [
            "are encrypted",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [["https://one.example.test/"], ...SOURCES] } },
            /such as http:\/\/name\.onion\//,
        ],
        [
            "hold a line break",
            {},
            { torNetwork: { ...ours.torNetwork, timeSources: [["http://one.example.test/\n"], ...SOURCES] } },
            /such as http/,
        ],
        [
            "are none and yet waited for",
            { clock: { strict: true } },
            { torNetwork: { dirAuthorities: [AUTHORITY] } },
            /enclaves\[0\]\.clock\.strict: got true; allowed: true only where.*fix: /,
        ],
    ])("that %s are refused", (_, settings, stack, message) => {
        const plan = (): unknown => enclaveOf(settings, stack);
        expect(plan).toThrow(ConfigError);
        expect(plan).toThrow(message);
    });

    it.each([0, 9, 3601, 60.5, "60"])("a window of %j is refused", (window) => {
        expect(() => enclaveOf({ clock: { windowSeconds: window } })).toThrow(
            /clock\.windowSeconds: got .*; allowed: (at (least 10|most 3600) seconds|a whole number|a value of type)/,
        );
    });
});

describe("files", () => {
    it("tell the time service its port and pools", () => {
        expect(JSON.parse(filesOf(enclaveOf({}, ours))[PATHS.time] ?? "")).toEqual({
            proxy: ["10.152.152.10", 9108],
            pools: SOURCES,
        });
    });

    it("are none where no source can be asked, and the Gateway's never", () => {
        const silent = filesOf(enclaveOf({}, { torNetwork: { dirAuthorities: [AUTHORITY] } }));
        expect([PATHS.time, PATHS.openRuleset].filter((path) => path in silent)).toEqual([]);
        expect(gatewaySeed(strict).files.map((f) => f.path)).not.toEqual(
            expect.arrayContaining([PATHS.time]),
        );
    });

    it("hold the firewall for power-on and the one for afterwards, in strict mode alone", () => {
        expect(PATHS.openRuleset in filesOf(enclaveOf())).toBe(false);
        const files = filesOf(strict);
        expect(files[PATHS.ruleset]).toBe(renderRuleset(untilTimeRuleset(strict)));
        expect(files[PATHS.openRuleset]).toBe(
            renderRuleset(workstationRuleset(strict, strict.workstations[0])),
        );
        expect(filesOf(enclaveOf())[PATHS.ruleset]).toBe(files[PATHS.openRuleset]);
    });

    it("tell a reader what they were made of", () => {
        for (const enclave of [strict, enclaveOf(), enclaveOf({}, ours)]) {
            const files = workstationSeed(
                enclave,
                enclave.workstations[0] ??
                    ((): never => {
                        throw new Error("no Workstation");
                    })(),
            ).files;
            expect(timePlanOf(files, () => true)).toEqual(enclave.time);
        }
        expect(timePlanOf([{ path: PATHS.time, content: "{" }], () => true)).toBeUndefined();
        expect(
            timePlanOf([{ path: PATHS.time, content: '{"pools": [["x", 1]]}' }], () => true),
        ).toBeUndefined();
        expect(
            timePlanOf([{ path: PATHS.time, content: '{"pools": [["x"]]}' }], () => false),
        ).toBeUndefined();
    });
});

describe("rules until the time is set", () => {
    const held = untilTimeRuleset(strict);
    const gateway = strict.gateway.inner.address;
    const packet = (more: Partial<Packet>): Packet =>
        ({
            family: "ipv4",
            protocol: "tcp",
            source: "10.152.152.11",
            destination: gateway,
            port: socksPortOf("time"),
            sourceMac: "52:54:00:98:98:0b",
            oif: "eth0",
            user: TIME_USER,
            state: "new",
            flags: "syn",
            fragment: false,
            fragNeeded: false,
            redirected: false,
            ...more,
        }) as Packet;
    const leaves = (ruleset: Ruleset, more: Partial<Packet>): boolean =>
        through(ruleset, "output", packet(more)).passes;

    it("let the time service to its SocksPort", () => {
        expect(leaves(held, {})).toBe(true);
    });

    it.each<[string, Partial<Packet>]>([
        ["another user", { user: "1000" }],
        ["root", { user: "root" }],
        ["a packet of no user", { user: "" }],
        ["the time service elsewhere on the Gateway", { port: 9050 }],
        ["the time service's DNS", { protocol: "udp", port: 53 }],
        ["the time service, to another host", { destination: "198.51.100.80" }],
        ["the control port", { port: 9051 }],
    ])("hold %s, which they let go afterwards or never", (_, more) => {
        expect(leaves(held, more)).toBe(false);
    });

    it("are replaced by rules that let every user out", () => {
        const open = workstationRuleset(strict);
        expect([
            leaves(open, { user: "1000", port: 9050 }),
            leaves(open, { user: "1000", protocol: "udp", port: 53 }),
            leaves(open, {}),
        ]).toEqual([true, true, true]);
        expect(bootRuleset(enclaveOf())).toEqual(workstationRuleset(enclaveOf()));
    });

    it("count what they hold, and name every rule once", () => {
        const rules = [...rulesOf(held)].map(({ rule }) => rule);
        expect(new Set(rules.map((r) => r.id)).size).toBe(rules.length);
        expect(
            rules
                .filter((r) => r.verdict.do === "drop" || r.verdict.do === "reject")
                .every((r) => r.counter !== undefined),
        ).toBe(true);
    });
});

describe("the image", () => {
    const image = (path: string): string => readFileSync(join(projectRoot(), "image", path), "utf8");
    const unit = image("rootfs/etc/systemd/system/sallyport-time.service");

    it("carries the contract's words", () => {
        const program = image("rootfs/usr/lib/sallyport/set-time");
        expect(program).toContain(`\nCONFIG = "${PATHS.time}"\n`);
        expect(program).toContain(`\nSTATE = "${TIME_STATE}"\n`);
        expect(unit).toContain(`RuntimeDirectory=${TIME_STATE.split("/")[2] ?? ""}\n`);
        expect(unit).toContain(`ConditionPathExists=${PATHS.time}\n`);
        expect(image("rootfs/usr/lib/sallyport/open-when-timed")).toContain(
            `\nRULESET=${PATHS.openRuleset}\n`,
        );
        expect(image("lib/customize")).toMatch(
            new RegExp(`useradd --system --uid ${TIME_USER} .* sallyport-time$`, "m"),
        );
        expect(unit).toContain("User=sallyport-time\n");
        expect(image("units")).toContain("enable sallyport-time.service\n");
    });

    it("opens the firewall only after the service has said that the time is set, and gives it nothing but the clock", () => {
        expect(unit).toMatch(/^Type=notify$/m);
        expect(unit).toMatch(/^ExecStartPost=\+\/usr\/lib\/sallyport\/open-when-timed$/m);
        expect(unit).toMatch(/^CapabilityBoundingSet=CAP_SYS_TIME$/m);
        expect(unit).toMatch(/^ConditionPathExists=\/run\/sallyport\/role-workstation$/m);
    });

    it("has no driver and no switch for a clock of the host's", () => {
        expect(image("keep/modules")).not.toMatch(/ptp|kvmclock|hyperv/i);
        expect(image("grub.cfg")).toMatch(/^linux .* no-kvmclock( |$)/m);
    });
});
