/** What the e2e tier counts and tells of node:test's runs, above all of failures that are no test's own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");
let dir: string;
beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "reporter-"));
    const built = spawnSync(
        join(root, "node_modules/.bin/esbuild"),
        [
            "--bundle",
            "--platform=node",
            "--format=esm",
            "--log-level=warning",
            join(root, "test/e2e/reporter.ts"),
            `--outfile=${join(dir, "reporter.mjs")}`,
        ],
        { encoding: "utf8" },
    );
    expect(built).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs a file of tests under the reporter, as test/e2e/run does, and returns what it printed. */
function run(source: string): string {
    writeFileSync(
        join(dir, "tests.js"),
        `const { after, before, describe, it } = require("node:test");\n${source}`,
    );
    // A child of a test runner would speak that one's protocol.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    return spawnSync(
        process.execPath,
        ["--test-reporter=./reporter.mjs", "--test-reporter-destination=stdout", "tests.js"],
        { cwd: dir, encoding: "utf8", env },
    ).stdout;
}
const lastLine = (out: string): string | undefined => out.trimEnd().split("\n").at(-1);
const GOOD = 'it("good", () => {});';
const broken = (hook: string): string => `${hook}(() => { throw new Error("${hook} broke"); });`;

test("tests that passed, in suites that did", () => {
    const out = run(`describe("S", () => { ${GOOD} describe("N", () => { ${GOOD} }); });`);
    expect(lastLine(out)).toBe("2 passed, 0 failed");
    expect(out).not.toContain("FAIL");
});

test.each([
    [
        "a suite's last step",
        `describe("S", () => { ${GOOD} ${broken("after")} });`,
        "after broke",
        "1 passed, 1 failed",
    ],
    [
        "an inner suite's last step, once",
        `describe("S", () => { ${GOOD} describe("N", () => { ${GOOD} ${broken("after")} }); });`,
        "after broke",
        "2 passed, 1 failed",
    ],
    [
        "a suite's first step, with the tests that did not run",
        `describe("S", () => { ${broken("before")} ${GOOD} }); describe("T", () => { ${GOOD} });`,
        "before broke",
        "1 passed, 2 failed",
    ],
    [
        "the lab's start",
        `${broken("before")} describe("S", () => { ${GOOD} });`,
        "before broke",
        "0 passed, 2 failed",
    ],
    [
        "the lab's end",
        `${broken("after")} describe("S", () => { ${GOOD} });`,
        "after broke",
        "1 passed, 1 failed",
    ],
    [
        "a suite that breaks as it is declared",
        'describe("S", () => { throw new Error("declaring broke"); });',
        "declaring broke",
        "0 passed, 1 failed",
    ],
    [
        "a skipped suite",
        `describe("S", { skip: "not now" }, () => { ${GOOD} });`,
        "FAIL S",
        "0 passed, 1 failed",
    ],
    [
        "a test, once",
        'describe("S", () => { it("bad", () => { throw new Error("test broke"); }); });',
        "test broke",
        "0 passed, 1 failed",
    ],
    ["a todo", 'describe("S", () => { it.todo("later"); });', "FAIL later", "0 passed, 1 failed"],
])("%s fails and is told", (_, source, told, count) => {
    const out = run(source);
    expect(out).toContain(told);
    expect(lastLine(out)).toBe(count);
});
