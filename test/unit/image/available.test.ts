/** What apt has is told only where its lists can tell it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DAY_MS = 86_400_000;
let folder: string;
const lib = (): string => join(folder, "image/lib");
const program = (name: string, text: string): void =>
    writeFileSync(join(lib(), name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
const valid = (days: number): string =>
    `Valid-Until: ${new Date(Date.now() + days * DAY_MS).toUTCString()}\n`;

/** Lists of apt: a release, and what its Release file holds. */
function lists(releases: Readonly<Record<string, string>>): void {
    for (const [release, text] of Object.entries(releases)) {
        writeFileSync(join(folder, `${release}_InRelease`), `Codename: ${release}\n${text}`);
    }
    program(
        "sources",
        Object.keys(releases)
            .map((release) => `echo uri ${release} ${folder}/${release}_main_binary-amd64_Packages`)
            .join("\n") || "true",
    );
}

const run = (): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(join(lib(), "available"), ["trixie"], { encoding: "utf8" });

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "available-"));
    mkdirSync(lib(), { recursive: true });
    for (const name of ["lib/available", "lib/list", "packages"]) {
        cpSync(join(__dirname, "../../../image", name), join(folder, "image", name));
    }
    program("closure", "echo tor 1");
    program("lists", 'test "$3" = refresh && echo "$2/apt.conf"');
});
afterEach(() => rmSync(folder, { recursive: true }));

it("prints what would be installed, where the lists are there and valid", () => {
    lists({ trixie: "", "trixie-security": valid(1) });
    expect(run()).toMatchObject({ status: 0, stdout: "tor 1\n", stderr: "" });
});

it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["no list at all", {}, /no list of trixie$/m],
    ["no security updates", { trixie: "" }, /no list of trixie-security$/m],
    ["security updates alone", { "trixie-security": valid(1) }, /no list of trixie$/m],
    [
        "a list that is out of date",
        { trixie: "", "trixie-security": valid(-1) },
        /list of trixie-security was valid until/,
    ],
    [
        "a date that is none",
        { trixie: "", "trixie-security": "Valid-Until: some day\n" },
        /list of trixie-security has no date in Valid-Until: some day/,
    ],
])("prints nothing with %s", (_, releases, message) => {
    lists(releases);
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
});

it("prints nothing where the lists can't be fetched", () => {
    lists({ trixie: "", "trixie-security": valid(1) });
    program("lists", "exit 100");
    expect(run()).toMatchObject({ status: 1, stdout: "", stderr: "apt can't fetch the lists of trixie\n" });
});
