import { writeFileSync } from "node:fs";
import { requireUnwiped } from "../../../components/wiping";
import type { Ask } from "../../../components/leftovers";

const VOLUMES = { pool: "red", overlay: "a.qcow2", seed: "a-seed.iso" };

/** Answers with what the volumes hold; undefined: there is no such volume. */
function ask(held: Readonly<Record<string, Buffer | undefined>>): { ask: Ask; asked: string[] } {
    const asked: string[] = [];
    return {
        asked,
        ask: ([, , , volume = "", file = "", , offset = "", , length = ""]) => {
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
    const good = ask({ "a.qcow2": overlay, "a-seed.iso": seed });
    await expect(requireUnwiped(VOLUMES, good.ask)).resolves.toBeUndefined();
    expect(good.asked).toEqual(["a.qcow2 0 4", "a-seed.iso 32769 5"]);
});

test.each<[string, Record<string, Buffer | undefined>, RegExp]>([
    ["a wiped overlay", { "a.qcow2": zeros, "a-seed.iso": seed }, /volume a\.qcow2 in pool red holds nothing any more: a destroy .* way out: bin\/pulumi destroy to its end/],
    ["a wiped seed", { "a.qcow2": overlay, "a-seed.iso": zeros }, /volume a-seed\.iso in pool red holds nothing any more/],
    ["a volume that is gone", { "a.qcow2": overlay }, /volume a-seed\.iso in pool red is gone; way out/],
    ["one that is too short", { "a.qcow2": Buffer.from("QF"), "a-seed.iso": seed }, /a\.qcow2 .* holds nothing/],
])("%s is refused", async (_, held, message) => {
    await expect(requireUnwiped(VOLUMES, ask(held).ask)).rejects.toThrow(message);
});

test("no answer is no good answer", async () => {
    await expect(requireUnwiped(VOLUMES, () => Promise.reject(new Error("libvirt did not answer")))).rejects.toThrow("did not answer");
});
