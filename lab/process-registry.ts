/**
 * The record of the processes that a lab started, written at once after each start. The namespaces are what
 * stop goes by; the record finds the processes when a namespace's name was deleted under them, and tells
 * parts apart.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { writeAtomically } from "./files";
import { bootId, identify, isAlive } from "../util/proc";
import type { ProcessId } from "../util/proc";

/** A process of the lab with the part it plays. */
export interface Recorded extends ProcessId {
    readonly name: string;
}

const stateSchema = z.object({
    bootId: z.string(),
    processes: z.array(z.object({ name: z.string(), pid: z.int().positive(), startTime: z.string() })),
});

/** Writes down processes as they are started. */
export class ProcessRegistry {
    private readonly processes: Recorded[] = [];

    constructor(private readonly file: string) {
        this.write();
    }

    /** Write a process down. One that ended already is not kept; what waits for it will notice. */
    add(name: string, pid: number): void {
        const id = identify(pid);
        if (id !== undefined) {
            this.processes.push({ name, ...id });
            this.write();
        }
    }

    private write(): void {
        writeAtomically(
            this.file,
            `${JSON.stringify({ bootId: bootId(), processes: this.processes }, null, 4)}\n`,
            0o600,
        );
    }
}

/** All processes in the record; none when it is missing, unreadable or from before a reboot. */
export function readRegistry(file: string): Recorded[] {
    try {
        const state = stateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
        return state.bootId === bootId() ? state.processes : [];
    } catch {
        return [];
    }
}

/** The processes in the record that still live. */
export function livingInRegistry(file: string): Recorded[] {
    return readRegistry(file).filter(isAlive);
}
