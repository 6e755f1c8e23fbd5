import { statSync, readFileSync } from "node:fs";
import type { Virsh, VirshResult } from "../../../libvirt/client";
import type { VirshOutcome } from "../../../libvirt/errors";
import { NOT_REACHED, sizeIn, wipe, type WipeTarget } from "../../../cli/wipe";

const TARGET: WipeTarget = {
    uri: "qemu:///system",
    pool: "red",
    volume: "red-gateway-01.qcow2",
    domain: "red-gateway",
};
const WHICH = "--pool red --vol red-gateway-01.qcow2";
const ok = (stdout = ""): VirshResult => ({ outcome: "ok", stdout, message: "" });
const bad = (outcome: VirshOutcome): VirshResult => ({ outcome, stdout: "", message: `it is ${outcome}` });

/** As libvirt 9.0 writes it. */
const described = (physical: number, allocation: number): string =>
    `<volume type='file'>\n  <name>red-gateway-01.qcow2</name>\n  <capacity unit='bytes'>4294967296</capacity>\n  <allocation unit='bytes'>${allocation}</allocation>\n  <physical unit='bytes'>${physical}</physical>\n</volume>\n`;

interface World {
    running?: VirshResult;
    /** Physical and allocated bytes, or how asking ends; the last one repeats. */
    sizes?: (readonly [number, number] | VirshOutcome)[];
    fails?: Partial<Record<"vol-upload" | "vol-wipe", VirshOutcome>>;
}

function world({ running = ok("other\n\n"), sizes = [[200_000, 200_704]], fails = {} }: World): {
    virsh: Virsh;
    calls: string[];
    uploaded: { bytes: number; zeros: boolean }[];
} {
    const left = [...sizes];
    const [calls, uploaded]: [string[], { bytes: number; zeros: boolean }[]] = [[], []];
    const virsh: Virsh = (args) => {
        const [verb = "", ...rest] = args;
        calls.push([verb, ...rest].join(" ").replace(/--file \S+/, "--file ZEROS"));
        const failure = verb === "vol-upload" || verb === "vol-wipe" ? fails[verb] : undefined;
        if (failure !== undefined) {
            return Promise.resolve(bad(failure));
        }
        if (verb === "vol-upload") {
            const file = args.at(-1) ?? "";
            uploaded.push({
                bytes: statSync(file).size,
                zeros: readFileSync(file).every((byte) => byte === 0),
            });
        }
        if (verb === "vol-dumpxml") {
            const size = (left.length > 1 ? left.shift() : left[0]) ?? "error";
            return Promise.resolve(typeof size === "string" ? bad(size) : ok(described(...size)));
        }
        return Promise.resolve(verb === "list" ? running : ok());
    };
    return { virsh, calls, uploaded };
}

test("a full file is overwritten by libvirt, and looked at again", async () => {
    const { virsh, calls } = world({});
    expect(await wipe(virsh, TARGET)).toBe(200_000);
    expect(calls).toEqual([
        "list --name",
        `vol-dumpxml ${WHICH}`,
        `vol-wipe ${WHICH}`,
        `vol-dumpxml ${WHICH}`,
    ]);
});

test("one with holes is filled with zeros first: libvirt would cut it and overwrite nothing", async () => {
    const { virsh, calls, uploaded } = world({
        sizes: [
            [200_000, 65_536],
            [200_000, 200_704],
        ],
    });
    expect(await wipe(virsh, TARGET)).toBe(200_000);
    expect(calls).toEqual([
        "list --name",
        `vol-dumpxml ${WHICH}`,
        `vol-upload ${WHICH} --file ZEROS`,
        `vol-dumpxml ${WHICH}`,
        `vol-wipe ${WHICH}`,
        `vol-dumpxml ${WHICH}`,
    ]);
    expect(uploaded).toEqual([{ bytes: 200_000, zeros: true }]);
});

test.each(["no-volume", "no-pool"] as const)("%s: there is nothing to wipe any more", async (outcome) => {
    const { virsh, calls } = world({ sizes: [outcome] });
    expect(await wipe(virsh, TARGET)).toBeUndefined();
    expect(calls).toEqual(["list --name", `vol-dumpxml ${WHICH}`]);
});

