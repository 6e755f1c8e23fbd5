/** Documents name files that exist, and keep the lengths that make them read. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "..", "..", "..");
const documents = [
    ...readdirSync(root).filter((file) => file.endsWith(".md")),
    ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".md"))
        .map((file) => join("docs", file)),
];
const rooms = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
const text = (file: string): string => readFileSync(join(root, file), "utf8");
const words = (file: string): number => text(file).split(/\s+/).length;

/** Targets of links, without anchors and addresses of other sites. */
const linked = (file: string): string[] =>
    [...text(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !/^[a-z]+:/.test(target))
        .map((target) => join(dirname(file), target));

/** Paths in backticks that begin with a folder of this repository: `room/file.ts`, `test/e2e`. */
const named = (file: string): string[] =>
    [...text(file).matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
        .map((match) => match[1] ?? "")
        .filter((path) => rooms.includes(path.split("/")[0] ?? "") && !path.startsWith("node_modules/"));

/** Sources may be named without their ending. */
const exists = (path: string): boolean => ["", ".ts"].some((end) => existsSync(join(root, path + end)));

describe.each(documents.filter((file) => file !== "CHANGELOG.md"))("%s", (file) => {
    it("links to files that exist", () => {
        expect(linked(file).filter((path) => !exists(path))).toEqual([]);
    });
    it("names files that exist", () => {
        expect(named(file).filter((path) => !exists(path))).toEqual([]);
    });
});

it("finds a file that is gone (negative test)", () => {
    expect(exists("values/no-such-file")).toBe(false);
    expect(documents.flatMap(linked).length).toBeGreaterThan(20);
    expect(documents.flatMap(named).length).toBeGreaterThan(50);
});

it.each([
    ["README.md", 900],
    ["ARCHITECTURE.md", 1300],
])("%s has at most %d words", (file, limit) => {
    expect(words(file)).toBeLessThanOrEqual(limit);
});

it("README.md has at most 100 lines, the glossary 40 terms in their order", () => {
    expect(text("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(100);
    const terms = [...text("docs/glossary.md").matchAll(/^\| (.+?)\s*\|/gm)]
        .map((row) => row[1] ?? "")
        .slice(1);
    expect(terms.filter((term) => !/^-+$/.test(term)).length).toBeLessThanOrEqual(40);
});
