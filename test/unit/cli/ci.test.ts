/** The CI examples: what they call exists, and they stop when they should. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { planCommand } from "../../../cli/plan";
import { projectRoot } from "../../../util/root";

const root = projectRoot();
const read = (name: string): unknown =>
    parse(readFileSync(join(root, "docs/ci", name), "utf8"), { uniqueKeys: true });

interface Actions {
    jobs: Record<
        string,
        { steps: { name?: string; run?: string; shell?: string; with?: { script?: string } }[] }
    >;
}
interface Gitlab {
    policy: { before_script: string[]; script: string[]; after_script: string[] };
}

/**
 * As the services run them: GitHub's `shell: bash` is `bash -eo pipefail`; GitLab runs a job's lines as one
 * script that stops at the first failure.
 */
const EXAMPLES: readonly (readonly [string, () => readonly string[]])[] = [
    [
        "github-actions.yml",
        () =>
            Object.values((read("github-actions.yml") as Actions).jobs)
                .flatMap((job) => job.steps)
                .flatMap(({ run, shell }) => {
                    expect(run === undefined || !run.includes("|") || shell === "bash").toBe(true);
                    return run === undefined ? [] : [run];
                }),
    ],
    [
        "gitlab-ci.yml",
        () => {
            const { before_script: before, script } = (read("gitlab-ci.yml") as Gitlab).policy;
            return [[...before, ...script].join("\n")];
        },
    ],
];

const OK = "#!/bin/sh\nexit 0\n";
/**
 * `sallyport plan`: of the stack it says something, of the preview what `ending` says; what it was asked is
 * written down.
 */
const planner = (ending = "exit 0", ofStack = "exit 1"): string => `#!/bin/sh
case "$*" in *--stack*) echo old; ${ofStack} ;; esac
echo "$*" > asked
echo report > plan.md
${ending}
`;
/** `pulumi preview` under the pack, and without. */
const pulumi = (underPolicy: string): string =>
    `#!/bin/sh\ncase "$*" in *--policy-pack*) ${underPolicy} ;; esac\necho '{}'\n`;

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
    function run(pulumiText: string, plan = planner()): number | null {
        program("bin/make", OK);
        program("bin/pulumi", pulumiText);
        program("bin/sallyport", plan);
        const env = {
            PATH: `${folder}/bin:${process.env["PATH"] ?? ""}`,
            STACK: "x",
            GITHUB_STEP_SUMMARY: join(folder, "summary"),
        };
        return (
            scripts()
                .map(
                    (script) =>
                        spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
                            cwd: folder,
                            env,
                            encoding: "utf8",
                        }).status,
                )
                .find((status) => status !== 0) ?? 0
        );
    }

    it("passes when all is well", () => {
        expect(run(pulumi("echo fine"))).toBe(0);
    });

    it.each([
        ["a rule is broken", pulumi("exit 255"), planner()],
        [
            "a policy could not run, which Pulumi calls advisory",
            pulumi("echo \"can't run policy 'sallyport' during preview: x\""),
            planner(),
        ],
        ["nothing can be previewed", "#!/bin/sh\nexit 1\n", planner()],
        ["plan finds something", pulumi("echo fine"), planner("exit 1")],
        ["plan could not check", pulumi("echo fine"), planner("exit 2")],
        ["plan cannot read the preview", pulumi("echo fine"), "#!/bin/sh\nexit 2\n"],
    ])("stops when %s", (_title, pulumiText, plan) => {
        expect(run(pulumiText, plan)).not.toBe(0);
    });

    it("compares with what stands, broken or not, and does without when nothing does", () => {
        const asked = (): string => readFileSync(join(folder, "asked"), "utf8");
        expect(run(pulumi("echo fine"))).toBe(0);
        expect(asked()).toContain("--diff old.json");
        expect(run(pulumi("echo fine"), planner("exit 0", "exit 0"))).toBe(0);
        expect(asked()).toContain("--diff old.json");
        expect(run(pulumi("echo fine"), planner("exit 0", "exit 2"))).toBe(0);
        expect(asked()).not.toContain("--diff");
    });

    it("calls what there is", () => {
        const text = scripts().join("\n");
        const make = [...text.matchAll(/^make (\S+)/gm)].map(([, target]) => target);
        const makefile = readFileSync(join(root, "Makefile"), "utf8");
        expect(make.length).toBeGreaterThan(0);
        make.forEach((target) => expect(makefile).toMatch(new RegExp(`^${target}:`, "m")));
        const options = [...text.matchAll(/^bin\/sallyport plan ([^|>\n]*)/gm)].flatMap(([, words = ""]) =>
            words.split(/\s+/).filter((word) => word.startsWith("--")),
        );
        const known = planCommand().options.map((o) => o.long);
        expect(options.length).toBeGreaterThan(1);
        expect(options.filter((o) => !known.includes(o))).toEqual([]);
        expect(text).toContain("--show-sames");
    });
});

