/** What the builders make, judged by the programs that will read it. A missing program is a failed test. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../../util/root";
import { gatewaySeed, workstationSeed, type Seed } from "../../../cloud-init/seed";
import { PATHS } from "../../../cloud-init/guest";
import type { EnclavePlan } from "../../../plan/plan";
import { AUTHORITY, enclaveOf } from "./plans";
import { WAYS } from "./egress-variants";

const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
const SCHEMA = join(projectRoot(), ".toolchain", "bin", "cloud-init-schema");

let folder = "";
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-seed-"));
    chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Output of a program. @throws Error with what it said, also when it is not there */
function judge(program: string, ...args: string[]): string {
    try {
        return execFileSync(program, args, {
            env: { ...process.env, PATH },
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
        });
    } catch (error) {
        const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string };
        throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
    }
}

const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
};

const contentOf = (seed: Seed, path: string): string => {
    const file = seed.files.find((f) => f.path === path);
    if (file === undefined) {
        throw new Error(`the seed has no ${path}`);
    }
    return file.content;
};

/** In a network namespace of its own: nft asks the kernel, and must not see or touch this machine's rules. */
const nftCheck = (text: string): string =>
    judge("unshare", "-n", "nft", "-c", "-f", write("ruleset.nft", text));

interface Nic {
    readonly addresses: readonly string[];
    readonly routes?: readonly { readonly to: string; readonly via: string }[];
}

const RENDER = `
import sys, yaml
from cloudinit.net import network_state, networkd
state = network_state.parse_net_config_data(yaml.safe_load(sys.stdin))
networkd.Renderer({"network_conf_dir": "/"}).render_network_state(state, target=sys.argv[1])
`;
import { placed } from "../../support/placed";

/** What the image's version of cloud-init writes for systemd-networkd, by NIC. */
function networkd(config: string): Record<string, string> {
    const target = mkdtempSync(join(folder, "networkd-"));
    execFileSync("/usr/bin/python3", ["-B", "-c", RENDER, target], {
        input: config,
        env: { PATH, PYTHONPATH: join(projectRoot(), ".toolchain/cloud-init/usr/lib/python3/dist-packages") },
    });
    return Object.fromEntries(
        readdirSync(target).map((file) => [
            /^10-cloud-init-(.+)\.network$/.exec(file)?.[1] ?? file,
            readFileSync(join(target, file), "utf8"),
        ]),
    );
}

/** As Debian's unit does, with tor's state elsewhere; root, because of the User line. */
function torVerify(text: string): string {
    const state = join(folder, "state");
    mkdirSync(state, { recursive: true, mode: 0o700 });
    judge("chown", "debian-tor", state);
    return judge(
        "tor",
        "--defaults-torrc",
        "/usr/share/tor/tor-service-defaults-torrc",
        "-f",
        write("torrc", text),
        "--verify-config",
        "--DataDirectory",
        state,
        "--ControlSocket",
        "0",
        "--CookieAuthentication",
        "0",
    );
}

const enclaves: [string, EnclavePlan][] = [
    ["the default enclave", enclaveOf()],
    ["SocksPorts only", enclaveOf({ transparentProxy: false })],
    [
        "a private Tor network, a bridge and three Workstations",
        enclaveOf(
            {
                external: { mode: "bridge", bridge: "br0", address: "192.0.2.77/24", route: "192.0.2.1" },
                workstations: placed({ name: "a" }, { name: "b" }, { name: "c", address: "10.152.152.200" }),
            },
            { torNetwork: { dirAuthorities: [AUTHORITY, AUTHORITY.replace("auth1", "auth2")] } },
        ),
    ],
    ["shut until the time is set", enclaveOf({ clock: { strict: true } })],
    ["no Workstation yet", enclaveOf({ workstations: [] })],
    ...WAYS,
    [
        "ports of its own choice",
        enclaveOf({ customSocksPorts: [9160], httpTunnelPorts: [9190, 9205, 9215, 9229] }),
    ],
];

describe.each(enclaves)("%s", (_, enclave) => {
    const seeds = [gatewaySeed(enclave), ...enclave.workstations.map((w) => workstationSeed(enclave, w))];

    it("has rulesets that nft accepts", () => {
        for (const seed of seeds) {
            expect(nftCheck(contentOf(seed, PATHS.ruleset))).toBe("");
            for (const later of seed.files.filter((f) => f.path === PATHS.openRuleset)) {
                expect(nftCheck(later.content)).toBe("");
            }
        }
    });

    it("has a torrc that tor accepts", () => {
        expect(torVerify(contentOf(gatewaySeed(enclave), PATHS.torrc))).toContain("Configuration was valid");
    });

    it("has a network-config that cloud-init's own renderer turns into what was meant", () => {
        for (const seed of seeds) {
            const rendered = networkd(seed.networkConfig);
            const nics = Object.entries(
                (parse(seed.networkConfig) as { ethernets: Record<string, Nic> }).ethernets,
            );
            expect(Object.keys(rendered).sort()).toEqual(nics.map(([name]) => name).sort());
            for (const [name, nic] of nics) {
                const lines = (rendered[name] ?? "").split("\n");
                expect(lines).toContain(`Name=${name}`);
                expect(lines).toContain("DHCP=no");
                expect(lines.filter((l) => l.startsWith("Address="))).toEqual(
                    nic.addresses.map((a) => `Address=${a}`),
                );
                expect(lines.filter((l) => l.startsWith("Gateway="))).toEqual(
                    (nic.routes ?? []).map((r) => `Gateway=${r.via}`),
                );
                expect(lines.filter((l) => l.startsWith("Destination="))).toEqual(
                    (nic.routes ?? []).map((r) => `Destination=${r.to}`),
                );
            }
        }
    });

    it("has user-data and a network-config that cloud-init's schema accepts", () => {
        for (const seed of seeds) {
            expect(judge(SCHEMA, write("user-data", seed.userData))).toMatch(/valid/i);
            const network = write("network-config", seed.networkConfig);
            expect(judge(SCHEMA, "--schema-type", "network-config", network)).toMatch(/valid/i);
        }
    });
});

describe("the judges judge", () => {
    const seed = gatewaySeed(enclaveOf());

    it("nft refuses a broken ruleset", () => {
        expect(() =>
            nftCheck(`${contentOf(seed, PATHS.ruleset)}\ntable inet x { chain y { accpet } }\n`),
        ).toThrow(/accpet/);
    });

    it("tor refuses an unknown option", () => {
        expect(() => torVerify(`${contentOf(seed, PATHS.torrc)}TransProt 9040\n`)).toThrow(/TransProt/);
    });

    it("cloud-init refuses an unknown property", () => {
        expect(() => judge(SCHEMA, write("user-data", `${seed.userData}  - pth: /x\n`))).toThrow();
        const network = write("network-config", seed.networkConfig.replace("ethernets:", "ethernets: 3\nx:"));
        expect(() => judge(SCHEMA, "--schema-type", "network-config", network)).toThrow(/ethernets/);
    });
});

it("sysctl accepts every network setting", () => {
    const network = contentOf(gatewaySeed(enclaveOf()), PATHS.sysctl)
        .split("\n")
        .filter((l) => l.startsWith("net."));
    expect(network.length).toBeGreaterThan(10);
    const path = write("sysctl.conf", `${network.join("\n")}\n`);
    // sysctl(8) says what it sets; each setting is said at least once, a wildcard for every interface.
    const said = judge("unshare", "-n", "sysctl", "-p", path);
    expect(said).toContain("net.ipv4.conf.lo.accept_redirects = 0");
    expect(said.split("\n").length).toBeGreaterThan(network.length);
});
