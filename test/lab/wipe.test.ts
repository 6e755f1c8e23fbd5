/**
 * `bin/sallyport wipe` on a real libvirt and a real file system: old blocks are written over where they are,
 * and none is just let go.
 */
import { copyFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../util/root";
import { startLab } from "../../lab";
import type { LabInfo } from "../../lab";
import { run } from "../../lab/run";
import { labFolders, virsh } from "./world";

const folder = labFolders();
let lab: LabInfo;
let pool: string;
const file = (volume: string): string => join(pool, volume);

/** A guest's disk as QEMU leaves it, with a hole at its end; its known bytes are counted. */
async function disk(volume: string): Promise<void> {
    await run("qemu-img", ["create", "-q", "-f", "qcow2", file(volume), "64M"], { stdin: "ignore" });
    await run(
        "qemu-io",
        ["-f", "qcow2", "-c", "write -P 0xa5 0 6M", "-c", "write -P 0xa5 40M 1", file(volume)],
        { stdin: "ignore" },
    );
    await run("sync", [file(volume)], { stdin: "ignore" });
}
const known = (volume: string): number => readFileSync(file(volume)).filter((byte) => byte === 0xa5).length;
const sparse = (volume: string): boolean => statSync(file(volume)).blocks * 512 < statSync(file(volume)).size;

/** Where the file system keeps each block of a file that it has written: `logical physical`. */
async function places(volume: string): Promise<Set<string>> {
    const { stdout } = await run("filefrag", ["-v", file(volume)], { stdin: "ignore" });
    const rows = stdout
        .split("\n")
        .map((line) => /^ *\d+: *(\d+)\.\. *(\d+): *(\d+)\.\. *\d+: *\d+:(.*)$/.exec(line))
        .filter((row) => row !== null && !/delalloc|unknown|unwritten/.test(row[4] ?? ""));
    return new Set(
        rows.flatMap((row) => {
            const [first, last, physical] = [Number(row?.[1]), Number(row?.[2]), Number(row?.[3])];
            return Array.from({ length: last - first + 1 }, (_, i) => `${first + i} ${physical + i}`);
        }),
    );
}

const wipe = (volume: string, domain = "gone") =>
    execa(
        join(projectRoot(), "bin", "sallyport"),
        ["wipe", "--uri", lab.uri, "--pool", "wiped", "--volume", volume, "--domain", domain, "--wait", "1"],
        { reject: false, stdin: "ignore" },
    );

beforeAll(async () => {
    ({ lab } = await startLab({ dir: folder("wipe") }));
    pool = join(lab.poolRoot, "wiped");
    mkdirSync(pool);
    await virsh(lab, "pool-create-as", "wiped", "dir", "--target", pool);
});

test("a disk with holes is overwritten in place, and on the disk before anybody can remove it", async () => {
    await disk("guest.qcow2");
    await virsh(lab, "pool-refresh", "wiped");
    expect([known("guest.qcow2") > 6_000_000, sparse("guest.qcow2")]).toEqual([true, true]);
    const before = await places("guest.qcow2");
    expect(before.size).toBeGreaterThan(1500);
    const run_ = await wipe("guest.qcow2");
    expect([run_.exitCode, run_.stderr]).toEqual([
        0,
        expect.stringMatching(
            /^volume guest\.qcow2: overwritten, \d+\.\d MiB; not reached by that: spare cells of an SSD/,
        ),
    ]);
    expect(readFileSync(file("guest.qcow2")).every((byte) => byte === 0)).toBe(true);
    const after = await places("guest.qcow2");
    expect([...before].filter((place) => !after.has(place))).toEqual([]);
    // Its holes had no place: they have one now, which the file system gives at the moment of writing it out.
    expect(after.size * 4096).toBeGreaterThanOrEqual(statSync(file("guest.qcow2")).size);
});

test("so is what a guest wrote after libvirt had last looked, in a file without holes", async () => {
    copyFileSync(join(projectRoot(), "package-lock.json"), file("grown.iso"));
    await virsh(lab, "pool-refresh", "wiped");
    const grown = Buffer.alloc(3 * 1024 ** 2, 0xa5);
    await run("dd", ["of=" + file("grown.iso"), "conv=fsync", "status=none"], { input: grown });
    const before = await places("grown.iso");
    expect([before.size, sparse("grown.iso")]).toEqual([768, false]);
    expect((await wipe("grown.iso")).exitCode).toBe(0);
    expect(known("grown.iso")).toBe(0);
    expect(await places("grown.iso")).toEqual(before);
});

test("the negative test: libvirt's own wipe of the same disk lets its blocks go as they are", async () => {
    await disk("cut.qcow2");
    await virsh(lab, "pool-refresh", "wiped");
    expect((await places("cut.qcow2")).size).toBeGreaterThan(1500);
    await virsh(lab, "vol-wipe", "--pool", "wiped", "cut.qcow2");
    expect([known("cut.qcow2"), (await places("cut.qcow2")).size]).toEqual([0, 0]);
});

test("what is gone needs no wiping; a libvirt that does not answer is no libvirt without the volume", async () => {
    const gone = await wipe("never.qcow2");
    expect([gone.exitCode, gone.stderr]).toEqual([0, "volume never.qcow2: there is none any more"]);
    const silent = await execa(
        join(projectRoot(), "bin", "sallyport"),
        [
            "wipe",
            "--uri",
            "qemu:///system?socket=/nowhere",
            "--pool",
            "wiped",
            "--volume",
            "x",
            "--domain",
            "y",
        ],
        { reject: false, stdin: "ignore" },
    );
    expect([silent.exitCode, silent.stderr]).toEqual([
        2,
        expect.stringMatching(/can't list domains: .*; fix: check that libvirtd runs there/),
    ]);
});

test("a running guest's disk is left alone", async () => {
    await disk("live.qcow2");
    await virsh(lab, "pool-refresh", "wiped");
    const domain = join(lab.poolRoot, "live.xml");
    await run("tee", [domain], {
        input: `<domain type="${lab.virt}"><name>live</name><memory unit="MiB">16</memory><vcpu>1</vcpu><os><type arch="x86_64" machine="pc">hvm</type></os></domain>`,
    });
    await virsh(lab, "create", domain);
    const refused = await wipe("live.qcow2", "live");
    expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringMatching(/volume live\.qcow2 is a disk of live, which runs; fix: .* destroy live$/),
    ]);
    expect(known("live.qcow2")).toBeGreaterThan(6_000_000);
    await virsh(lab, "destroy", "live");
    expect((await wipe("live.qcow2", "live")).exitCode).toBe(0);
    expect(known("live.qcow2")).toBe(0);
});
