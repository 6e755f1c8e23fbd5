/** The verb that adds and removes Workstations, on files as people have them. */
import {
    chmodSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../cli/main";
import { replaceText } from "../../../cli/settings-file";
import { storedEnclaves, withEnclaves } from "../../../cli/workstation/file";
import { loadPlanFromFile } from "../../../plan/file";
import { printed } from "../../support/printed";

let root = "";
jest.mock("../../../util/root", () => ({ projectRoot: () => root }));

const file = (): string => join(root, "Pulumi.dev.yaml");
const said = printed();

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "workstation-"));
    writeFileSync(join(root, "Pulumi.yaml"), "name: shop\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const run = (...argv: string[]): Promise<number> => main(["workstation", ...argv, "--stack", "dev"]);
const addresses = (): Record<string, string> =>
    Object.fromEntries(
        loadPlanFromFile(root, "dev").plan.enclaves.flatMap((e) =>
            e.workstations.map((w) => [`${e.name}/${w.name}`, w.nic.address]),
        ),
    );

const LEGACY = `# The team's stack.
encryptionsalt: v1:abc
config:
  sallyport:uri: qemu:///system # the lab
  sallyport:enclaves:
    - name: red
      # two of them
      workstations:
        - name: a # first
        - name: b
          memoryMiB: 512

    - name: blue
      clock:
        strict: true
`;

test("adds one, and writes down what the others had by their places; nothing else changes", async () => {
    writeFileSync(file(), LEGACY);
    chmodSync(file(), 0o600);
    expect(await run("add", "red/c")).toBe(0);
    expect(said.stdout).toBe(
        "ok   red/c: has 10.152.152.13 in Pulumi.dev.yaml; written down as well: red/a 10.152.152.11, " +
            "red/b 10.152.152.12; next: bin/pulumi up --stack dev\n",
    );
    expect(readFileSync(file(), "utf8")).toBe(
        LEGACY.replace("# first\n", "# first\n          address: 10.152.152.11\n").replace(
            "memoryMiB: 512\n",
            "memoryMiB: 512\n          address: 10.152.152.12\n        - name: c\n          address: 10.152.152.13\n",
        ),
    );
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(root).sort()).toEqual(["Pulumi.dev.yaml", "Pulumi.yaml"]);
});

test("removes one and leaves the others their addresses; the next that comes gets the free one", async () => {
    writeFileSync(file(), LEGACY);
    expect(await run("remove", "red/a")).toBe(0);
    expect(said.stdout).toContain("red/a: is no more in Pulumi.dev.yaml, 10.152.152.11 is free");
    expect(said.stdout).toContain(
        "which removes the guest with its disk; its home is kept until the settings let it go: " +
            "bin/pulumi config set --stack dev --path 'sallyport:allowDataLoss[0]' red/a\n",
    );
    expect(addresses()).toEqual({ "red/b": "10.152.152.12", "blue/ws1": "10.152.152.11" });
    expect(await run("add", "red/c")).toBe(0);
    expect(await run("add", "blue/irc")).toBe(0);
    expect(addresses()).toEqual({
        "red/b": "10.152.152.12",
        "red/c": "10.152.152.11",
        "blue/ws1": "10.152.152.11",
        "blue/irc": "10.152.152.12",
    });
});

test("says what becomes of the home of one that is removed", async () => {
    writeFileSync(file(), `${LEGACY}  sallyport:allowDataLoss: [red/b]\n`);
    await run("remove", "red/b");
    expect(said.stdout).toContain("which removes the guest with its disk and its home\n");
    await run("remove", "red/a");
    expect(said.stdout).toContain("'sallyport:allowDataLoss[1]' red/a\n");
    await run("add", "red/c", "--no-home");
    await run("remove", "red/c");
    expect(said.stdout).toMatch(/which removes the guest with its disk\n$/);
});

test("adds one with a home of that size, or with none", async () => {
    writeFileSync(file(), "config: {}\n");
    expect([await run("add", "big", "--home", "40"), await run("add", "none", "--no-home")]).toEqual([0, 0]);
    const { workstations = [] } = loadPlanFromFile(root, "dev").plan.enclaves[0] ?? {};
    expect(workstations.map(({ home }) => home?.sizeMiB)).toEqual([8192, 40960, undefined]);
    for (const size of ["8GiB", "-1", "0", "999999"]) {
        expect(await run("add", "more", "--home", size)).toBe(2);
    }
    expect(Object.keys(addresses())).not.toContain("default/more");
});

test("the last one that goes leaves an empty list: left out, the default one would come", async () => {
    writeFileSync(file(), "config:\n  sallyport:enclaves:\n    - name: red\n");
    expect(await run("remove", "red/ws1")).toBe(0);
    expect(addresses()).toEqual({});
    expect(await run("list")).toBe(0);
    expect(said.stdout).toContain("the settings name none");
    expect(await run("add", "red/a")).toBe(0);
    expect(readFileSync(file(), "utf8")).toContain("- name: a\n          address: 10.152.152.11\n");
});

