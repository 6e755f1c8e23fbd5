/** Which stack a verb is about, and which it refuses. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nearest } from "../../../util/nearest";
import { findSettings, findStack, parseStack } from "../../../cli/stack";

test.each([
    ["cell", "cell"],
    ["organization/cell", "cell"],
    ["organization/sallyport/cell-2", "cell-2"],
])("%s is stack %s, and Pulumi is told it as it is", (given, name) => {
    expect(parseStack(given, "sallyport")).toEqual({ name, reference: given });
});

test.each([
    ["organization/other/cell", /is a stack of project other, this is project sallyport/],
    ["a/b/c/d", /got "a\/b\/c\/d"; allowed: STACK or ORGANIZATION\/PROJECT\/STACK/],
    ["", /allowed: STACK/],
    ["a//b", /allowed: STACK/],
    ["../cell x", /allowed: STACK/],
])("%j is refused in words", (given, message) => {
    expect(() => parseStack(given, "sallyport")).toThrow(message);
});

test.each([
    ["cel", "cell"],
    ["CELL", "cell"],
    ["gate", undefined],
    ["production", undefined],
])("near %s is %s", (name, found) => {
    expect(nearest(name, ["cell", "lab-host"])).toBe(found);
});

describe("with a bin/pulumi that lists", () => {
    let root: string;
    const list = (stacks: unknown): void =>
        writeFileSync(join(root, "bin/pulumi"), `#!/bin/sh\necho '${JSON.stringify(stacks)}'\n`, {
            mode: 0o755,
        });
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "stack-"));
        mkdirSync(join(root, "bin"));
        writeFileSync(join(root, "Pulumi.yaml"), "name: sallyport\n");
        writeFileSync(join(root, "Pulumi.cell.yaml"), "");
        list([
            { name: "cell", current: true, resourceCount: 33 },
            { name: "lost", resourceCount: 33 },
            { name: "untold" },
            { name: "empty", resourceCount: 0 },
        ]);
    });
    afterEach(() => rmSync(root, { recursive: true }));

    test("the selected stack is the default", async () => {
        expect(await findStack(root, undefined)).toEqual({ name: "cell", reference: "cell" });
        expect(await findSettings(root, undefined)).toEqual({ name: "cell", reference: "cell" });
    });

    test.each(["cell", "organization/sallyport/cell", "empty"])("%s is there", async (given) => {
        expect((await findStack(root, given)).reference).toBe(given);
    });

    test.each([
        ["cel", "there is no stack cel; the nearest is cell", "--stack cell"],
        ["faraway", "there is no stack faraway", "bin/pulumi stack ls, or bin/pulumi stack init faraway"],
        [
            "lost",
            /stack lost has resources, and .* Pulumi\.lost\.yaml is not there/,
            /config refresh --stack lost/,
        ],
        ["untold", /Pulumi\.untold\.yaml is not there/, /version control/],
    ])("%s is refused with the fix", async (given, message, fix) => {
        for (const find of [findStack, findSettings]) {
            await expect(find(root, given)).rejects.toMatchObject({
                message: expect.stringMatching(message) as string,
                fix: expect.stringMatching(fix) as string,
            });
        }
    });

    test("none selected, or none at all, is said", async () => {
        list([{ name: "cell" }]);
        await expect(findStack(root, undefined)).rejects.toMatchObject({
            fix: "name one with --stack: cell",
        });
        list([]);
        await expect(findStack(root, undefined)).rejects.toMatchObject({ fix: "bin/pulumi stack init NAME" });
    });

    test("what is no list is an error; settings that are there need none", async () => {
        list({});
        await expect(findStack(root, "cell")).rejects.toThrow("the stacks can't be listed");
        expect(await findSettings(root, "cell")).toMatchObject({ name: "cell" });
    });
});

test("a team's settings are in its repository; the demo's and the tests' are not", () => {
    const ignored = (file: string): boolean =>
        spawnSync("git", ["check-ignore", "-q", file], { cwd: resolve(__dirname, "../../..") }).status === 0;
    expect(["cell", "dev", "demonstration"].filter((stack) => ignored(`Pulumi.${stack}.yaml`))).toEqual([]);
    const ours = ["demo", "demo-1a2b3c", "e2e-main", "bench-enclave", "host-lab"];
    expect(ours.filter((stack) => ignored(`Pulumi.${stack}.yaml`))).toEqual(ours);
});
