/** What the tiers that are watched tell of a run of jest, above all of failures that are no test's own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";

let dir: string;
beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "reporter-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function run(source: string): string {
    const reporters = [join(projectRoot(), "test/support/reporter.js")];
    writeFileSync(join(dir, "jest.config.js"), `module.exports = ${JSON.stringify({ reporters })};`);
    writeFileSync(join(dir, "suite.test.js"), source);
    const jest = join(projectRoot(), "node_modules/jest/bin/jest.js");
    return spawnSync(process.execPath, [jest, "--json"], { cwd: dir, encoding: "utf8" }).stderr;
}
const GOOD = 'it("good", () => {});';
const broken = (hook: string): string => `${hook}(() => { throw new Error("${hook} broke"); });`;

test.each([
    [
        "a test",
        `${GOOD} it("bad", () => { throw new Error("test broke"); });`,
        ["FAIL bad", "test broke", "ok   good"],
    ],
    [
        "a first step",
        `describe("S", () => { ${broken("beforeAll")} ${GOOD} });`,
        ["FAIL good", "beforeAll broke"],
    ],
    [
        "a last step",
        `describe("S", () => { ${GOOD} ${broken("afterAll")} });`,
        ["ok   good", "afterAll broke"],
    ],
    ["a file", `${GOOD} throw new Error("reading broke");`, ["FAIL outside a test", "reading broke"]],
    ["a skipped test", `${GOOD} it.skip("later", () => {});`, ["ok   good", "FAIL later"]],
])(
    "%s that breaks is told",
    (_, source, told) => {
        const said = run(source);
        told.forEach((text) => expect(said).toContain(text));
        expect(
            said
                .trimEnd()
                .split("\n")
                .filter((line) => !line.startsWith("suite.test.js| ")),
        ).toEqual([]);
    },
    60_000,
);
