/**
 * The log of everything that reached the lab's internet: one JSON object a line, written before the answer is
 * sent.
 */
import { appendFileSync } from "node:fs";

/** Something that arrived. */
interface Arrival {
    readonly kind: "http" | "dns" | "udp" | "tcp";
    /** Source address, as this side saw it. */
    readonly src: string;
    readonly dst: string;
    readonly port: number;
    readonly path?: string;
    readonly host?: string;
    /** DNS: the name asked for. */
    readonly name?: string;
}

/** Takes arrivals. */
export type Recorder = (arrival: Arrival) => void;

/** Appends to a file; `t` is the Unix time in seconds, comparable with a capture's time stamps. */
export function fileRecorder(file: string): Recorder {
    return (arrival) => appendFileSync(file, `${JSON.stringify({ t: Date.now() / 1000, ...arrival })}\n`);
}
