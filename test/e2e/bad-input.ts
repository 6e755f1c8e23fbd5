/** Input that can't work is refused at once, in words that name what is wrong and the way out. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import type { StackSession } from "../../cli/live/stack-session";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { pathWithout } from "./support/path-farm";
import { LIMIT, lab, stack, work } from "./support/world";

/** A manifest over a file of zeros that looks like a qcow2; with its right checksum unless another is named. */
function manifest(name: string, sizeMiB: number, claimed?: string): string {
    const folder = join(work, name);
    mkdirSync(folder);
    const content = Buffer.alloc(sizeMiB * 2 ** 20);
    content.write("QFI\xfb\0\0\0\x03", "latin1");
    const sha256 = claimed ?? createHash("sha256").update(content).digest("hex");
    writeFileSync(join(folder, "image.qcow2"), content);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ file: "image.qcow2", sha256, sizeBytes: content.length }));
    return join(folder, "manifest.json");
}

describe("Bad input", () => {
    let session: StackSession;
    let empty: Inventory;
    before(async () => {
        empty = await inventory();
        session = stack("bad");
        await session.init(labStackConfig(lab()));
    });
    after(() => session.forget());
    const configure = (more: Record<string, unknown>): void => {
        session.configure({ ...labStackConfig(lab()), ...more });
    };
    const preview = (env: Record<string, string> = {}): ReturnType<StackSession["run"]> =>
        session.run(["preview"], { timeoutSeconds: LIMIT.preview, env });
    const up = (): ReturnType<StackSession["run"]> => session.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], { timeoutSeconds: LIMIT.up });

    it("every problem of a configuration is told at preview", async () => {
        configure({ colour: "blue", enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.152.152.0/24" } }] });
        failedWith(await preview(), /sallyport:colour/, /allowed: .*uri/);
        configure({ enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.152.152.0/24" } }] });
        failedWith(await preview(), /enclaves\[0\]/, /10\.152\.152\.0\/24/, /way out/);
    });

    it("a missing image is told at preview", async () => {
        configure({ image: "/nonexistent/manifest.json" });
        failedWith(await preview(), /sallyport:image/, /\/nonexistent\/manifest\.json/, /make image/);
    });

    for (const [program, debian, ...aliases] of [["xsltproc", "xsltproc"], ["mkisofs", "genisoimage", "genisoimage", "xorrisofs"]] as const) {
        it(`${program} missing is told at preview`, async () => {
            configure({});
            failedWith(await preview({ PATH: pathWithout(program, ...aliases) }), new RegExp(`\\b${program}\\b`), new RegExp(`apt-get install ${debian}`));
        });
    }

    it("a libvirt that refuses is named", async () => {
        configure({ uri: "qemu:///system?socket=/nonexistent/libvirt-sock", image: manifest("right-sum", 1) });
        failedWith(await up(), /\/nonexistent\/libvirt-sock/, /failed to dial libvirt|failed to connect/i);
    });

    it("an image of another checksum is not uploaded", async () => {
        configure({ image: manifest("wrong-sum", 1, "0".repeat(64)) });
        failedWith(await up(), /has SHA-256 [0-9a-f]{64}, expected is 0{64}/, /make image/);
        assert.deepEqual((await inventory()).domains, []);
        assert.equal((await inventory()).files.some((file) => file.endsWith(".qcow2")), false);
    });

    it("destroy leaves nothing of what a refused up had made", async () => {
        succeeded(await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }));
        assert.deepEqual(await inventory(), empty);
    });
});
