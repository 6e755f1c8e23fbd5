/** An input that cannot be read as a stack at all. */
export class InputError extends Error {
    constructor(
        what: string,
        /** The fix, as an instruction. */
        readonly fix: string,
    ) {
        super(what);
        this.name = "InputError";
    }
}

/** The export of a stack that has nothing yet. */
export class NoResources extends InputError {}
