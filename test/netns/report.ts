/** Counting and printing what passed and failed, and what took how long. */
import { Coverage } from "./coverage";
import { FigureBook } from "./figures";

interface Span {
    readonly where: string;
    readonly what: string;
    readonly end: number;
    readonly seconds: number;
}

export class Tally {
    readonly figures = new FigureBook();
    readonly coverage = new Coverage();
    passed = 0;
    failed = 0;
    private readonly begin = performance.now();
    private readonly spans: Span[] = [];

    private now(): number {
        return (performance.now() - this.begin) / 1000;
    }

    private line(kind: string, text: string): void {
        process.stdout.write(`${this.now().toFixed(1).padStart(6)} s  ${kind}  ${text}\n`);
    }

    /** Record one result; failures are always printed, passes in a short line. */
    add(name: string, ok: boolean, detail = ""): void {
        this[ok ? "passed" : "failed"] += 1;
        this.line(ok ? "pass" : "FAIL", `${name}${detail === "" ? "" : ` -- ${detail}`}`);
    }

    /** A line about progress. */
    note(text: string): void {
        this.line("----", text);
    }

    /** Something has come to its end just now. */
    took(where: string, what: string, seconds: number): void {
        this.spans.push({ where, what, end: this.now(), seconds });
    }

    /** Do something and record what it took. */
    async timed<T>(where: string, what: string, job: () => Promise<T>): Promise<T> {
        const start = this.now();
        try {
            return await job();
        } finally {
            this.took(where, what, this.now() - start);
        }
    }

    /** Where the time went, cell by cell in the order of time: cells play at once. */
    times(): string {
        const cells = [...new Set(this.spans.map((s) => s.where))];
        return cells
            .map(
                (cell) =>
                    `${cell}: ${this.spans
                        .filter((s) => s.where === cell)
                        .map((s) => `${s.what} ${s.seconds.toFixed(1)} s (until ${s.end.toFixed(1)})`)
                        .join(", ")}`,
            )
            .join("\n");
    }

    closing(): string {
        return `${this.passed} passed, ${this.failed} failed`;
    }
}