test.each(["", "config: {}\n", "config:\n", "encryptionsalt: v1:abc\n", "config:\n  aws:region: x\n"])(
    "settings that name no enclave (%j) name the default one then, with its first Workstation",
    async (text) => {
        writeFileSync(file(), text);
        expect(await run("add", "irc")).toBe(0);
        expect(addresses()).toEqual({ "default/ws1": "10.152.152.11", "default/irc": "10.152.152.12" });
    },
);

test("lists addresses, and tells those that are not written down with the line that does it", async () => {
    writeFileSync(file(), LEGACY);
    expect(await run("list")).toBe(1);
    expect(said.stdout).toContain(
        "fix: bin/pulumi config set --path 'sallyport:enclaves[0].workstations[1].address' 10.152.152.12",
    );
    expect(said.stdout).toContain("ok   blue/ws1: 10.152.152.11");
    said.stdout = "";
    await run("list", "--json");
    expect((JSON.parse(said.stdout) as { workstations: unknown }).workstations).toEqual([
        { name: "red/a", address: "10.152.152.11" },
        { name: "red/b", address: "10.152.152.12" },
        { name: "blue/ws1", address: "10.152.152.11" },
    ]);
});

const many = Array.from({ length: 200 }, (_, i) => `        - name: w${i}\n`).join("");

test.each([
    ["an enclave that is not there", LEGACY, ["add", "blu/x"], /no enclave blu; the nearest is blue/],
    ["a name twice", LEGACY, ["add", "red/a"], /has? a Workstation red\/a already|have a Workstation red\/a/],
    ["the default's name twice", LEGACY, ["add", "blue/ws1"], /have a Workstation blue\/ws1 already/],
    ["one that is not there", LEGACY, ["remove", "red/aa"], /no Workstation red\/aa; the nearest is red\/a/],
    ["no enclave where there are two", LEGACY, ["add", "x"], /x may be in any of the enclaves red, blue/],
    ["a bad name", LEGACY, ["add", "red/X_1"], /got "X_1"; allowed: 1 to 24 characters/],
    ["three parts", LEGACY, ["add", "dev/red/x"], /got "dev\/red\/x"; allowed: ENCLAVE\/NAME/],
    ["no name", LEGACY, ["add", "red/"], /got "red\/"; allowed: ENCLAVE\/NAME/],
    ["a file that is no YAML", "config: [", ["add", "red/x"], /is no YAML/],
    ["a full enclave", LEGACY.replace(/ {8}- name: a[^]*512\n/, many), ["add", "red/x"], /at most 200/],
    [
        "enclaves that are encrypted",
        "config:\n  sallyport:enclaves:\n    secure: v1:x\n",
        ["add", "x"],
        /encrypted as a whole/,
    ],
    ["enclaves of another type", "config:\n  sallyport:enclaves: 7\n", ["add", "x"], /enclaves: got/],
    [
        "enclaves that share a list",
        "config:\n  sallyport:enclaves:\n    - name: a\n      workstations: &w [{ name: x }]\n    - name: b\n      workstations: *w\n",
        ["add", "a/y"],
        /can't be changed in place/,
    ],
])("refuses %s in one line, and the file stays", async (_what, text, argv, message) => {
    writeFileSync(file(), text);
    expect(await run(...argv)).toBe(2);
    expect(said.stderr).toMatch(message);
    expect(said.stderr).toMatch(/^sallyport: [^\n]+fix: [^\n]+\n$/);
    expect(readFileSync(file(), "utf8")).toBe(text);
    expect(readdirSync(root).sort()).toEqual(["Pulumi.dev.yaml", "Pulumi.yaml"]);
});

test.each([
    "config:\n  sallyport:enclaves:\n    - name: red\n      tunnel:\n        privateKey:\n          secure: v1:AA\n",
    "config:\n    sallyport:enclaves:\n        - name: red\n          tunnel:\n              privateKey:\n                  secure: v1:AA\n",
    "config:\n  sallyport:enclaves:\n  - name: red\n    tunnel: {}\n",
])("keeps indentation, and secrets as they are: %j", (text) => {
    const [red] = storedEnclaves("f", text) ?? [];
    const after = [{ ...red, name: "red", workstations: [{ name: "a" }] }];
    expect(withEnclaves("f", text, after).startsWith(text)).toBe(true);
});

describe("the file", () => {
    test("that somebody changed meanwhile stays as they left it", () => {
        writeFileSync(file(), "theirs");
        expect(() => replaceText(file(), "what was read", "ours")).toThrow(/changed meanwhile/);
        expect(readFileSync(file(), "utf8")).toBe("theirs");
        expect(readdirSync(root)).toHaveLength(2);
    });

    test("that is a link stays one", async () => {
        mkdirSync(join(root, "shared"));
        writeFileSync(file(), LEGACY);
        renameSync(file(), join(root, "shared/dev.yaml"));
        symlinkSync("shared/dev.yaml", file());
        expect(await run("add", "red/c")).toBe(0);
        expect(lstatSync(file()).isSymbolicLink()).toBe(true);
        expect(readFileSync(join(root, "shared/dev.yaml"), "utf8")).toContain("name: c");
    });

    test("that is not there is made", () => {
        replaceText(file(), "", "new");
        expect(existsSync(file())).toBe(true);
    });
});
