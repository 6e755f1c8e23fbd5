import * as fc from "fast-check";
import { parse } from "yaml";
import { gatewaySeed, seedOf, workstationSeed, type Seed } from "../../../cloud-init/seed";
import { renderSysctls } from "../../../cloud-init/sysctl";
import { rootFile, userData } from "../../../cloud-init/user-data";
import type { EnclavePlan } from "../../../plan/plan";
import { anyEnclave, AUTHORITY, enclaveOf } from "./plans";
import { placed } from "../../support/placed";

interface Written {
    path: string;
    owner: string;
    permissions: string;
    content: string;
    encoding?: string;
}

const seedsOf = (enclave: EnclavePlan): Seed[] => [
    gatewaySeed(enclave),
    ...enclave.workstations.map((w) => workstationSeed(enclave, w)),
];
const written = (seed: Seed): Written[] => (parse(seed.userData) as { write_files: Written[] }).write_files;

describe("every seed", () => {
    it("writes each file with the content that was built, and runs nothing", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const seed of seedsOf(enclave)) {
                    expect(seed.userData.startsWith("#cloud-config\n")).toBe(true);
                    expect(Object.keys(parse(seed.userData) as object)).toEqual(["write_files"]);
                    expect(written(seed).map((w) => [w.path, w.content, w.permissions, w.owner])).toEqual(
                        seed.files.map((f) => [f.path, f.content, f.permissions, f.owner]),
                    );
                }
            }),
            { numRuns: 20 },
        );
    });

    it("knows NICs by MAC, with static addresses and no auto-configuration", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const seed of seedsOf(enclave)) {
                    const { ethernets } = parse(seed.networkConfig) as {
                        ethernets: Record<string, Record<string, unknown>>;
                    };
                    for (const [name, nic] of Object.entries(ethernets)) {
                        expect(nic).toMatchObject({
                            "set-name": name,
                            dhcp4: false,
                            dhcp6: false,
                            "accept-ra": false,
                        });
                        expect((nic["match"] as { macaddress: string }).macaddress).toMatch(
                            /^52:54:00(:[0-9a-f]{2}){3}$/,
                        );
                        expect(seed.files.map((f) => f.path)).toContain(
                            `/etc/systemd/network/10-cloud-init-${name}.network.d/sallyport.conf`,
                        );
                    }
                }
            }),
            { numRuns: 20 },
        );
    });

    it("is named after its contents: another seed, another id; the same seed, the same id", () => {
        const id = (seed: Seed): string =>
            (parse(seed.metaData) as Record<string, string>)["instance-id"] ?? "";
        const enclave = enclaveOf({ workstations: placed({ name: "a" }, { name: "b" }) });
        const ids = seedsOf(enclave).map(id);
        expect(new Set(ids).size).toBe(3);
        expect(ids.every((i) => /^sallyport-[0-9a-f]{16}$/.test(i))).toBe(true);
        expect(seedsOf(enclaveOf({ workstations: placed({ name: "c" }, { name: "d" }) })).map(id)).toEqual(
            ids,
        );
        const [file] = gatewaySeed(enclave).files;
        expect(id(seedOf(file === undefined ? [] : [file], []))).not.toBe(ids[0]);
    });
});

it("gives a Workstation inner addresses only: nothing of names, the outside or the Tor network", () => {
    const enclave = enclaveOf(
        { workstations: [{ name: "telltale" }] },
        { torNetwork: { dirAuthorities: [AUTHORITY] } },
    );
    const text = JSON.stringify(enclave.workstations.map((w) => workstationSeed(enclave, w)));
    for (const secret of [
        "telltale",
        enclave.prefix,
        enclave.gateway.outer.address,
        enclave.gateway.outer.mac,
        "203.0.113",
        "DirAuthority",
    ]) {
        expect(text).not.toContain(secret);
    }
    expect(text).toContain(enclave.gateway.inner.address);
});

it("has a default route outside on the Gateway and through the Gateway on a Workstation", () => {
    const enclave = enclaveOf();
    const routes = (seed: Seed): unknown =>
        Object.entries(
            (parse(seed.networkConfig) as { ethernets: Record<string, { routes?: unknown }> }).ethernets,
        ).map(([name, nic]) => [name, nic.routes]);
    expect(routes(gatewaySeed(enclave))).toEqual([
        ["ext0", [{ to: "0.0.0.0/0", via: enclave.gateway.outer.route }]],
        ["int0", undefined],
    ]);
    expect(seedsOf(enclave).slice(1).map(routes)).toEqual([
        [["eth0", [{ to: "0.0.0.0/0", via: "10.152.152.10" }]]],
    ]);
});

describe("bad input", () => {
    it("refuses paths, modes and owners that are malformed, and a path twice", () => {
        for (const file of [
            rootFile("etc/x", ""),
            rootFile("/etc/../x", ""),
            rootFile("/etc/a b", ""),
            rootFile("/etc/", ""),
            rootFile("/etc/x", "", "644"),
            rootFile("/etc/x", "", "0888"),
            { ...rootFile("/etc/x", ""), owner: "root" },
        ]) {
            expect(() => userData([file])).toThrow(/guest file/);
        }
        expect(() => userData([rootFile("/etc/x", "a"), rootFile("/etc/x", "b")])).toThrow(
            "/etc/x is written twice",
        );
    });

    it("encodes what is not plain text and nothing else", () => {
        const entries = (
            parse(
                userData([rootFile("/a", "x y\n"), rootFile("/c", "x\ty\n"), rootFile("/b", "\u00e9")]),
            ) as { write_files: Written[] }
        ).write_files;
        expect(entries.map((e) => e.encoding)).toEqual([undefined, "b64", "b64"]);
        expect(Buffer.from(entries[2]?.content ?? "", "base64").toString("utf8")).toBe("\u00e9");
    });

    it("refuses sysctls that are none", () => {
        expect(() => renderSysctls({ "net.ipv4.ip_forward=1\nx": "0" })).toThrow(/sysctl/);
        expect(() => renderSysctls({ "kernel.sysrq": "0\nkernel.x = 1" })).toThrow(/one line/);
        expect(renderSysctls({ "net.ipv4.conf.*.rp_filter": "1" })).toBe("net.ipv4.conf.*.rp_filter = 1\n");
    });
});
