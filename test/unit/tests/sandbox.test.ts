/** What a killed test run leaves is found and removed by the next; what a living run has stays. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
    appendFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ProcessRegistry } from "../../../lab/process-registry";
import { poll } from "../../../lab/pause";
import { projectRoot } from "../../../util/root";
import { allPids, identify, isAlive, type ProcessId } from "../../../util/proc";
import { living, made, madeIn, openSandbox, sandboxes, VARIABLE } from "../../support/sandbox/sandbox";
import { removeDead, removeSandbox } from "../../support/sandbox/remove";

let base: string;
const children: ChildProcess[] = [];
beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "sandbox-"));
});
afterEach(() => {
    children.splice(0).forEach((child) => child.kill("SIGKILL"));
    rmSync(base, { recursive: true });
});

function environmentOf(pid: number): string {
    try {
        return readFileSync(`/proc/${pid}/environ`, "utf8");
    } catch {
        return ""; // gone meanwhile
    }
}

async function started(env: Record<string, string> = {}): Promise<{ child: ChildProcess; id: ProcessId }> {
    const child = spawn("sleep", ["600"], { stdio: "ignore", env: { ...process.env, ...env } });
    children.push(child);
    await once(child, "spawn");
    // Its environment is sleep's once it is sleep.
    const id = await poll(() => identify(child.pid ?? 0), {
        every: 5,
        within: 60_000,
        late: () => new Error("sleep was not started"),
    });
    return { child, id };
}

/** A sandbox of a process, as it would have made it. */
async function sandboxOf(owner: ProcessId): Promise<string> {
    const own = openSandbox(base);
    const [id, , , namespace] = basename(own.folder).split(".");
    const folder = join(base, [id, owner.pid, owner.startTime, namespace].join("."));
    mkdirSync(folder);
    rmSync(own.folder, { recursive: true });
    return folder;
}

async function killed(): Promise<string> {
    const { child, id } = await started();
    const folder = await sandboxOf(id);
    child.kill("SIGKILL");
    await once(child, "exit");
    return folder;
}

test("a run that was killed: its folder, processes, records and files go; a living run's stay", async () => {
    const [dead, owner] = [await killed(), await started()];
    const alive = await sandboxOf(owner.id);
    const [orphan, theirs, booked] = [
        await started({ [VARIABLE]: dead }),
        await started({ [VARIABLE]: alive }),
        await started(),
    ];
    const [book, file, kept] = [join(base, "book"), join(base, "file"), join(base, "kept")];
    new ProcessRegistry(book).add("host", booked.id.pid);
    [file, kept].forEach((one) => writeFileSync(one, ""));
    writeFileSync(join(dead, "worker"), "");
    made("book", book, dead);
    made("path", file, dead);
    made("path", kept, alive);
    // Recorded before the living run had it.
    appendFileSync(join(dead, "made"), `path ${kept}\n`);

    expect(await removeDead(base)).toEqual([]);
    expect([orphan, booked].map(({ id }) => isAlive(id))).toEqual([false, false]);
    expect([dead, book, file].filter((one) => existsSync(one))).toEqual([]);
    expect([owner, theirs].map(({ id }) => isAlive(id))).toEqual([true, true]);
    expect([alive, kept].filter((one) => existsSync(one))).toEqual([alive, kept]);
    expect(living(base).map(({ folder }) => folder)).toEqual([alive]);
});

test("two runs do not get the same", async () => {
    const [alive, mine] = [await sandboxOf((await started()).id), openSandbox(base)];
    made("lab", "/of/both", alive);
    expect(() => made("lab", "/of/both", mine.folder)).toThrow(
        /another run \(process \d+\) has lab \/of\/both/,
    );
    expect(madeIn(mine.folder)).toEqual([]);
    made("lab", "/of/mine", mine.folder);
    made("lab", "/of/mine", mine.folder);
    expect(madeIn(mine.folder)).toEqual([{ kind: "lab", what: "/of/mine" }]);
    expect(() => made("path", "/x", "")).toThrow("there is no sandbox");
});

