import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { main } from "../../../cli/main";

let [stdout, stderr, folder] = ["", "", ""];

beforeEach(() => {
    [stdout, stderr] = ["", ""];
    folder = mkdtempSync(join(tmpdir(), "sallyport-main-"));
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
        stdout += String(text);
        return true;
    });
    jest.spyOn(process.stderr, "write").mockImplementation((text) => {
        stderr += String(text);
        return true;
    });
});
afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    rmSync(folder, { recursive: true });
});

test.each([
    [["nonsense"], "unknown command 'nonsense'"],
    [["wait-ready", "--uri", "x"], "required option '--pool <pool>' not specified"],
    [["wait-ready", "--timeout", "0"], "whole number of seconds"],
    [["verify-image", "--sha256", "abc"], "64 hexadecimal digits"],
    [["clear-status", "--uri", "u", "--pool", "p", "--volume", "v", "--colour"], "unknown option '--colour'"],
    [["console", "gw"], "needs a terminal"],
])("%j fails with one line that shows the fix", async (argv, message) => {
    expect(await main(argv)).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^sallyport: [^\n]+; fix: [^\n]+\n$/);
    expect(stdout).toBe("");
});

test.each(["", "0", "9", "3601", "60.5", "1e2", "-60"])(
    "a clock's window of %j is refused",
    async (window) => {
        expect(await main(["clock-offset", "--window", window])).toBe(1);
        expect(stderr).toContain("a whole number of seconds from 10 to 3600 is allowed");
        expect(stdout).toBe("");
    },
);

test("a clock's offset is a whole number of the window, each time another one", async () => {
    const drawn: number[] = [];
    for (let i = 0; i < 400; i++) {
        stdout = "";
        expect(await main(["clock-offset", "--window", "10"])).toBe(0);
        expect(stdout).toMatch(/^(0|-?[1-9]\d*)\n$/);
        drawn.push(Number(stdout));
    }
    // 21 values: that one of them is missing after 400 draws happens once in ten million runs.
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i - 10));
});

test("help is no failure", async () => {
    expect(await main(["--help"])).toBe(0);
    expect(stdout).toContain("wait-ready");
});

const sum = createHash("sha256").update("image").digest("hex");

test("an image with its sum passes, in text and JSON", async () => {
    writeFileSync(join(folder, "i"), "image");
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum.toUpperCase()])).toBe(0);
    expect(stdout).toContain(sum);
    stdout = "";
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum, "--json"])).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        checks: [{ id: "image.checksum", status: "pass" }],
    });
});

test("an image with another sum is refused, naming both", async () => {
    writeFileSync(join(folder, "i"), "imagf");
    expect(await main(["verify-image", "--image", join(folder, "i"), "--sha256", sum])).toBe(1);
    expect(stderr).toContain(sum);
    expect(stderr).toContain(createHash("sha256").update("imagf").digest("hex"));
    expect(stderr).toContain("make image");
});

test("no image is refused", async () => {
    expect(await main(["verify-image", "--image", join(folder, "none"), "--sha256", sum])).toBe(1);
    expect(stderr).toMatch(/can't be read.*make image/);
});
