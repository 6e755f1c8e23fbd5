/**
 * The pack through the real engine: a change that breaks a rule blocks preview and up, and nothing is
 * created.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../util/root";

jest.setTimeout(600_000);

const root = projectRoot();
let folder: string;
let mark: string;

const pulumi = (...args: readonly string[]): { status: number | null; output: string } => {
    const run = spawnSync(
        join(root, "bin/pulumi"),
        ["--non-interactive", "-C", join(folder, "program"), ...args],
        {
            encoding: "utf8",
            env: {
                ...process.env,
                PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
                PULUMI_CONFIG_PASSPHRASE: "test",
                POLICY_TEST_MARK: mark,
            },
        },
    );
    return { status: run.status, output: `${run.stdout}${run.stderr}` };
};

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-policy-"));
    mark = join(folder, "was-here");
    mkdirSync(join(folder, "state"));
    cpSync(join(__dirname, "engine/program"), join(folder, "program"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "program/node_modules"));
    const made = spawnSync("make", ["-s", "-C", root, "build"], { encoding: "utf8" });
    expect(`${made.stdout}${made.stderr}`).not.toMatch(/error/i);
    expect(pulumi("stack", "init", "test").output).not.toMatch(/error:/);
});
afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
});

describe.each([
    ["preview", ["preview"]],
    ["up", ["up", "--yes"]],
    ["up without preview", ["up", "--yes", "--skip-preview"]],
])("%s", (_title, verb) => {
    it("is blocked by the rule, and nothing was run", () => {
        const { status, output } = pulumi(...verb, "--policy-pack", join(root, "policy"));
        expect(output).toMatch(/\[mandatory\].*ACT-01/);
        expect(output).toContain("ACT-01[intruder create]");
        expect(output).not.toMatch(/can't run policy/);
        expect(status).not.toBe(0);
        expect(existsSync(mark)).toBe(false);
    });
});

it("passes without the pack: the command itself is sound", () => {
    expect(pulumi("up", "--yes").status).toBe(0);
    expect(existsSync(mark)).toBe(true);
});
