import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RELAYS } from "../../../lab/addresses";
import { parseLabInfo, readLab, writeLab } from "../../../lab/info";
import type { LabInfo } from "../../../lab/info";

const info: LabInfo = {
    uri: "qemu:///system?socket=/srv/.lab/libvirt/run/libvirt-sock",
    virt: "qemu",
    poolRoot: "/srv/.lab/pools",
    namespaces: { host: "sp000000-host", internet: "sp000000-net" },
    torNetwork: {
        dirAuthorities: [
            `auth1 orport=5000 no-v2 v3ident=${"A".repeat(40)} 203.0.113.11:7000 ${"B".repeat(40)}`,
        ],
    },
    relays: RELAYS.map((relay) => ({ ...relay })),
    web: {
        url: "http://198.51.100.80/",
        address: "198.51.100.80",
        hostname: "web.example.test",
        log: "/srv/.lab/web.jsonl",
    },
    startedAt: "2026-11-22T19:02:10.585Z",
};
const parse = (value: unknown): LabInfo => parseLabInfo(JSON.stringify(value), "lab.json");

let dir = "";
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-info-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("what is written can be read", () => {
    const file = join(dir, "lab.json");
    writeLab(file, info);
    expect(parseLabInfo(readFileSync(file, "utf8"), file)).toEqual(info);
});

test.each([
    ["uri", { ...info, uri: "qemu:///system" }],
    ["virt", { ...info, virt: "xen" }],
    ["poolRoot", { ...info, poolRoot: "pools" }],
    ["namespaces.host", { ...info, namespaces: { internet: "x" } }],
    ["torNetwork.dirAuthorities", { ...info, torNetwork: { dirAuthorities: [] } }],
    ["torNetwork.dirAuthorities.0", { ...info, torNetwork: { dirAuthorities: ["auth1\nSocksPort 9050"] } }],
    ["relays.0.address", { ...info, relays: [{ ...RELAYS[0], address: "203.0.113.300" }] }],
    ["relays.0.orPort", { ...info, relays: [{ ...RELAYS[0], orPort: 0 }] }],
    ["startedAt", { ...info, startedAt: "today" }],
    ["document", { ...info, surplus: 1 }],
    ["document", []],
])("a wrong %s is named", (property, value) => {
    expect(() => parse(value)).toThrow(
        expect.objectContaining({
            message: expect.stringContaining(property),
            fix: expect.stringContaining("lab stop"),
        }),
    );
});

test("half a file is refused", () => {
    expect(() => parseLabInfo(JSON.stringify(info).slice(0, 50), "lab.json")).toThrow(
        /does not describe a lab/,
    );
});

test("no lab, and one that is gone, are errors with a fix", () => {
    expect(() => readLab(dir)).toThrow(
        expect.objectContaining({
            message: expect.stringMatching(/no lab runs/),
            fix: expect.stringContaining("lab start"),
        }),
    );
    writeFileSync(join(dir, "lab.json"), JSON.stringify(info));
    expect(() => readLab(dir)).toThrow(/left over: network namespace sp000000-host/);
});
