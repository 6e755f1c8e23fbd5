/** Documents are in short sentences: at most 25 words as a rule. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..", "..");
const LIMIT = 25;
/** Of all sentences, and words that none may have. Lists of things are long without being hard to read. */
const OVER_AT_MOST = 0.04;
const NEVER = 40;

const documents = spawnSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
    .stdout.split("\n")
    .filter((file) => /^(README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md$|^docs\//.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }))
    .filter(({ text }) => !text.slice(0, 300).includes("<!-- Generated from"));

/** Sentences of a document's prose, and their parts between colons and semicolons; code is one word. */
function sentences(markdown: string): string[] {
    return markdown
        .replace(/```[^]*?```/g, "\n\n")
        .replace(/^\s*(#|\|).*$/gm, "")
        .replace(/^\s*(?:[-*]|\d+\.) /gm, "\n\n")
        .replace(/\]\([^)]*\)/g, "]")
        .replace(/`[^`]*`/g, "code")
        .split(/\n\s*\n|(?<=[.!?:;](?:\*\*)?)\s+/)
        .map((sentence) => sentence.replace(/\s+/g, " ").trim())
        .filter((sentence) => sentence !== "");
}

const words = (sentence: string): number => sentence.split(" ").length;

it("in documents that are written by hand", () => {
    const all = documents.flatMap(({ file, text }) => sentences(text).map((one) => `${file}: ${one}`));
    const over = all.filter((one) => words(one) - 1 > LIMIT);
    expect(all.length).toBeGreaterThan(800);
    expect(over.filter((one) => words(one) - 1 > NEVER)).toEqual([]);
    // The list is what to shorten.
    expect(over.length > all.length * OVER_AT_MOST ? over : []).toEqual([]);
});

it("finds a long one, whatever is around it (negative test)", () => {
    const long = Array.from({ length: LIMIT + 1 }, () => "word").join(" ");
    const found = sentences(
        `# Title\n\nShort. ${long.replaceAll(" ", "\n")}.\n\n- ${long}\n\n\`\`\`sh\n${long}\n\`\`\``,
    );
    expect(found.filter((one) => words(one) > LIMIT)).toHaveLength(2);
});
