/** The real engine on toolchain/testdata/command, with the plugin as it is now. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
const PROJECT = join(ROOT, "toolchain/testdata/command");

export interface Result {
    readonly status: number | null;
    readonly output: string;
}

/** One line of `--event-log`. */
interface Diagnostic {
    readonly message: string;
    readonly ephemeral: boolean;
    readonly urn: string;
}

/** A stack of its own, with its own home and state, all in one folder that `close` removes. */
export class Engine {
    readonly #dir: string;
    readonly #env: NodeJS.ProcessEnv;

    constructor(readonly stack: string) {
        const toolchain = join(ROOT, ".toolchain");
        if (!existsSync(join(toolchain, "bin/pulumi"))) {
            throw new Error("the engine is missing: run `make setup`");
        }
        // Inside the project: a plugin that is not one bundle finds its npm packages from there.
        this.#dir = mkdtempSync(join(toolchain, "test."));
        const home = join(this.#dir, "home");
        mkdirSync(join(home, "plugins"), { recursive: true });
        const built = spawnSync(
            join(ROOT, "toolchain/command-plugin/build"),
            [join(home, "plugins/resource-command-v1.2.1")],
            { encoding: "utf8" },
        );
        if (built.status !== 0) {
            throw new Error(`the plugin cannot be built: ${built.stderr}`);
        }
        mkdirSync(join(this.#dir, "state"));
        this.#env = {
            ...Object.fromEntries(
                Object.entries(process.env).filter(
                    ([name]) => !name.startsWith("PULUMI_") && name !== "NODE_OPTIONS",
                ),
            ),
            PATH: `${toolchain}/bin:${process.env["PATH"] ?? ""}`,
            PULUMI_HOME: home,
            PULUMI_BACKEND_URL: `file://${this.#dir}/state`,
            PULUMI_CONFIG_PASSPHRASE: "test",
            PULUMI_DEBUG_COMMANDS: "true", // for --event-log
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        };
        this.ok("stack", "init", stack);
    }

    #command(args: readonly string[]): string[] {
        return ["--non-interactive", "--color=never", "-C", PROJECT, ...args];
    }

    run(...args: string[]): Result {
        const r = spawnSync(join(ROOT, ".toolchain/bin/pulumi"), this.#command(args), {
            env: this.#env,
            encoding: "utf8",
        });
        return { status: r.status, output: r.stdout + r.stderr };
    }

    /** @throws Error when the command fails. */
    ok(...args: string[]): string {
        const { status, output } = this.run(...args);
        if (status !== 0) {
            throw new Error(`pulumi ${args.join(" ")}: ${String(status)}\n${output}`);
        }
        return output;
    }

    /** Starts an update and gives its process; standard output is dropped. */
    start(...args: string[]): { interrupt: () => void; ended: Promise<number | null> } {
        const child = spawn(join(ROOT, ".toolchain/bin/pulumi"), this.#command(args), {
            env: this.#env,
            stdio: "ignore",
        });
        return {
            interrupt: () => void child.kill("SIGINT"),
            ended: new Promise((done) => child.on("close", (code) => done(code))),
        };
    }

    inputs(inputs: Readonly<Record<string, unknown>>): void {
        this.ok("config", "set", "inputs", JSON.stringify(inputs));
    }

    up(...flags: string[]): string {
        return this.ok("up", "--yes", "--skip-preview", ...flags);
    }

    output(name: string): string {
        return this.ok("stack", "output", name, "--show-secrets").replace(/\n$/, "");
    }

    exported(): string {
        return this.ok("stack", "export");
    }

    /** Runs an update and returns what plugins and program wrote to the engine's log. */
    upDiagnostics(): Diagnostic[] {
        const log = join(this.#dir, "events");
        this.up("--event-log", log);
        return readFileSync(log, "utf8")
            .split("\n")
            .filter(Boolean)
            .map(
                (line) =>
                    JSON.parse(line) as {
                        diagnosticEvent?: { message: string; ephemeral?: boolean; urn?: string };
                    },
            )
            .flatMap(({ diagnosticEvent: d }) =>
                d === undefined
                    ? []
                    : [{ message: d.message.trim(), ephemeral: d.ephemeral ?? false, urn: d.urn ?? "" }],
            );
    }

    path(name: string): string {
        return join(this.#dir, name);
    }

    close(): void {
        rmSync(join(PROJECT, `Pulumi.${this.stack}.yaml`), { force: true });
        rmSync(this.#dir, { recursive: true });
    }
}
