/** Counting and printing what passed and failed. */
import { FigureBook } from "./figures";

export class Tally {
    readonly figures = new FigureBook();
    passed = 0;
    failed = 0;
    private readonly begin = performance.now();

    /** Record one result; failures are always printed, passes in a short line. */
    add(name: string, ok: boolean, detail = ""): void {
        this[ok ? "passed" : "failed"] += 1;
        const seconds = ((performance.now() - this.begin) / 1000).toFixed(1);
        process.stdout.write(`${seconds.padStart(6)} s  ${ok ? "pass" : "FAIL"}  ${name}${detail === "" ? "" : ` -- ${detail}`}\n`);
    }

    /** A line about progress. */
    note(text: string): void {
        process.stdout.write(`${((performance.now() - this.begin) / 1000).toFixed(1).padStart(6)} s  ----  ${text}\n`);
    }

    closing(): string {
        return `${this.passed} passed, ${this.failed} failed`;
    }
}
