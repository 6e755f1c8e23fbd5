/** Errors that end a verb, said in one line with its fix. */

import { oneLine } from "./one-line";

/** An expected failure: what is wrong and what the reader can do about it. */
export class CliError extends Error {
    constructor(
        what: string,
        /** The fix, as an instruction. */
        readonly fix: string,
    ) {
        super(what);
        this.name = "CliError";
    }
}

/** A check was made and does not hold: exit status 1, where every other error is 2. */
export class Finding extends CliError {
    constructor(
        /** Stable, for programs: `image.checksum`. */
        readonly id: string,
        what: string,
        fix: string,
    ) {
        super(what, fix);
        this.name = "Finding";
    }
}

/** Several problems of one thing, each told in a line of its own. */
export class Problems extends Error {
    constructor(
        /** What has them, with a colon at its end. */
        readonly head: string,
        /** Each with its fix. */
        readonly lines: readonly string[],
    ) {
        super([head, ...lines.map((line) => `  - ${line}`)].join("\n"));
        this.name = "Problems";
    }
}

/** Lines of a program that failed become clauses; nothing else of theirs reaches the terminal as it is. */
const clauses = (text: string): string => oneLine(text.replace(/\s*\n\s*/g, "; ").trim());

/** `sallyport: <what>; fix: <fix>`, one line for each problem. */
export function describeError(error: unknown): string {
    if (error instanceof Problems) {
        const separator = error.lines.length === 1 ? " " : "\n  - ";
        return `sallyport: ${[error.head, ...error.lines].map(clauses).join(separator)}`;
    }
    if (error instanceof CliError) {
        return `sallyport: ${clauses(error.message)}; fix: ${clauses(error.fix)}`;
    }
    return `sallyport: ${clauses(error instanceof Error ? error.message : String(error))}`;
}