test("under a running guest nothing is touched; one of a longer name is another", async () => {
    const { virsh, calls } = world({ running: ok("other\nred-gateway\n") });
    await expect(wipe(virsh, TARGET)).rejects.toMatchObject({
        message: expect.stringMatching(/is a disk of red-gateway, which runs/) as string,
        fix: expect.stringMatching(/virsh -c 'qemu:\/\/\/system' destroy red-gateway/) as string,
    });
    expect(calls).toEqual(["list --name"]);
    expect(await wipe(world({ running: ok("red-gateway-2\n") }).virsh, TARGET)).toBe(200_000);
});

test("one that is about to stop is waited for, as long as was said", async () => {
    const stopsAfter = (seconds: number): { virsh: Virsh; pause: () => Promise<void> } => {
        let left = seconds;
        const { virsh } = world({});
        return {
            virsh: (args) =>
                args[0] === "list" && left > 0 ? Promise.resolve(ok("red-gateway\n")) : virsh(args),
            pause: () => Promise.resolve(void (left -= 1)),
        };
    };
    const soon = stopsAfter(3);
    expect(await wipe(soon.virsh, TARGET, 3, soon.pause)).toBe(200_000);
    const late = stopsAfter(4);
    await expect(wipe(late.virsh, TARGET, 3, late.pause)).rejects.toThrow(/which runs/);
});

const UNWIPED =
    "remove it yourself, unwiped: virsh -c 'qemu:///system' vol-delete --pool red " +
    "red-gateway-01.qcow2, and go on";
test.each<[string, World, RegExp, string]>([
    [
        "libvirt that does not list domains",
        { running: bad("refused") },
        /can't list domains: it is refused/,
        "check that libvirtd runs there",
    ],
    [
        "libvirt that does not answer",
        { sizes: ["time-out"] },
        /can't look at volume red-gateway-01.qcow2: it is time-out/,
        "see whether libvirt answers: virsh -c 'qemu:///system' version; for one that is only " +
            "slow raise the limit: export SALLYPORT_LIBVIRT_TIMEOUT=1800",
    ],
    ["a volume that can't be read", { sizes: ["error"] }, /can't look at volume/, UNWIPED],
    [
        "no room to fill holes",
        { sizes: [[9, 0]], fails: { "vol-upload": "error" } },
        /can't fill the holes of volume red-gateway-01.qcow2: it is error/,
        UNWIPED,
    ],
    [
        "a file system that keeps no zeros",
        { sizes: [[9, 0]] },
        /can't be overwritten: its file system keeps no zeros/,
        UNWIPED,
    ],
    [
        "a wipe that fails",
        { fails: { "vol-wipe": "lost" } },
        /can't overwrite volume red-gateway-01.qcow2: it is lost/,
        "check that libvirtd runs there",
    ],
    [
        "a wipe that cut the file",
        {
            sizes: [
                [9, 9],
                [9, 0],
            ],
        },
        /can't be overwritten/,
        UNWIPED,
    ],
    ["a volume that is gone half-way", { sizes: [[9, 9], "no-volume"] }, /can't be overwritten/, UNWIPED],
])("%s is a failure that says what to do", async (_, given, message, fix) => {
    await expect(wipe(world(given).virsh, TARGET)).rejects.toMatchObject({
        message: expect.stringMatching(message) as string,
        fix: expect.stringContaining(fix) as string,
    });
});

test("sizes that are not there, or not in bytes, are no sizes", () => {
    expect(sizeIn(described(5, 6))).toEqual({ length: 5, allocated: 6 });
    for (const [from, to] of [
        ["<physical unit='bytes'>5</physical>", ""],
        ["<allocation unit='bytes'>", "<allocation unit='KiB'>"],
        [">6<", "><"],
        ["</volume>", ""],
    ] as const) {
        const changed = described(5, 6).replace(from, to);
        expect(changed).not.toBe(described(5, 6));
        expect(() => sizeIn(changed)).toThrow();
    }
});

test("what overwriting does not reach is named", () => {
    expect(NOT_REACHED).toMatch(/SSD.*copy-on-write.*snapshots and backups/);
});
