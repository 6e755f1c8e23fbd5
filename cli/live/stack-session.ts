/**
 * A Pulumi stack of our own making: state, secrets and settings in places that the caller owns and can wipe.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { CliError } from "../../util/error";
import { allowedLoss, guestsIn } from "../kept-data";
import type { StackSettings } from "./lab-stack-config";
import { type RunResult, type Running, start } from "./process";

export interface SessionOptions {
    /** The project's root, which has bin/pulumi. */
    readonly root: string;
    /** Folder of the program (with Pulumi.yaml); default the root. */
    readonly program?: string;
    readonly stack: string;
    /** Folder for state and passphrase. */
    readonly home: string;
    /** More environment for every command. */
    readonly env?: Readonly<Record<string, string>>;
}

export interface CommandOptions {
    /** Overall limit in seconds. */
    readonly timeoutSeconds: number;
    readonly onLine?: (line: string) => void;
    readonly signal?: AbortSignal;
    readonly env?: Readonly<Record<string, string>>;
}

/** Limit of commands that touch no host, in seconds. */
const LOCAL_SECONDS = 60;

/** The last lines of a failed command: Pulumi tells its diagnostics at the end. */
const tail = (output: string): string =>
    output
        .split("\n")
        .map((l) => l.trim())
        .filter((l) => l !== "")
        .slice(-12)
        .join(" | ");

/** Drives `bin/pulumi` for one stack. */
export class StackSession {
    readonly #program: string;
    /** State and secrets of this stack, for other programs that ask Pulumi about it. */
    readonly environment: Readonly<Record<string, string>>;

    constructor(readonly options: SessionOptions) {
        this.#program = options.program ?? options.root;
        this.environment = {
            // No sidecar files: Pulumi killed while it writes one leaves it empty, and the state could not be
            // read any more.
            PULUMI_BACKEND_URL: `file://${join(options.home, "state")}?metadata=skip`,
            PULUMI_CONFIG_PASSPHRASE_FILE: join(options.home, "passphrase"),
            ...options.env,
        };
    }

    /** Pulumi's own file of the stack's settings. */
    get settingsFile(): string {
        return join(this.#program, `Pulumi.${this.options.stack}.yaml`);
    }

    /** Start a command of Pulumi's; the caller waits for its result. */
    start(args: readonly string[], o: CommandOptions): Running {
        const command = [...args, "--stack", this.options.stack, "--non-interactive", "--color", "never"];
        return start(join(this.options.root, "bin", "pulumi"), command, {
            ...o,
            cwd: this.#program,
            env: { ...this.environment, ...o.env },
        });
    }

    /** Run a command of Pulumi's, whatever comes of it. */
    run(args: readonly string[], o: CommandOptions): Promise<RunResult> {
        return this.start(args, o).result;
    }

    /** Run a command that has to work. @throws CliError with its last lines */
    async must(args: readonly string[], o: CommandOptions): Promise<string> {
        const result = await this.run(args, o);
        if (result.timedOut) {
            throw new CliError(
                `pulumi ${args.join(" ")} did not end within ${o.timeoutSeconds} s; it last said: ${tail(result.output)}`,
                "see whether libvirt answers, then run it again; it goes on from where it was",
            );
        }
        if (result.exitCode !== 0) {
            throw new CliError(
                `pulumi ${args.join(" ")} failed: ${tail(result.output)}`,
                "correct what it names, then run it again",
            );
        }
        return result.output;
    }

    /**
     * Write the stack's settings, keeping nothing of older ones but what Pulumi needs for its secrets, and
     * which guests' data may go: a stack of our own making keeps nothing.
     */
    configure(settings: StackSettings): void {
        const before = existsSync(this.settingsFile)
            ? (parse(readFileSync(this.settingsFile, "utf8")) as {
                  encryptionsalt?: string;
                  config?: Readonly<Record<string, unknown>>;
              })
            : {};
        const salt = before.encryptionsalt;
        const allowDataLoss = [
            ...new Set([
                ...allowedLoss({ allowDataLoss: before.config?.["sallyport:allowDataLoss"] }),
                // A test's settings may name guests as none can be named.
                ...guestsIn(settings).filter((name) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(name)),
            ]),
        ];
        const config = Object.fromEntries(
            Object.entries({ ...(allowDataLoss.length === 0 ? {} : { allowDataLoss }), ...settings }).map(
                ([key, value]) => [`sallyport:${key}`, value],
            ),
        );
        writeFileSync(
            this.settingsFile,
            stringify({ ...(salt === undefined ? {} : { encryptionsalt: salt }), config }, { lineWidth: 0 }),
        );
    }

    /** Make the stack: passphrase, state folder, settings. */
    async init(settings: StackSettings): Promise<void> {
        const { home, stack } = this.options;
        this.forget();
        mkdirSync(join(home, "state"), { recursive: true, mode: 0o700 });
        writeFileSync(join(home, "passphrase"), randomBytes(24).toString("base64"), { mode: 0o600 });
        this.configure(settings);
        const made = await start(
            join(this.options.root, "bin", "pulumi"),
            ["stack", "init", stack, "--no-select", "--non-interactive", "--color", "never"],
            { cwd: this.#program, env: this.environment, timeoutSeconds: LOCAL_SECONDS },
        ).result;
        if (made.exitCode !== 0) {
            throw new CliError(
                `pulumi stack init ${stack} failed: ${tail(made.output)}`,
                "correct what it names, then run it again",
            );
        }
    }

    /** Forget the stack: its settings, state and passphrase. What it declared is not touched. */
    forget(): void {
        rmSync(this.settingsFile, { force: true });
        rmSync(this.options.home, { recursive: true, force: true });
    }
}
