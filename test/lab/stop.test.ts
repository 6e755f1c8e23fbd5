/** Who may stop a lab and when, and what stop says. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import { projectRoot } from "../../util/root";
import { inNamespace, labStatus, startLab, stopLab } from "../../lab";
import { runsGuest } from "../../lab/kvm";
import { NETNS_DIR } from "../../lab/namespaces";
import { holdNamespaces } from "../../lab/own";
import { resolveLab } from "../../lab/paths";
import { poll } from "../../lab/pause";
import { inodeOf } from "../../util/proc";
import { run } from "../../lab/run";
import { made } from "../support/sandbox/sandbox";
import { footprint, leftOf } from "./machine";
import type { Footprint } from "./machine";
import { STOPPED, labCli, labFolders } from "./world";

const dirFor = labFolders();
// One folder for most tests: its cache saves making keys each time.
const dir = dirFor("stop");

test("stop without a lab is fine and leaves no folder", async () => {
    const none = dirFor("none");
    const { pid } = spawnSync("true");
    writeFileSync(join(none, `lock.${pid}.tmp`), ""); // of one that was killed
    expect(await stopLab({ dir: none })).toEqual({ ok: true, wasThere: false, left: [] });
    expect(existsSync(none)).toBe(false);
    expect(await labStatus({ dir: none })).toMatchObject({ ok: false, state: "stopped" });
    expect(existsSync(none)).toBe(false);
});

test("a namespace that is gone lends its number to no stranger while a lab is taken down", async () => {
    const paths = resolveLab(dirFor("numbers"));
    const strangers = Array.from({ length: 8 }, (_, i) => `${paths.names.host}-${i}`);
    await run("ip", ["netns", "add", paths.names.host]);
    const held = holdNamespaces(paths);
    try {
        expect(held.inodes.size).toBe(1);
        await run("ip", ["netns", "delete", paths.names.host]);
        for (const name of strangers) {
            await run("ip", ["netns", "add", name]);
        }
        const theirs = strangers.map((name) => inodeOf(join(NETNS_DIR, name)));
        expect(new Set(theirs).size).toBe(strangers.length);
        expect(theirs.filter((inode) => inode === undefined || held.inodes.has(inode))).toEqual([]);
    } finally {
        held.release();
        for (const name of strangers) {
            await run("ip", ["netns", "delete", name], { reject: false });
        }
    }
});

test("a QEMU that hangs while it is tried out, and whose start was killed, is found and ended", async () => {
    const probed = dirFor("probe");
    const paths = resolveLab(probed);
    const hangs = join(probed, "hangs");
    writeFileSync(hangs, "#!/bin/bash\nwhile :; do sleep 1; done\n", { mode: 0o755 });
    await run("ip", ["netns", "add", paths.names.host]);
    const trying = runsGuest(paths, "kvm", undefined, hangs);
    const seen = await poll(
        () => {
            const now = footprint(probed);
            return now.processes.some((one) => one.command.includes("kvm-probe/boot.img")) ? now : undefined;
        },
        { every: 20, within: 4000, late: () => new Error("nothing in the lab's namespace tries QEMU") },
    );
    expect(leftOf(seen)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^process .*boot\.img/), "file libvirt"]),
    ); // the negative test of the looking
    expect(await stopLab({ dir: probed })).toEqual(STOPPED);
    expect(await trying).toBe(false);
    expect(leftOf(seen)).toEqual(["file hangs"]);
});

test("a start that is told to end cleans up after itself", async () => {
    const starting = labCli(dir, "start", "--json");
    const seen = await new Promise<Footprint>((resolve) => {
        starting.stderr.on("data", (data: Buffer) => {
            if (data.toString().includes("relays started")) {
                resolve(footprint(dir));
            }
        });
    });
    starting.kill("SIGTERM");
    const result = await starting;
    expect(result.exitCode).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({
        ok: false,
        checks: [],
        error: { message: expect.stringContaining("SIGTERM") as string },
    });
    expect(seen.processes.length).toBeGreaterThan(0);
    expect(leftOf(seen)).toEqual([]);
});

test("a second start or stop at the same time is refused", async () => {
    const first = startLab({ dir });
    await expect(startLab({ dir })).rejects.toThrow(/another `lab start` is at work/);
    await expect(stopLab({ dir })).rejects.toThrow(/another `lab start` is at work/);
    await first;
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
});

test("a deep folder with blanks holds a second lab, and neither disturbs the other", async () => {
    const one = await startLab({ dir });
    const deep = join(dirFor("deep"), "a folder with blanks", "d".repeat(60));
    made("lab", deep);
    const two = await startLab({ dir: deep });
    expect(two.lab.uri).toContain("/run/sallyport-");
    expect(two.lab.namespaces.host).not.toBe(one.lab.namespaces.host);
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
    expect(await labStatus({ dir: deep })).toMatchObject({ ok: true });
    const seen = footprint(deep);
    expect(await stopLab({ dir: deep })).toEqual(STOPPED);
    expect(leftOf(seen)).toEqual([]);
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
});

test("stop from inside the lab is refused, a stubborn program inside is killed", async () => {
    const { lab } = await startLab({ dir });
    const inside = await inNamespace(
        lab.namespaces.host,
        join(projectRoot(), "bin", "sallyport"),
        ["lab", "stop"],
        { env: { SALLYPORT_LAB_DIR: dir }, reject: false, stdin: "ignore" },
    );
    expect(inside.exitCode).toBe(2);
    expect(inside.stderr).toContain("inside the lab's own network namespace");
    const armed = join(dirFor("armed"), "armed");
    const stubborn = inNamespace(
        lab.namespaces.internet,
        "bash",
        ["-c", "trap '' TERM; touch \"$0\"; while :; do sleep 0.1; done", armed],
        { reject: false, stdin: "ignore" },
    );
    while (!existsSync(armed)) {
        await setTimeout(50);
    }
    const seen = footprint(dir);
    expect(await stopLab({ dir })).toEqual(STOPPED);
    expect((await stubborn).signal).toBe("SIGKILL");
    expect(leftOf(seen)).toEqual([]);
});

test("what cannot be removed is named", async () => {
    await startLab({ dir });
    const { pools } = resolveLab(dir);
    mkdirSync(join(pools, "busy"));
    await run("mount", ["-t", "tmpfs", "none", join(pools, "busy")]);
    const holder = execa("sleep", ["600"], { cwd: join(pools, "busy"), reject: false });
    try {
        const result = await stopLab({ dir });
        expect(result).toMatchObject({ ok: false, wasThere: true });
        expect(result.left).toContain(`mount ${join(pools, "busy")}`);
    } finally {
        holder.kill("SIGKILL");
        await holder;
    }
    expect(await stopLab({ dir })).toEqual(STOPPED);
    expect(existsSync(pools)).toBe(false);
});
