import { writeFileSync } from "node:fs";
import { requireUnwiped, volumesOf, type GuestVolumes } from "../../../components/wiping";
import type { Ask } from "../../../libvirt/client";

const VOLUMES: GuestVolumes = ["/red/a.qcow2", "/red/a-seed.iso"];

/** Answers with what the volumes hold; undefined: there is no such volume. */
function ask(held: Readonly<Record<string, Buffer | undefined>>): { ask: Ask; asked: string[] } {
    const asked: string[] = [];
    return {
        asked,
        ask: ([, volume = "", file = "", , offset = "", , length = ""]) => {
            asked.push(`${volume} ${offset} ${length}`);
            const content = held[volume];
            if (content !== undefined) {
                writeFileSync(file, content.subarray(Number(offset), Number(offset) + Number(length)));
            }
            return Promise.resolve(content === undefined ? undefined : "");
        },
    };
}

const overlay = Buffer.from("QFI\xfb and more", "latin1");
const seed = Buffer.concat([Buffer.alloc(32_768), Buffer.from("\x01CD001\x01")]);
const zeros = Buffer.alloc(40_000);

test("a guest's volumes are read where they have something to show", async () => {
    const good = ask({ "/red/a.qcow2": overlay, "/red/a-seed.iso": seed });
    await expect(requireUnwiped(VOLUMES, good.ask, "a")).resolves.toBeUndefined();
    expect(good.asked).toEqual(["/red/a.qcow2 0 4", "/red/a-seed.iso 32769 5"]);
});

test.each<[string, Record<string, Buffer | undefined>, RegExp]>([
    [
        "a wiped overlay",
        { "/red/a.qcow2": zeros, "/red/a-seed.iso": seed },
        /volume \/red\/a\.qcow2 was wiped by a destroy .* fix: bin\/pulumi up --replace '\*\*::a-overlay' --replace '\*\*::a-seed'$/,
    ],
    [
        "a wiped seed",
        { "/red/a.qcow2": overlay, "/red/a-seed.iso": zeros },
        /volume \/red\/a-seed\.iso was wiped/,
    ],
    ["a volume that is gone", { "/red/a.qcow2": overlay }, /volume \/red\/a-seed\.iso is gone; fix/],
    [
        "one that is too short",
        { "/red/a.qcow2": Buffer.from("QF"), "/red/a-seed.iso": seed },
        /a\.qcow2 was wiped/,
    ],
])("%s is refused", async (_, held, message) => {
    await expect(requireUnwiped(VOLUMES, ask(held).ask, "a")).rejects.toThrow(message);
});

test("no answer is no good answer", async () => {
    await expect(
        requireUnwiped(VOLUMES, () => Promise.reject(new Error("libvirt did not answer")), "a"),
    ).rejects.toThrow("did not answer");
});

test("which volumes a domain is going to have, its own inputs say; too few, too many, or unknown ones are refused", () => {
    expect(volumesOf({ disks: [{ volumeId: "/red/a.qcow2" }, { volumeId: "/red/a-seed.iso" }] })).toEqual(
        VOLUMES,
    );
    expect(
        volumesOf({
            disks: [
                { volumeId: "/red/a.qcow2" },
                { volumeId: "/red/a-seed.iso" },
                { volumeId: "/red-data/a-home" },
            ],
        }),
    ).toEqual(VOLUMES);
    for (const disks of [
        undefined,
        [],
        [{ volumeId: "a" }],
        [{ volumeId: "a" }, {}],
        [{ volumeId: "a" }, { volumeId: "b" }, { volumeId: "c" }, { volumeId: "d" }],
        [null, null],
    ]) {
        expect(() => volumesOf({ disks })).toThrow("can't be checked for wiped volumes");
    }
});
