import { existsSync, readFileSync } from "node:fs";
import { Engine } from "./engine";

const lines = (path: string): string[] =>
    existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];

describe("under the real engine and the real SDK", () => {
    let engine: Engine;
    beforeEach(() => {
        engine = new Engine(`command-${process.pid}`);
    });
    afterEach(() => engine.close());

    it("runs a command once on create, on update with the previous output, and on delete", () => {
        const log = engine.path("log");
        const inputs = {
            create: `echo created | tee -a ${log}`,
            update: `echo "updated after $PULUMI_COMMAND_STDOUT" | tee -a ${log}`,
        };
        engine.inputs(inputs);
        expect(engine.ok("preview")).toContain("command:local:Command run create");
        expect(lines(log)).toEqual([]);
        engine.up();
        expect(engine.output("stdout")).toBe("created");
        engine.up("--expect-no-changes");
        engine.ok("refresh", "--yes", "--skip-preview", "--expect-no-changes");
        expect(lines(log)).toEqual(["created"]);

        const remove = `echo "deleted after $PULUMI_COMMAND_STDOUT" >>${log}`;
        engine.inputs({ ...inputs, delete: remove });
        engine.up();
        expect(engine.output("stdout")).toBe("updated after created");

        engine.inputs({ ...inputs, delete: remove, triggers: ["again"] });
        expect(engine.ok("preview")).toContain("replace");
        engine.up();
        expect(engine.output("stdout")).toBe("created");

        engine.ok("destroy", "--yes", "--skip-preview");
        expect(lines(log)).toEqual([
            "created",
            "updated after created",
            "created", // the new one first
            "deleted after updated after created",
            "deleted after created",
        ]);
    });

    it("shows output as status lines of the resource while it runs, as `logging` says, and nothing else", () => {
        engine.inputs({ create: "echo to stdout; echo to stderr >&2" });
        const both = engine.upDiagnostics();
        const status = both.filter((d) => d.urn.endsWith("::run"));
        expect(status.map((d) => d.message).sort()).toEqual(["to stderr", "to stdout"]);
        expect(status.every((d) => d.ephemeral)).toBe(true);
        // That it is the project's own is told once, by set-up (toolchain/lib/pulumi.sh).
        expect(both.filter((d) => /\bplugin\b/i.test(d.message))).toEqual([]);

        engine.inputs({ create: "echo to stdout; echo to stderr >&2 # changed", logging: "stderr" });
        expect(
            engine
                .upDiagnostics()
                .filter((d) => d.urn.endsWith("::run"))
                .map((d) => d.message),
        ).toEqual(["to stderr"]);
        expect(engine.output("stdout")).toBe("to stdout");
    });

    it("fails with the status and the last lines, creates nothing, and goes on when repaired", () => {
        engine.inputs({ create: "echo not yet >&2; exit 4" });
        const failed = engine.run("up", "--yes", "--skip-preview");
        expect(failed.status).not.toBe(0);
        expect(failed.output).toMatch(/exit status 4: running "echo not yet >&2; exit 4":\s+not yet/);
        expect(engine.exported()).not.toContain('"type": "command:local:Command"');
        engine.inputs({ create: "echo now" });
        engine.up();
        expect(engine.output("stdout")).toBe("now");
    });

    it("keeps what it makes of a secret secret", () => {
        engine.ok("config", "set", "--secret", "secret", "hunter2");
        engine.inputs({ create: 'echo "it is $SECRET"', logging: "none" });
        expect(engine.up()).not.toContain("hunter2");
        expect(engine.exported()).not.toContain("hunter2");
        expect(engine.output("stdout")).toBe("it is hunter2");
        engine.up("--expect-no-changes");
    });

    it("refuses a wrong property before anything runs", () => {
        engine.inputs({ create: `touch ${engine.path("ran")}`, interpreter: [] });
        const { status, output } = engine.run("up", "--yes", "--skip-preview");
        expect(status).not.toBe(0);
        expect(output).toContain("interpreter");
        expect(output).toContain("a list of at least one string");
        expect(existsSync(engine.path("ran"))).toBe(false);
    });

    it("ends the command with its children when the update is interrupted", async () => {
        const pidfile = engine.path("pids");
        engine.inputs({
            create: `sleep 1000 & echo $! $$ >${pidfile}.new; mv ${pidfile}.new ${pidfile}; wait`,
        });
        const update = engine.start("up", "--yes", "--skip-preview");
        while (!existsSync(pidfile)) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const pids = readFileSync(pidfile, "utf8").trim().split(" ").map(Number);
        expect(pids).toHaveLength(2);
        update.interrupt();
        expect(await update.ended).not.toBe(0);
        const running = (pid: number): boolean => existsSync(`/proc/${pid}`);
        while (pids.some(running)) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    });
});
