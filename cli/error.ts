/** Errors that end a verb, said in one line with the way out. */

/** An expected failure: what is wrong and what the reader can do about it. */
export class CliError extends Error {
    constructor(
        what: string,
        /** The way out, as an instruction. */
        readonly fix: string,
    ) {
        super(what);
        this.name = "CliError";
    }
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, "; ").trim();

/** `sallyport: <what>; way out: <fix>`, always one line. */
export function describeError(error: unknown): string {
    if (error instanceof CliError) {
        return `sallyport: ${oneLine(error.message)}; way out: ${oneLine(error.fix)}`;
    }
    return `sallyport: ${oneLine(error instanceof Error ? error.message : String(error))}`;
}
