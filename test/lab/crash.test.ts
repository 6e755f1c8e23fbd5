/** Whatever happens to a lab or to a start, stop leaves nothing and the next start works. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { demoPaths, demoSession } from "../../cli/demo/paths";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { projectRoot } from "../../util/root";
import { labStatus, startLab, stopLab } from "../../lab";
import { resolveLab } from "../../lab/paths";
import { poll } from "../../lab/pause";
import { run } from "../../lab/run";
import { footprint, leftOf, lives } from "./machine";
import type { Footprint } from "./machine";
import { STOPPED, labCli, labFolders, startDomain } from "./world";

// One folder for all: its cache saves making keys each time.
const dir = labFolders()("crash");

const kill = async (seen: Footprint, part: string): Promise<void> => {
    const victims = seen.processes.filter((one) => one.command.includes(part));
    expect(victims.length).toBeGreaterThan(0);
    victims.forEach((one) => process.kill(Number(one.pid), "SIGKILL"));
    await poll(() => !victims.some(lives) || undefined, {
        every: 20,
        within: 60_000,
        late: () => new Error(`${part} lives on`),
    });
};
test("libvirtd killed while a domain runs: status says so, stop leaves nothing, reports and cache stay", async () => {
    const { lab } = await startLab({ dir });
    await startDomain(lab, "orphan", "x");
    writeFileSync(join(dir, "demo.json"), "{}");
    const seen = footprint(dir);
    expect(seen.processes.map((one) => one.command).join("\n")).toMatch(
        /qemu-system[^]*dnsmasq|dnsmasq[^]*qemu-system/,
    );
    await kill(seen, "/libvirtd ");
    const status = await labStatus({ dir });
    expect(status).toMatchObject({ ok: false, state: "broken" });
    expect(status.checks.filter((check) => check.status === "fail").map((check) => check.id)).toEqual(
        expect.arrayContaining(["lab.processes", "lab.libvirt"]),
    );
    expect(leftOf(seen).length).toBeGreaterThan(10); // the negative test of the looking
    expect(await stopLab({ dir })).toEqual(STOPPED);
    expect(leftOf(seen)).toEqual(["file demo.json"]);
    expect(existsSync(join(dir, "cache"))).toBe(true);
    rmSync(join(dir, "demo.json"));
});

test("demo --down cleans up after a demo whose libvirtd was killed", async () => {
    process.env["SALLYPORT_LAB_DIR"] = join(dir, "another");
    const ofAnother = demoSession().settingsFile;
    writeFileSync(ofAnother, "{}");
    process.env["SALLYPORT_LAB_DIR"] = dir;
    const settings = demoSession().settingsFile;
    try {
        const { lab } = await startLab({ dir });
        await demoSession().init(labStackConfig(lab));
        const paths = demoPaths();
        [paths.capture, paths.json].forEach((file) => writeFileSync(file, "{}"));
        await startDomain(lab, "demo", "x");
        const seen = footprint(dir);
        await kill(seen, "/libvirtd ");
        expect(leftOf(seen)).toEqual(
            expect.arrayContaining([expect.stringContaining("qemu-system"), "file demo", "file demo.json"]),
        );
        expect(existsSync(settings)).toBe(true);
        const down = await execa(join(projectRoot(), "bin", "sallyport"), ["demo", "--down"], {
            reject: false,
            stdin: "ignore",
        });
        expect(down.stdout).toContain("nothing is left");
        expect(down.exitCode).toBe(0);
        expect(leftOf(seen)).toEqual([]);
        expect(existsSync(settings)).toBe(false);
        expect(existsSync(ofAnother)).toBe(true);
    } finally {
        delete process.env["SALLYPORT_LAB_DIR"];
        rmSync(ofAnother);
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
    expect(await stopLab({ dir })).toEqual(STOPPED);
    expect(leftOf(nameless)).toEqual([]);

    await startLab({ dir });
    const stateless = footprint(dir);
    const away = `${dir}-away`; // deleted for all that go by its path; deleting for real fails while relays write into it
    renameSync(dir, away);
    try {
        expect(await stopLab({ dir })).toEqual(STOPPED);
        expect(leftOf(stateless)).toEqual([]);
    } finally {
        rmSync(away, { recursive: true, force: true });
    }
    mkdirSync(dir, { recursive: true });
});

test("a start killed at any stage is cleaned up by stop, and the next start works", async () => {
    for (const stage of [
        "namespaces ",
        "making keys",
        "web server answers",
        "relays started",
        "libvirt answers",
    ]) {
        if (stage === "making keys") {
            rmSync(join(dir, "cache"), { recursive: true, force: true });
        }
        const starting = labCli(dir, "start");
        const reached = await new Promise<boolean>((resolve) => {
            let said = "";
            starting.stderr.on("data", (data: Buffer) => {
                said += data.toString();
                if (said.includes(stage)) {
                    resolve(true);
                }
            });
            starting.then(
                () => resolve(false),
                () => resolve(false),
            );
        });
        expect([stage, reached]).toEqual([stage, true]);
        starting.kill("SIGKILL");
        await starting;
        const seen = footprint(dir);
        expect(await stopLab({ dir })).toEqual(STOPPED);
        expect([stage, leftOf(seen)]).toEqual([stage, []]);
    }
    expect(await startLab({ dir })).toMatchObject({ alreadyRunning: false });
    expect(await stopLab({ dir })).toEqual(STOPPED);
});
