/**
 * A run of tests works in a sandbox: a temporary folder whose name says whose it is, with a record of what the
 * run makes elsewhere (labs, namespaces, processes, files). A run that is killed removes nothing; by the name
 * and the record, the next run finds all of it, and leaves alone what a living run owns.
 */
import { appendFileSync, lstatSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labId } from "../../../lab/paths";
import { identify, inodeOf, isAlive } from "../../../util/proc";
import type { ProcessId } from "../../../util/proc";
import { projectRoot } from "../../../util/root";

/** Names the sandbox to every process of the run. */
export const VARIABLE = "SALLYPORT_SANDBOX";

const KINDS = ["lab", "book", "namespace", "path"] as const;
/**
 * What a run makes outside its folder. lab: a lab's state folder; book: a ProcessRegistry's file; namespace: a
 * network namespace with all who are in it; path: a file or folder.
 */
export type Kind = (typeof KINDS)[number];

export interface Made {
    readonly kind: Kind;
    readonly what: string;
}

export interface Sandbox {
    readonly folder: string;
    readonly owner: ProcessId;
}

/** Checkout, then pid, start time and PID namespace of the owner: pids mean something in theirs alone. */
const NAME = /^sp([0-9a-f]{6})\.(\d+)\.(\d+)\.(\d+)$/;
const pidNamespace = (): string => String(inodeOf("/proc/self/ns/pid") ?? "");
const record = (folder: string): string => join(folder, "made");

/** The checkout's part of a name: runs of another checkout are none of ours. */
export const checkout = (): string => labId(projectRoot());

/**
 * Make a sandbox that this process owns. Short, for the addresses of sockets in it (unix(7): 107 bytes).
 * @throws Error when /proc does not show this process: it could not be told later whose the sandbox is
 */
export function openSandbox(base = tmpdir()): Sandbox {
    const owner = identify(process.pid);
    if (owner === undefined || pidNamespace() === "") {
        throw new Error("/proc does not show this process; fix: mount /proc");
    }
    const folder = join(base, `sp${checkout()}.${owner.pid}.${owner.startTime}.${pidNamespace()}`);
    // Guests, tor and tcpdump have users of their own and get to what is theirs; no other user lists it.
    mkdirSync(folder, { mode: 0o711 });
    return { folder, owner };
}

/** Sandboxes of this checkout, user and PID namespace. */
export function sandboxes(base = tmpdir()): Sandbox[] {
    return readdirSync(base).flatMap((name) => {
        const [, id, pid, startTime, namespace] = NAME.exec(name) ?? [];
        if (
            pid === undefined ||
            startTime === undefined ||
            id !== checkout() ||
            namespace !== pidNamespace()
        ) {
            return [];
        }
        const folder = join(base, name);
        const found = lstatSync(folder, { throwIfNoEntry: false });
        const ours = found?.isDirectory() === true && found.uid === process.getuid?.();
        return ours ? [{ folder, owner: { pid: Number(pid), startTime } }] : [];
    });
}

/** Those whose run is at work. */
export const living = (base?: string): Sandbox[] => sandboxes(base).filter(({ owner }) => isAlive(owner));

/** What a run has recorded. @throws Error for a line of an unknown kind */
export function madeIn(folder: string): Made[] {
    let text = "";
    try {
        text = readFileSync(record(folder), "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            throw error;
        }
    }
    // A last line without its end is of a run that was killed as it wrote: nothing was made yet.
    return text
        .split("\n")
        .slice(0, -1)
        .map((line) => {
            const [word = "", ...rest] = line.split(" ");
            const kind = KINDS.find((one) => one === word);
            if (kind === undefined) {
                throw new Error(`${record(folder)} has a line of an unknown kind: ${JSON.stringify(line)}`);
            }
            return { kind, what: rest.join(" ") };
        });
}

const has = (folder: string, { kind, what }: Made): boolean =>
    madeIn(folder).some((one) => one.kind === kind && one.what === what);

/** Another run that is at work and has this in its record. */
export const takenBy = (entry: Made, folder: string): Sandbox | undefined =>
    living(join(folder, "..")).find((other) => other.folder !== folder && has(other.folder, entry));

/**
 * Write down what this run is about to make.
 * @throws Error without a sandbox, or when another run that is at work has it
 */
export function made(kind: Kind, what: string, folder = process.env[VARIABLE]): void {
    if (folder === undefined || folder === "") {
        throw new Error("there is no sandbox; fix: run it by test/tiers or by the tier's own command");
    }
    const entry = { kind, what };
    const taken = takenBy(entry, folder);
    if (taken !== undefined) {
        throw new Error(
            `another run (process ${taken.owner.pid}) has ${kind} ${what}; fix: wait until it has ended`,
        );
    }
    if (!has(folder, entry)) {
        appendFileSync(record(folder), `${kind} ${what}\n`, { mode: 0o600 });
    }
}
