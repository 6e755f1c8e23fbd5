/**
 * What a tier counts of a run of jest: real runs of small files, each bad in a way that jest itself does not
 * count as a failed test.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");
let dir: string;
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "count-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

interface Counted {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}
const report = (): string => join(dir, "report.json");
const count = (status: string): Counted =>
    spawnSync(process.execPath, [join(root, "test/count-jest.js"), report(), status], { encoding: "utf8" });

/** Runs jest on one file and counts it as the tiers do. */
function run(source: string): Counted {
    writeFileSync(join(dir, "jest.config.js"), "module.exports = {};");
    writeFileSync(join(dir, "x.test.js"), source);
    const jest = spawnSync(
        process.execPath,
        [join(root, "node_modules/jest/bin/jest.js"), "--json", "--outputFile", report()],
        { cwd: dir, encoding: "utf8" },
    );
    return count(String(jest.status));
}

const GOOD = 'test("good", () => {});';
test("a run in which every test passed", () => {
    expect(run(GOOD)).toEqual(
        expect.objectContaining({ status: 0, stdout: "1 passed, 0 failed\n", stderr: "" }),
    );
});

test.each([
    ["a hook that throws after the tests", `${GOOD} afterAll(() => { throw new Error("teardown"); });`, 1],
    ["a file that breaks as it is read", `${GOOD} throw new Error("import");`, 0],
    ["a todo", `${GOOD} test.todo("later");`, 1],
    ["a skipped test", `${GOOD} test.skip("not now", () => {});`, 1],
    ["no test", "", 0],
])("%s has failed", (_, source, passed) => {
    expect(run(source)).toMatchObject({ status: 1, stdout: `${passed} passed, 1 failed\n` });
});

describe("a report alone", () => {
    const COUNTS = {
        numPassedTests: 2,
        numFailedTests: 0,
        numRuntimeErrorTestSuites: 0,
        numPendingTests: 0,
        numTodoTests: 0,
        success: true,
    };

    test.each([
        ["as it should be", COUNTS, "0", 0, "2 passed, 0 failed\n"],
        ["of a jest that ended badly", COUNTS, "1", 1, "2 passed, 1 failed\n"],
        ["without success", { ...COUNTS, success: false }, "0", 1, "2 passed, 1 failed\n"],
        ["that lacks a count", { ...COUNTS, numTodoTests: undefined }, "0", 1, "0 passed, 1 failed\n"],
    ])("%s", (_, counts, jest, status, stdout) => {
        writeFileSync(report(), JSON.stringify(counts));
        expect(count(jest)).toMatchObject({ status, stdout });
    });

    test("that is missing or cut short", () => {
        expect(count("0")).toMatchObject({
            status: 1,
            stdout: "0 passed, 1 failed\n",
            stderr: expect.stringContaining("is of no use") as string,
        });
        writeFileSync(report(), '{"numPassedTests": 2');
        expect(count("0")).toMatchObject({ status: 1, stdout: "0 passed, 1 failed\n" });
    });
});
