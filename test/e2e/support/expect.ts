/** Assertions with messages that show what was there. */
import assert from "../../support/assert";
import type { RunResult } from "../../../cli/live/process";

/** The run failed by itself, and its output tells all of this. */
export function failedWith(result: RunResult, ...patterns: RegExp[]): void {
    assert.equal(result.timedOut, false, `it did not end:\n${result.output}`);
    assert.notEqual(result.exitCode, 0, `it succeeded:\n${result.output}`);
    for (const pattern of patterns) {
        assert.match(result.output, pattern);
    }
}

export function succeeded(result: RunResult): void {
    assert.equal(
        result.exitCode,
        0,
        `${result.timedOut ? "it did not end" : "it failed"}:\n${result.output}`,
    );
}

/** Ask until it holds. @throws AssertionError when it does not within the limit */
export async function eventually(
    what: string,
    seconds: number,
    holds: () => Promise<boolean>,
): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (!(await holds())) {
        assert.ok(performance.now() < end, `not within ${seconds} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
