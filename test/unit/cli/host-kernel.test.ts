/** `plan --live` and what a host's unit says of its kernel. */
import { kernelProblems } from "../../../cli/live/host-kernel";
import type { Virsh } from "../../../libvirt/client";
import { type LiveHost, readLive } from "../../../model/adapters";
import { listingOf } from "../../support/kernel-listing";

const EMPTY: LiveHost = {
    uri: "qemu:///system",
    domains: [],
    networks: [],
    pools: [],
    next: { domains: [], networks: [] },
    active: [],
    autostart: { domains: [], networks: [] },
    kept: [],
    taps: { from: "libvirt" },
};
const NIC = { tap: "vnet1", mac: "52:54:00:98:98:0b" };
const URI = "qemu:///system";
const guest = `<domain type='kvm' id='1'><name>w</name><devices><interface type='network'><mac address='${NIC.mac}'/><source network='n' bridge='b'/><target dev='${NIC.tap}'/><filterref filter='f'/></interface></devices></domain>`;
const { domains } = readLive([{ ...EMPTY, domains: [guest] }]);

const report = (change: object = {}): string =>
    JSON.stringify({
        v: 1,
        time: 1000,
        script: "x",
        ebtables: listingOf(NIC),
        nat: null,
        bridges: "",
        interfaces: [],
        ...change,
    });
/** A host whose pool `a-status` has these files; the last is what a download gives. */
const host =
    (files: Readonly<Record<string, string>>): Virsh =>
    async (args) => {
        const ok = (stdout: string) => ({ outcome: "ok" as const, stdout, message: "" });
        if (args[0] === "pool-list") {
            return ok("default\na-status\n");
        }
        if (args[0] === "vol-download") {
            const { writeFile } = await import("node:fs/promises");
            await writeFile(args[4] ?? "", files[args[3] ?? ""] ?? "");
            return ok("");
        }
        return ok(
            `${Object.keys(files)
                .map((name) => ` ${name}   /p/${name}`)
                .join("\n")}\n`,
        );
    };
const said = async (files: Readonly<Record<string, string>>, now = 1010): Promise<string[]> =>
    (await kernelProblems(domains, URI, host(files), now)).map(({ what }) => what);

it("a filter that the kernel has is no problem; without a unit nothing is said", async () => {
    expect(await said({ "g.status": "x", "g.status.host": report() })).toEqual([]);
    expect(await said({ "g.status": "x" })).toEqual([]);
});

it("the newest report counts", async () => {
    const old = report({ time: 900, ebtables: listingOf() });
    expect(await said({ "g.host": old, "h.host": report() })).toEqual([]);
    expect(
        await said({ "g.host": report({ time: 900 }), "h.host": report({ ebtables: listingOf() }) }),
    ).toEqual([`the kernel of the host at ${URI}: no frame of vnet1 is filtered on its way out`]);
});

it.each<[string, Readonly<Record<string, string>>, number, RegExp]>([
    [
        "a flushed table",
        { "g.host": report({ ebtables: listingOf() }) },
        1010,
        /no frame of vnet1 is filtered/,
    ],
    [
        "other rules",
        { "g.host": report({ ebtables: listingOf(NIC).replaceAll("-j DROP", "-j ACCEPT") }) },
        1010,
        /libvirt-I-vnet1 has other rules/,
    ],
    [
        "another guest's filter",
        { "g.host": report({ ebtables: listingOf({ ...NIC, tap: "vnet9" }) }) },
        1010,
        /no frame of vnet1/,
    ],
    ["no listing", { "g.host": report({ ebtables: null }) }, 1010, /what it filters cannot be read/],
    ["a report that is old", { "g.host": report() }, 1300, /is 300 s old/],
    ["a report of the future", { "g.host": report() }, 500, /is -500 s old/],
    [
        "no report",
        { "g.host": "{" },
        1010,
        /says of its kernel cannot be read: g\.host is of another version/,
    ],
])("negative test: %s", async (_, files, now, what) => {
    expect(await said(files, now)).toEqual([expect.stringMatching(what)]);
});

it("a libvirt that does not answer is a problem", async () => {
    const down: Virsh = () => Promise.resolve({ outcome: "error", stdout: "", message: "no driver" });
    expect((await kernelProblems(domains, URI, down)).map(({ what }) => what)).toEqual([
        expect.stringMatching(/cannot be read: no driver/),
    ]);
});
