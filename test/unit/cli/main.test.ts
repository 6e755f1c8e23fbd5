import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { main, program } from "../../../cli/main";
import { version } from "../../../package.json";
import type { Failure } from "../../../util/output";
import { printed } from "../../support/printed";

/** What a stack or bin/pulumi runs: not shown. */
const STEPS = [
    "wait-ready",
    "clear-status",
    "define-filter",
    "remove-filter",
    "clock-offset",
    "verify-image",
    "wipe",
    "guest-id",
    "stop-guest",
    "start-pools",
    "check-host",
    "check-settings",
    "check-data",
];

let folder = "";
const said = printed();

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-main-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
    [["nonsense"], "unknown command 'nonsense'"],
    [["wait-ready", "--uri", "x"], "required option '--pool <pool>' not specified"],
    [["wait-ready", "--timeout", "0"], "whole number of seconds"],
    [["verify-image", "--sha256", "abc"], "64 hexadecimal digits"],
    [["clear-status", "--uri", "u", "--pool", "p", "--volume", "v", "--colour"], "unknown option '--colour'"],
    [[], "no verb, or one that there is not; fix: bin/sallyport --help"],
    [["help", "nonsense"], "no verb, or one that there is not"],
    [["lab"], "no verb, or one that there is not; fix: bin/sallyport help lab"],
    [["plan", "--nonsense"], "fix: bin/sallyport help plan"],
])("%j fails with one line that shows the fix", async (argv, message) => {
    expect(await main(argv)).toBe(2);
    expect(said.stderr).toContain(message);
    // Without a verb the help comes first.
    expect(said.stderr).toMatch(/(^|\n)sallyport: [^\n]+; fix: [^\n]+\n$/);
    expect(said.stdout).toBe("");
    said.stderr = "";
    expect(await main([...argv, "--json"])).toBe(2);
    expect(said.stderr).not.toBe("");
    const { error } = JSON.parse(said.stdout) as Failure;
    expect(JSON.parse(said.stdout)).toEqual({ ok: false, checks: [], error });
    expect([typeof error.message, error.fix !== ""]).toEqual(["string", true]);
});

test.each(["", "0", "9", "3601", "60.5", "1e2", "-60"])(
    "a clock's window of %j is refused",
    async (window) => {
        expect(await main(["clock-offset", "--window", window])).toBe(2);
        expect(said.stderr).toContain("a whole number of seconds from 10 to 3600 is allowed");
        expect(said.stdout).toBe("");
    },
);

test("a clock's offset is a whole number of the window, each time another one", async () => {
    const drawn: number[] = [];
    for (let i = 0; i < 400; i++) {
        said.stdout = "";
        expect(await main(["clock-offset", "--window", "10"])).toBe(0);
        expect(said.stdout).toMatch(/^(0|-?[1-9]\d*)\n$/);
        drawn.push(Number(said.stdout));
    }
    // 21 values: that one of them is missing after 400 draws happens once in ten million runs.
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i - 10));
});

test("console needs a terminal", async () => {
    expect(await main(["console", "gw", "--uri", "qemu:///system"])).toBe(2);
    expect(said.stderr).toContain("needs a terminal");
});

test("help shows what people use, in groups and with an example each, and no step", async () => {
    expect(await main(["--help"])).toBe(0);
    const help = said.stdout;
    expect(help).toMatch(/^Check a stack:\n[^]*^Work with a stack:\n[^]*^Try it on this machine:\n/m);
    for (const verb of program().commands) {
        const hidden = STEPS.includes(verb.name());
        expect([verb.name(), new RegExp(`^ {2}${verb.name()} `, "m").test(help)]).toEqual([
            verb.name(),
            !hidden,
        ]);
        expect([verb.name(), help.includes(`bin/sallyport ${verb.name()}`)]).toEqual([verb.name(), !hidden]);
    }
});

test("each verb has help, also a hidden one", async () => {
    for (const verb of program().commands.map((command) => command.name())) {
        said.stdout = "";
        expect([verb, await main(["help", verb])]).toEqual([verb, 0]);
        expect(said.stdout).toContain(`Usage: sallyport ${verb}`);
    }
});

test("the version is the package's", async () => {
    expect(await main(["--version"])).toBe(0);
    expect(said.stdout).toBe(`${version}\n`);
});

const sum = createHash("sha256").update("image").digest("hex");

test("an image with its sum passes, in text and JSON", async () => {
    writeFileSync(join(folder, "i"), "image");
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum.toUpperCase()])).toBe(0);
    expect(said.stdout).toContain(sum);
    said.stdout = "";
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum, "--json"])).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({
        ok: true,
        checks: [{ id: "image.checksum", status: "pass" }],
    });
});

test("an image with another sum is refused, naming both", async () => {
    writeFileSync(join(folder, "i"), "imagf");
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum])).toBe(1);
    expect(said.stderr).toContain(sum);
    expect(said.stderr).toContain(createHash("sha256").update("imagf").digest("hex"));
    expect(said.stderr).toContain("make image");
});

test("no image is refused", async () => {
    expect(await main(["verify-image", "--image", join(folder, "none"), "--sha256", sum])).toBe(2);
    expect(said.stderr).toMatch(/can't be read.*make image/);
});
