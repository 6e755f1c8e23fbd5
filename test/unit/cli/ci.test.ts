/** The CI examples: what they call exists, and they stop when they should. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { planCommand } from "../../../cli/plan";
import { projectRoot } from "../../../cli/root";

const root = projectRoot();
const read = (name: string): unknown => parse(readFileSync(join(root, "docs/ci", name), "utf8"), { uniqueKeys: true });

interface Actions { jobs: Record<string, { steps: { run?: string; shell?: string }[] }> }
interface Gitlab { policy: { before_script: string[]; script: string[] } }

/** As the services run them: GitHub's `shell: bash` is `bash -eo pipefail`; GitLab runs a job's lines as one script that stops at the first failure. */
const EXAMPLES: readonly (readonly [string, () => readonly string[]])[] = [
    ["github-actions.yml", () => Object.values((read("github-actions.yml") as Actions).jobs).flatMap((job) => job.steps).flatMap(({ run, shell }) => {
        expect(run === undefined || !run.includes("|") || shell === "bash").toBe(true);
        return run === undefined ? [] : [run];
    })],
    ["gitlab-ci.yml", () => {
        const { before_script: before, script } = (read("gitlab-ci.yml") as Gitlab).policy;
        return [[...before, ...script].join("\n")];
    }],
];

const OK = "#!/bin/sh\nexit 0\n";
/** `pulumi preview` under the pack, and without. */
const pulumi = (underPolicy: string): string => `#!/bin/sh\ncase "$*" in *--policy-pack*) ${underPolicy} ;; esac\necho '{}'\n`;

describe.each(EXAMPLES)("%s", (_name, scripts) => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "ci-"));
        mkdirSync(join(folder, "bin"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const program = (path: string, text: string): void => {
        writeFileSync(join(folder, path), text);
        chmodSync(join(folder, path), 0o755);
    };
    /** Status of the first step that fails, or 0. */
    function run(pulumiText: string, plan = OK): number | null {
        program("bin/make", OK);
        program("bin/pulumi", pulumiText);
        program("bin/sallyport", plan);
        writeFileSync(join(folder, "plan.md"), "");
        const env = { PATH: `${folder}/bin:${process.env["PATH"] ?? ""}`, STACK: "x", GITHUB_STEP_SUMMARY: join(folder, "summary") };
        return scripts().map((script) => spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], { cwd: folder, env, encoding: "utf8" }).status).find((status) => status !== 0) ?? 0;
    }

    it("passes when all is well", () => {
        expect(run(pulumi("echo fine"))).toBe(0);
    });

    it.each([
        ["a rule is broken", pulumi("exit 255"), OK],
        ["a policy could not run, which Pulumi calls advisory", pulumi("echo \"can't run policy 'sallyport' during preview: x\""), OK],
        ["nothing can be previewed", "#!/bin/sh\nexit 1\n", OK],
        ["plan finds something", pulumi("echo fine"), "#!/bin/sh\nexit 1\n"],
    ])("stops when %s", (_title, pulumiText, plan) => {
        expect(run(pulumiText, plan)).not.toBe(0);
    });

    it("calls what there is", () => {
        const text = scripts().join("\n");
        const make = [...text.matchAll(/^make (\S+)/gm)].map(([, target]) => target);
        const makefile = readFileSync(join(root, "Makefile"), "utf8");
        expect(make.length).toBeGreaterThan(0);
        make.forEach((target) => expect(makefile).toMatch(new RegExp(`^${target}:`, "m")));
        const options = [...text.matchAll(/^bin\/sallyport plan (.*)$/gm)].flatMap(([, words = ""]) => words.split(" ").filter((word) => word.startsWith("--")));
        const known = planCommand().options.map((o) => o.long);
        expect(options.length).toBeGreaterThan(1);
        expect(options.filter((o) => !known.includes(o))).toEqual([]);
        expect(text).toContain("--show-sames");
    });
});

it("the words that they look for are the policy SDK's own", () => {
    const server = readFileSync(join(root, "node_modules/@pulumi/policy/server.js"), "utf8");
    expect(server).toContain("can't run ${policyFrom} during preview");
    expect(server).toMatch(/policyFrom = `policy /);
});