describe("what stands is told to reviewers", () => {
    it("on GitHub in one comment, which is written anew", async () => {
        const script =
            Object.values((read("github-actions.yml") as Actions).jobs)
                .flatMap((job) => job.steps)
                .find((step) => step.name === "Comment")?.with?.script ?? "";
        const comments: { id: number; body: string }[] = [{ id: 1, body: "of another" }];
        const github = {
            paginate: () => Promise.resolve(comments),
            rest: {
                issues: {
                    listComments: undefined,
                    createComment: ({ body }: { body: string }) =>
                        Promise.resolve(comments.push({ id: 2, body })),
                    updateComment: ({ comment_id: id, body }: { comment_id: number; body: string }) =>
                        Promise.resolve(Object.assign(comments.find((c) => c.id === id) ?? {}, { body })),
                },
            },
        };
        const context = { repo: { owner: "o", repo: "r" }, issue: { number: 7 } };
        // As actions/github-script does.
        const AsyncFunction = Object.getPrototypeOf(async () => undefined) as {
            constructor: new (...words: string[]) => (...args: unknown[]) => Promise<void>;
        };
        const act = (files: Readonly<Record<string, string>>): Promise<void> =>
            new AsyncFunction.constructor("github", "context", "require", script)(github, context, () => ({
                existsSync: (path: string) => path in files,
                readFileSync: (path: string) => files[path],
            }));
        await act({ "plan.md": "first" });
        await act({ "plan.md": "second" });
        expect(comments.map((c) => c.body)).toEqual(["of another", "<!-- sallyport plan -->\nsecond"]);
        await act({});
        expect(comments[1]?.body).toContain("nothing was shown");
    });

    it("on GitLab in a note", () => {
        const folder = mkdtempSync(join(tmpdir(), "ci-"));
        writeFileSync(join(folder, "curl"), '#!/bin/sh\nprintf "%s\\n" "$@" > said\n', { mode: 0o755 });
        writeFileSync(join(folder, "plan.md"), "report");
        const env = {
            PATH: `${folder}:${process.env["PATH"] ?? ""}`,
            GITLAB_TOKEN: "t",
            CI_API_V4_URL: "https://gitlab.example.test/api/v4",
            CI_PROJECT_ID: "3",
            CI_MERGE_REQUEST_IID: "9",
        };
        const { status } = spawnSync(
            "bash",
            ["-euc", (read("gitlab-ci.yml") as Gitlab).policy.after_script.join("\n")],
            { cwd: folder, env, encoding: "utf8" },
        );
        expect(status).toBe(0);
        expect(readFileSync(join(folder, "said"), "utf8")).toContain(
            "body@plan.md\nhttps://gitlab.example.test/api/v4/projects/3/merge_requests/9/notes",
        );
        rmSync(folder, { recursive: true, force: true });
    });
});

it("the words that they look for are the policy SDK's own", () => {
    const server = readFileSync(join(root, "node_modules/@pulumi/policy/server.js"), "utf8");
    expect(server).toContain("can't run ${policyFrom} during preview");
    expect(server).toMatch(/policyFrom = `policy /);
});
