/** Whatever happens to a lab, stop leaves nothing; whatever happens to a start, it can be repeated. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { DEMO_STACK, demoPaths, demoSession } from "../../cli/demo/paths";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { projectRoot } from "../../cli/root";
import { inNamespace, labStatus, startLab, stopLab } from "../../lab";
import { resolveLab } from "../../lab/paths";
import { poll } from "../../lab/pause";
import { run } from "../../lab/run";
import { footprint, leftOf, lives } from "./machine";
import type { Footprint } from "./machine";
import { newDir, startDomain } from "./world";

const dirs: string[] = [];
const dirFor = (name: string): string => {
    const dir = newDir(name);
    dirs.push(dir);
    return dir;
};
// One folder for most tests: its cache saves making keys each time.
const dir = dirFor("stop");

afterAll(async () => {
    for (const one of dirs) {
        await stopLab({ dir: one });
        rmSync(one, { recursive: true, force: true });
    }
});

const kill = async (seen: Footprint, part: string): Promise<void> => {
    const victims = seen.processes.filter((one) => one.command.includes(part));
    expect(victims.length).toBeGreaterThan(0);
    victims.forEach((one) => process.kill(Number(one.pid), "SIGKILL"));
    await poll(() => !victims.some(lives) || undefined, { every: 20, within: 60_000, late: () => new Error(`${part} lives on`) });
};
const stopped = { ok: true, wasThere: true, left: [] };
const cli = (state: string, ...args: string[]) => execa(join(projectRoot(), "bin", "sallyport"), ["lab", ...args],
    { env: { SALLYPORT_LAB_DIR: state }, reject: false, stdin: "ignore" });

test("stop without a lab is fine and leaves no folder", async () => {
    const none = dirFor("none");
    const { pid } = spawnSync("true");
    writeFileSync(join(none, `lock.${pid}.tmp`), ""); // of one that was killed
    expect(await stopLab({ dir: none })).toEqual({ ok: true, wasThere: false, left: [] });
    expect(existsSync(none)).toBe(false);
    expect(await labStatus({ dir: none })).toMatchObject({ ok: false, state: "stopped" });
    expect(existsSync(none)).toBe(false);
});

test("libvirtd killed while a domain runs: status says so, stop leaves nothing, reports and cache stay", async () => {
    const { lab } = await startLab({ dir });
    await startDomain(lab, "orphan", "x");
    writeFileSync(join(dir, "demo.json"), "{}");
    const seen = footprint(dir);
    expect(seen.processes.map((one) => one.command).join("\n")).toMatch(/qemu-system[^]*dnsmasq|dnsmasq[^]*qemu-system/);
    await kill(seen, "/libvirtd ");
    const status = await labStatus({ dir });
    expect(status).toMatchObject({ ok: false, state: "broken" });
    expect(status.checks.filter((check) => check.status === "fail").map((check) => check.id)).toEqual(expect.arrayContaining(["lab.processes", "lab.libvirt"]));
    expect(leftOf(seen).length).toBeGreaterThan(10); // the anti-test of the looking
    expect(await stopLab({ dir })).toEqual(stopped);
    expect(leftOf(seen)).toEqual(["file demo.json"]);
    expect(existsSync(join(dir, "cache"))).toBe(true);
    rmSync(join(dir, "demo.json"));
});

test("demo --down cleans up after a demo whose libvirtd was killed", async () => {
    const settings = join(projectRoot(), `Pulumi.${DEMO_STACK}.yaml`);
    const ofAnotherDemo = existsSync(settings) ? readFileSync(settings) : undefined;
    process.env["SALLYPORT_LAB_DIR"] = dir;
    try {
        const { lab } = await startLab({ dir });
        await demoSession().init(labStackConfig(lab));
        const paths = demoPaths();
        [paths.capture, paths.json].forEach((file) => writeFileSync(file, "{}"));
        await startDomain(lab, "demo", "x");
        const seen = footprint(dir);
        await kill(seen, "/libvirtd ");
        expect(leftOf(seen)).toEqual(expect.arrayContaining([expect.stringContaining("qemu-system"), "file demo", "file demo.json"]));
        expect(existsSync(settings)).toBe(true);
        const down = await execa(join(projectRoot(), "bin", "sallyport"), ["demo", "--down"], { reject: false, stdin: "ignore" });
        expect(down.stdout).toContain("nothing is left");
        expect(down.exitCode).toBe(0);
        expect(leftOf(seen)).toEqual([]);
        expect(existsSync(settings)).toBe(false);
    } finally {
        delete process.env["SALLYPORT_LAB_DIR"];
        if (ofAnotherDemo !== undefined) {
            writeFileSync(settings, ofAnotherDemo);
        }
    }
});

test("a broken lab is started anew", async () => {
    await startLab({ dir });
    const seen = footprint(dir);
    await kill(seen, "exit2.torrc");
    const said: string[] = [];
    const { alreadyRunning } = await startLab({ dir, progress: (line) => said.push(line) });
    expect(alreadyRunning).toBe(false);
    expect(said.join("\n")).toContain("not running: tor exit2");
    expect(seen.processes.filter(lives)).toEqual([]);
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
});

test("namespaces that lost their names, and a deleted state folder", async () => {
    await startLab({ dir });
    const nameless = footprint(dir);
    const { names } = resolveLab(dir);
    await run("ip", ["netns", "delete", names.host]);
    await run("ip", ["netns", "delete", names.internet]);
    expect(await stopLab({ dir })).toEqual(stopped);
    expect(leftOf(nameless)).toEqual([]);

    await startLab({ dir });
    const stateless = footprint(dir);
    const away = `${dir}-away`; // deleted for all that go by its path; deleting for real fails while relays write into it
    dirs.push(away);
    renameSync(dir, away);
    expect(await stopLab({ dir })).toEqual(stopped);
    expect(leftOf(stateless)).toEqual([]);
    mkdirSync(dir, { recursive: true });
});

test("a start killed at any stage is cleaned up by stop, and the next start works", async () => {
    for (const stage of ["namespaces ", "making keys", "web server answers", "relays started", "libvirt answers"]) {
        if (stage === "making keys") {
            rmSync(join(dir, "cache"), { recursive: true, force: true });
        }
        const starting = cli(dir, "start");
        const reached = await new Promise<boolean>((resolve) => {
            let said = "";
            starting.stderr.on("data", (data: Buffer) => {
                said += data.toString();
                if (said.includes(stage)) {
                    resolve(true);
                }
            });
            starting.then(() => resolve(false), () => resolve(false));
        });
        expect([stage, reached]).toEqual([stage, true]);
        starting.kill("SIGKILL");
        await starting;
        const seen = footprint(dir);
        expect(await stopLab({ dir })).toEqual(stopped);
        expect([stage, leftOf(seen)]).toEqual([stage, []]);
    }
    expect(await startLab({ dir })).toMatchObject({ alreadyRunning: false });
    expect(await stopLab({ dir })).toEqual(stopped);
});

test("a start that is told to end cleans up after itself", async () => {
    const starting = cli(dir, "start", "--json");
    const seen = await new Promise<Footprint>((resolve) => {
        starting.stderr.on("data", (data: Buffer) => {
            if (data.toString().includes("relays started")) {
                resolve(footprint(dir));
            }
        });
    });
    starting.kill("SIGTERM");
    const result = await starting;
    expect(result.exitCode).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, checks: [{ id: "lab.start", detail: expect.stringContaining("SIGTERM") }] });
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
    const two = await startLab({ dir: deep });
    expect(two.lab.uri).toContain("/run/sallyport-");
    expect(two.lab.namespaces.host).not.toBe(one.lab.namespaces.host);
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
    expect(await labStatus({ dir: deep })).toMatchObject({ ok: true });
    const seen = footprint(deep);
    expect(await stopLab({ dir: deep })).toEqual(stopped);
    expect(leftOf(seen)).toEqual([]);
    expect(await labStatus({ dir })).toMatchObject({ ok: true });
});

test("stop from inside the lab is refused, a stubborn program inside is killed", async () => {
    const { lab } = await startLab({ dir });
    const inside = await inNamespace(lab.namespaces.host, join(projectRoot(), "bin", "sallyport"), ["lab", "stop"],
        { env: { SALLYPORT_LAB_DIR: dir }, reject: false, stdin: "ignore" });
    expect(inside.exitCode).toBe(1);
    expect(inside.stderr).toContain("inside the lab's own network namespace");
    const stubborn = inNamespace(lab.namespaces.internet, "bash", ["-c", "trap '' TERM; while :; do sleep 0.1; done"], { reject: false, stdin: "ignore" });
    const seen = footprint(dir);
    expect(await stopLab({ dir })).toEqual(stopped);
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
    expect(await stopLab({ dir })).toEqual(stopped);
    expect(existsSync(pools)).toBe(false);
});
