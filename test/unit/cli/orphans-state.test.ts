import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exported, knownElsewhere, nested, stacksIn } from "../../../cli/orphans/state";

test.each([
    ["a", "a-b", true],
    ["a-b", "a", true],
    ["a", "a", false],
    ["a", "ab", false],
    ["a-b", "a-c", false],
])("%s and %s nest: %s", (one, other, yes) => {
    expect(nested(one, other)).toBe(yes);
});

test("only a list is a list of stacks", () => {
    expect(stacksIn('[{"name":"a","current":true},{"current":false}]')).toEqual(["a"]);
    expect(() => stacksIn("{}")).toThrow("no list");
    expect(() => stacksIn("no stacks")).toThrow();
});

describe("with a bin/pulumi that answers", () => {
    let root: string;
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "orphans-state-"));
        mkdirSync(join(root, "bin"));
    });
    afterEach(() => rmSync(root, { recursive: true }));
    const pulumi = (...cases: string[]): void =>
        writeFileSync(
            join(root, "bin", "pulumi"),
            `#!/bin/sh\ncase "$*" in\n${cases.join("\n")}\n*) echo "error: no $*" >&2; exit 1;;\nesac\n`,
            { mode: 0o755 },
        );
    const LIST = `"stack ls --json "*) echo '[{"name":"a"},{"name":"a-b"},{"name":"a-c"},{"name":"b"}]';;`;
    const state = (stack: string, name: string): string =>
        `*" ${stack} "*) echo '{"deployment":{"manifest":{},"resources":[{"type":"libvirt:index/pool:Pool","outputs":{"name":"${name}"}}]}}';;`;

    test("what stacks hold whose names nest, and no others are asked", async () => {
        pulumi(LIST, state("a-b", "p"), state("a-c", "r"), state("b", "q"));
        expect(await knownElsewhere(root, "a")).toEqual(
            new Map([
                ["pool p", "a-b"],
                ["pool r", "a-c"],
            ]),
        );
    });

    test.each([
        ["the list fails", "", /other stacks can't be listed: error: no stack ls/],
        ["the list is none", '"stack ls --json "*) echo "{}";;', /other stacks can't be listed: .*no list/],
        ["one of them can't be read", LIST, /the state of stack a-c can't be read/],
    ])("nothing is said when %s: what is another's would be removed", async (_, list, message) => {
        pulumi(list, state("a-b", "p"));
        await expect(knownElsewhere(root, "a")).rejects.toThrow(message);
    });

    test("a state that can't be read is said with Pulumi's words and the fix", async () => {
        pulumi();
        await expect(exported(root, "a")).rejects.toMatchObject({
            message: expect.stringContaining("the state of stack a can't be read: error: no stack export"),
            fix: expect.stringContaining("PULUMI_BACKEND_URL"),
        });
        pulumi('"stack export "*) echo text;;');
        expect(await exported(root, "a")).toBe("text");
    });
});
