import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProcessRegistry, livingInRegistry, readRegistry } from "../../../lab/process-registry";
import { acquireLock } from "../../../lab/lock";
import { bootId } from "../../../util/proc";

let dir = "";
let lock = "";
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-lock-"));
    lock = join(dir, "lock");
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a second holder is refused and told who the first is", () => {
    const release = acquireLock(lock, "start");
    expect(() => acquireLock(lock, "stop")).toThrow(
        expect.objectContaining({
            message: expect.stringContaining(`lab start\` is at work here (process ${process.pid}`),
            fix: expect.stringContaining(`kill ${process.pid}`),
        }),
    );
    release();
    acquireLock(lock, "stop")();
    expect(readdirSync(dir)).toEqual([]);
});

const dead = spawnSync("true").pid;
test.each([
    ["a dead process", { pid: dead, startTime: "1", purpose: "start", bootId: bootId() }],
    [
        "a later process of the same number",
        { pid: process.pid, startTime: "1", purpose: "start", bootId: bootId() },
    ],
    ["an earlier boot", { pid: process.pid, startTime: "1", purpose: "start", bootId: "other" }],
])("the lock of %s blocks no process", (_, holder) => {
    writeFileSync(lock, JSON.stringify(holder));
    acquireLock(lock, "start")();
    expect(readdirSync(dir)).toEqual([]);
});

test("a lock emptied by a crash blocks no process", () => {
    writeFileSync(lock, "");
    acquireLock(lock, "start")();
    expect(existsSync(lock)).toBe(false);
});

test("the record holds who lives, and nothing from another boot", () => {
    const file = join(dir, "state.json");
    const registry = new ProcessRegistry(file);
    registry.add("me", process.pid);
    registry.add("dead", dead);
    expect(livingInRegistry(file)).toEqual([
        { name: "me", pid: process.pid, startTime: expect.stringMatching(/^\d+$/) },
    ]);
    const [me] = readRegistry(file);
    writeFileSync(file, JSON.stringify({ bootId: bootId(), processes: [{ ...me, startTime: "1" }] }));
    expect(readRegistry(file)).toHaveLength(1);
    expect(livingInRegistry(file)).toEqual([]);
    writeFileSync(file, JSON.stringify({ bootId: "other", processes: [me] }));
    expect(readRegistry(file)).toEqual([]);
    writeFileSync(file, "{");
    expect(readRegistry(file)).toEqual([]);
    expect(readRegistry(join(dir, "none"))).toEqual([]);
});
