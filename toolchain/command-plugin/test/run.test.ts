import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineAddress } from "../engine-log";
import { type Job, Jobs } from "../run";

const sh = (command: string, more: Partial<Job> = {}): Job => ({
    command,
    interpreter: ["/bin/sh", "-c"],
    env: { PATH: process.env["PATH"] },
    ...more,
});
const alive = (pid: number): boolean => {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
};

describe("a command", () => {
    let dir: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "command-"));
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    it("returns both streams without their last line break, and only that one", async () => {
        expect(await new Jobs().run(sh("printf 'a\\n\\n'; printf 'b' >&2"))).toEqual({
            stdout: "a\n",
            stderr: "b",
        });
    });

    it("gets its standard input, folder, environment and interpreter", async () => {
        const jobs = new Jobs();
        expect(
            (await jobs.run(sh("cat; pwd; echo $X", { stdin: "in\n", dir, env: { X: "x" } }))).stdout,
        ).toBe(`in\n${dir}\nx`);
        expect(
            (await jobs.run({ command: "1 + 1", interpreter: [process.execPath, "-p"], env: {} })).stdout,
        ).toBe("2");
        expect((await jobs.run(sh("cat"))).stdout).toBe("");
    });

    it("may leave its input unread", async () => {
        expect((await new Jobs().run(sh("true", { stdin: "x".repeat(1_000_000) }))).stdout).toBe("");
    });

    it("gives lines while it runs, the unfinished last one too", async () => {
        const lines: string[] = [];
        const flag = join(dir, "go");
        await new Jobs().run(
            sh(`echo one; until [ -e ${flag} ]; do sleep 0.01; done; printf two; printf three >&2`, {
                onLine: (stream, line) => {
                    lines.push(`${stream} ${line}`);
                    writeFileSync(flag, ""); // only the line that came early lets it go on
                },
            }),
        );
        expect(lines.sort()).toEqual(["stderr three", "stdout one", "stdout two"]);
    });

    it("fails with its status, its text and its last lines", async () => {
        await expect(new Jobs().run(sh("seq 1 100 >&2; exit 3"))).rejects.toThrow(
            `exit status 3: running "seq 1 100 >&2; exit 3":\n${Array.from({ length: 20 }, (_, i) => 81 + i).join("\n")}`,
        );
        await expect(new Jobs().run(sh("echo on stdout; exit 1"))).rejects.toThrow("on stdout");
        await expect(new Jobs().run(sh("kill -KILL $$"))).rejects.toThrow("signal: SIGKILL");
    });

    it("keeps its text out of errors when it holds a secret", async () => {
        await expect(new Jobs().run(sh(": hunter2; exit 1", { secret: true }))).rejects.toThrow(
            /^exit status 1: running a command that holds a secret/,
        );
    });

    it("says what cannot be started, with what and where", async () => {
        await expect(
            new Jobs().run({ command: "x", interpreter: ["/no/such/shell"], env: {} }),
        ).rejects.toThrow("/no/such/shell");
        await expect(new Jobs().run(sh("true", { dir: join(dir, "gone") }))).rejects.toThrow(
            join(dir, "gone"),
        );
    });
});

describe("stopping", () => {
    it("ends a command with everything that it started, also what ignores the polite signal", async () => {
        const dir = mkdtempSync(join(tmpdir(), "command-"));
        const pids = join(dir, "pids");
        const jobs = new Jobs();
        const run = jobs.run(
            sh(`(trap '' TERM; sleep 1000 & echo $! >>${pids}; wait) & echo $! >>${pids}; wait`),
        );
        const ended = expect(run).rejects.toThrow("signal: SIGTERM");
        let started: number[] = [];
        while (started.length < 2) {
            await new Promise((resolve) => setTimeout(resolve, 10));
            started = spawnSync("cat", [pids], { encoding: "utf8" })
                .stdout.split("\n")
                .filter(Boolean)
                .map(Number);
        }
        expect(started.every(alive)).toBe(true);
        await jobs.stop();
        await ended;
        while (started.some(alive)) {
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        expect(readFileSync(pids, "utf8")).not.toBe("");
        rmSync(dir, { recursive: true });
        await expect(jobs.run(sh("true"))).rejects.toThrow("cancelled");
    });
});

test("the engine's address is the argument that is no flag", () => {
    expect(engineAddress(["127.0.0.1:1"])).toBe("127.0.0.1:1");
    expect(engineAddress(["--logtostderr", "-v=9", "--tracing", "http://t", "127.0.0.1:2"])).toBe(
        "127.0.0.1:2",
    );
    expect(engineAddress([])).toBeUndefined();
});