test("what cannot be removed is named, and the record stays for the next run", async () => {
    const dead = await killed();
    // A folder that is the lab's own and cannot be one.
    made("lab", "/proc/no-lab", dead);
    expect(await removeDead(base)).toEqual([expect.stringMatching(/^lab \/proc\/no-lab \(.*state folder/)]);
    expect(sandboxes(base).map(({ folder }) => folder)).toEqual([dead]);
    writeFileSync(join(dead, "made"), "thing x\npath /half-writ");
    await expect(removeDead(base)).rejects.toThrow(/a line of an unknown kind: "thing x"/);
    writeFileSync(join(dead, "made"), "path /half-writ");
    expect(await removeDead(base)).toEqual([]);
});

test("folders of other checkouts, of other PID namespaces and with other names stay", async () => {
    const name = basename(await killed()).split(".");
    rmSync(join(base, name.join(".")), { recursive: true });
    const others = [
        ["sp000000", ...name.slice(1)],
        [...name.slice(0, 3), "1"],
        ["sallyport-x", ...name.slice(1)],
    ];
    others.forEach((parts) => mkdirSync(join(base, parts.join("."))));
    expect(await removeDead(base)).toEqual([]);
    expect(readdirSync(base)).toHaveLength(others.length);
});

describe("test/sandboxed", () => {
    const sandboxed = join(projectRoot(), "test", "sandboxed");
    const env = (): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: base });

    test("runs a command with its status, in a folder that goes; the next run removes what kill -9 left", async () => {
        const out = spawnSync(
            sandboxed,
            ["bash", "-c", `echo "$TMPDIR"; test "$TMPDIR" = "$${VARIABLE}"; exit 7`],
            { env: env(), encoding: "utf8" },
        );
        expect([out.status, existsSync(out.stdout.trim())]).toEqual([7, false]);
        expect(out.stdout).toContain(base);

        const run = spawn(sandboxed, ["bash", "-c", "echo $$; exec sleep 600"], { env: env() });
        children.push(run);
        const [said] = (await once(run.stdout, "data")) as [Buffer];
        run.stdout.destroy();
        const orphan = identify(Number(said.toString()));
        expect(orphan).toBeDefined();
        const busy = spawnSync(sandboxed, ["--clean"], { env: env(), encoding: "utf8" });
        expect([busy.status, busy.stderr]).toEqual([
            1,
            expect.stringMatching(/^a test run is at work \(process \d+\); fix: /),
        ]);
        expect([sandboxes(base).length, orphan !== undefined && isAlive(orphan)]).toEqual([1, true]);
        run.kill("SIGKILL");
        await once(run, "exit");
        expect(orphan !== undefined && isAlive(orphan)).toBe(true);
        expect(spawnSync(sandboxed, ["--clean"], { env: env(), encoding: "utf8" })).toMatchObject({
            status: 0,
        });
        expect([sandboxes(base), orphan !== undefined && isAlive(orphan)]).toEqual([[], false]);
    }, 300_000);
});

/** What the runners of the tiers make, in the size of a unit test: a record of their kinds, and processes that live on. */
describe("kill -9 in the middle of a run", () => {
    const RUNNERS = ["jest-tier", "netns/run", "host/run", "image/run", "tiers", "under-load", "bench/run"];
    test.each(RUNNERS)("test/%s works in a sandbox, however it is started", (runner) => {
        const text = readFileSync(join(projectRoot(), "test", runner), "utf8");
        expect(text).toMatch(
            /\[\[ -n \$\{SALLYPORT_SANDBOX:-\} \]\] \|\| exec test\/sandboxed|os\.execv\("test\/sandboxed"/,
        );
    });

    test.each([
        ["image", "a folder beside the image, and a guest in a session of its own", "setsid sleep 600 &"],
        [
            "e2e and host",
            "a work folder, a settings file, and a daemon whose parent is gone",
            "(setsid sleep 600 &) &",
        ],
    ])(
        "%s: the next run removes %s",
        async (_, __, start) => {
            const work = mkdtempSync(join(base, "work-"));
            const file = join(base, "settings.yaml");
            writeFileSync(file, "");
            const record = `printf 'path %s\\n' "${work}" "${file}" >> "$${VARIABLE}/made"`;
            const sandboxed = join(projectRoot(), "test", "sandboxed");
            const env = { ...process.env, TMPDIR: base };
            const run = spawn(sandboxed, ["bash", "-c", `${record}; ${start} echo up; exec sleep 600`], {
                env,
            });
            children.push(run);
            await once(run.stdout, "data");
            run.stdout.destroy();
            const [sandbox] = sandboxes(base);
            const started = (): readonly number[] =>
                allPids().filter((pid) => environmentOf(pid).includes(sandbox?.folder ?? "?"));
            await poll(() => started().length >= 2 || undefined, {
                every: 10,
                within: 60_000,
                late: () => new Error("the run has not started its processes"),
            });
            run.kill("SIGKILL");
            await once(run, "exit");
            expect(started().length).toBeGreaterThanOrEqual(2);
            const next = spawnSync(sandboxed, ["true"], { env, encoding: "utf8" });
            expect([next.status, next.stderr]).toEqual([0, ""]);
            expect([started(), sandboxes(base), [work, file].filter((path) => existsSync(path))]).toEqual([
                [],
                [],
                [],
            ]);
        },
        300_000,
    );
});

test("a run's own sandbox goes at its end with what it made", async () => {
    const own = openSandbox(base);
    const file = join(base, "file");
    made("path", file, own.folder);
    writeFileSync(file, "");
    expect(await removeSandbox(own)).toEqual([]);
    expect([file, own.folder].filter((one) => existsSync(one))).toEqual([]);
});
