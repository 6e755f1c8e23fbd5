/** A limit on work, in steps and not in seconds: the same input is decided alike on every machine. */

/** It would take more steps than anybody waits for. */
export class TooMuch extends Error {
    override readonly name = "TooMuch";
}

export class Budget {
    #left: number;

    /** @param what is worked out, for the error */
    constructor(
        private readonly steps: number,
        private readonly what: string,
    ) {
        this.#left = steps;
    }

    /** @throws TooMuch when no steps are left */
    spend(steps: number): void {
        this.#left -= steps;
        if (this.#left < 0) {
            throw new TooMuch(`${this.what} takes more than ${this.steps} steps to work out`);
        }
    }
}
