/**
 * Reporter of node:test: each test as it ends, failures with their reason, suites that failed by themselves,
 * and a closing count.
 */
import type { TestEvent } from "node:test/reporters";

interface Failure {
    readonly cause?: unknown;
    readonly message?: string;
    /** What node says went wrong: a hook, the code, a test below. */
    readonly failureType?: string;
}

interface Ended {
    readonly name: string;
    readonly nesting: number;
    readonly details: { readonly duration_ms: number; readonly type?: string; readonly error?: Failure };
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
}

/**
 * A suite that failed like this is explained by what is counted elsewhere: its tests, or the suite around it.
 */
const EXPLAINED: readonly (string | undefined)[] = ["subtestsFailed", "cancelledByParent"];

const indent = (text: string): string =>
    text
        .split("\n")
        .map((line) => `      ${line}`)
        .join("\n");

const reason = (e: Ended): string => {
    const cause = e.details.error?.cause ?? e.details.error?.message ?? "it did not run";
    return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
};

export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
    let [passed, failed] = [0, 0];
    for await (const event of source) {
        if (event.type === "test:start" && event.data.nesting === 0) {
            yield `${event.data.name}\n`;
        }
        if (event.type !== "test:pass" && event.type !== "test:fail") {
            continue;
        }
        const ended = event.data as unknown as Ended;
        const good = event.type === "test:pass" && ended.skip === undefined && ended.todo === undefined;
        if (
            ended.details.type === "suite" &&
            (good || EXPLAINED.includes(ended.details.error?.failureType))
        ) {
            continue;
        }
        passed += good ? 1 : 0;
        failed += good ? 0 : 1;
        yield `  ${good ? "ok  " : "FAIL"} ${ended.name} (${(ended.details.duration_ms / 1000).toFixed(1)} s)\n`;
        if (!good) {
            yield `${indent(reason(ended))}\n`;
        }
    }
    yield `${passed} passed, ${failed} failed\n`;
}
