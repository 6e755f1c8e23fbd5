/** Reporter of node:test: each test as it ends, failures with their reason, and a closing count. */
import type { TestEvent } from "node:test/reporters";

interface Ended {
    readonly name: string;
    readonly nesting: number;
    readonly details: { readonly duration_ms: number; readonly type?: string; readonly error?: { readonly cause?: unknown; readonly message?: string } };
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
}

const indent = (text: string): string => text.split("\n").map((line) => `      ${line}`).join("\n");

const reason = (e: Ended): string => {
    const cause = e.details.error?.cause ?? e.details.error?.message;
    return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
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
        if (ended.details.type === "suite") {
            // A suite fails with its tests, which are counted; one whose hook failed has a reason of its own.
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
