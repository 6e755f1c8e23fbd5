/**
 * Sallyport as a package of programs in other folders: the session of docs/yaml.md as it is written, the other
 * examples, and another operator whose Sallyport is somewhere else.
 */
import assert from "../support/assert";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { runToEnd, type RunResult } from "../../cli/live/process";
import { resolveLab } from "../../lab/paths";
import { mustVirsh } from "../../libvirt/client";
import { packageSchema } from "../../package/schema";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { inLab, LIMIT, lab, root, stack, work } from "./support/world";

interface Project {
    packages: { sallyport: string };
    resources: {
        lab: {
            properties: { enclaves: { workstations: unknown[]; egress?: unknown }[] } & Record<
                string,
                unknown
            >;
        };
    };
}
interface Exported {
    readonly deployment: {
        readonly resources: readonly {
            readonly urn: string;
            readonly type: string;
            readonly provider?: string;
        }[];
    };
}

const page = readFileSync(join(root, "docs/yaml.md"), "utf8");
const block = (language: string): string =>
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page)?.[1] ??
    assert.fail(`no ${language} in docs/yaml.md`);

const BRIDGE = "192.0.2.44:443 0123456789ABCDEF0123456789ABCDEF01234567";
const COMMANDS = ["stack init", "preview --policy-pack", "up", "stack output", "destroy"];

inLab();
describe("As a package", () => {
    let empty: Inventory;
    const team = join(work, "package/team");
    const yaml = join(team, "Pulumi.yaml");
    const lines = block("sh").trim().split("\n");
    const env = (): Record<string, string> => ({ PULUMI_CONFIG_PASSPHRASE: "of nobody" });
    const run = (line: string, cwd = team): Promise<RunResult> =>
        runToEnd("bash", ["-c", line], { cwd, env: env(), timeoutSeconds: LIMIT.up });
    const step = async (command: string): Promise<string> => {
        const line = lines.find((l) => l.startsWith(`../sallyport/bin/pulumi ${command}`));
        assert.ok(line, `docs/yaml.md has no ${command}`);
        const result = await run(line);
        succeeded(result);
        return result.output;
    };
    /** The page's program, in the lab: another host, an emulated CPU, a private Tor, one guest less. */
    const write = (change: (project: Project) => void = () => undefined): void => {
        const project = parse(block("yaml")) as Project;
        const { properties } = project.resources.lab;
        Object.assign(properties, labStackConfig(lab()));
        properties.enclaves[0]?.workstations.pop();
        // Nobody keeps anything of it.
        Object.assign(properties, { allowDataLoss: ["research/gateway", "research/irc"] });
        change(project);
        writeFileSync(yaml, stringify(project, { lineWidth: 0 }));
    };

    beforeAll(async () => {
        empty = await inventory();
        mkdirSync(team, { recursive: true });
        symlinkSync(root, join(work, "package/sallyport"));
    });
    afterAll(async () => {
        if (existsSync(join(team, "Pulumi.prod.yaml"))) {
            write();
            await run("../sallyport/bin/pulumi destroy --yes");
        }
    });

    it("the page has these commands and no other", () => {
        assert.deepEqual(
            lines.filter((line) => !COMMANDS.some((c) => line.startsWith(`../sallyport/bin/pulumi ${c}`))),
            [],
        );
        assert.equal(lines.length, COMMANDS.length);
    });

    it("a wrong argument is told at preview, in a program's words", async () => {
        write();
        await step("stack init");
        write(({ resources }) => {
            Object.assign(resources.lab.properties.enclaves[0] ?? {}, {
                egress: { mode: "bridges", bridges: [BRIDGE] },
            });
        });
        const refused = await run("../sallyport/bin/pulumi preview");
        failedWith(
            refused,
            /enclaves\[0\]\.egress\.bridges\[0\]/,
            /allowed: a secret/,
            /fix: wrap it: fn::secret/,
        );
        assert.doesNotMatch(refused.output, /192\.0\.2\.44/);
    });

    it("previews with the policy pack, comes up and says how to open each Workstation", async () => {
        write();
        // This project's own program declares 38, of the default enclave; here they have a component around them.
        assert.match(await step("preview --policy-pack"), /\+ 41 to create/);
        await step("up");
        const output = JSON.parse(await step("stack output")) as {
            gateway: { status: string };
            workstations: { name: string; domain: string; console: string }[];
        };
        const [irc] = output.workstations;
        assert.equal(irc?.name, "irc");
        assert.match(irc.console, /^virsh -c .* console team-prod-research-workstation-irc$/);
        assert.equal((await mustVirsh(lab().uri, ["domstate", irc.domain])).trim(), "running");
        assert.notEqual(output.gateway.status, "");
    });

    it("its state has one provider for the package's steps, and no path of the package but its image's", async () => {
        const exported = await run("../sallyport/bin/pulumi stack export");
        succeeded(exported);
        const { resources } = (JSON.parse(exported.output) as Exported).deployment;
        const steps = resources.filter(({ type }) => type === "sallyport:index:Step");
        assert.ok(steps.length > 10);
        assert.deepEqual([...new Set(steps.map((s) => s.provider?.split("::")[3]))], ["default_0_1_0"]);
        // The lab is in our folder; where the image was is of no account for what comes later.
        const holding = resources.filter((r) =>
            JSON.stringify(r).replaceAll(resolveLab().dir, "").includes(root),
        );
        assert.deepEqual(holding.map(({ urn }) => urn.split("::").at(-1)).sort(), [
            "team-prod-image-verified",
            "team-prod-image-volume",
        ]);
    });

    it("nothing changes for an operator whose Sallyport is somewhere else", async () => {
        const elsewhere = join(work, "package/elsewhere/sallyport");
        for (const name of ["Pulumi.yaml", "PulumiPlugin.yaml", "package.json", ".build/package.js"]) {
            mkdirSync(dirname(join(elsewhere, name)), { recursive: true });
            cpSync(join(root, name), join(elsewhere, name));
        }
        for (const name of ["node_modules", ".image"]) {
            symlinkSync(join(root, name), join(elsewhere, name));
        }
        write((project) => {
            project.packages.sallyport = elsewhere;
        });
        const result = await run("../sallyport/bin/pulumi preview --expect-no-changes");
        succeeded(result);
        assert.match(result.output, /41 unchanged/);
    });

    it("goes, and leaves nothing", async () => {
        write();
        await step("destroy");
        assert.deepEqual(await inventory(), empty);
    });

    it("the example in TypeScript compiles against the generated SDK, and previews", async () => {
        const program = join(work, "package/typescript");
        cpSync(join(root, "examples/typescript"), program, { recursive: true });
        const project = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as Project;
        project.packages.sallyport = root;
        writeFileSync(join(program, "Pulumi.yaml"), stringify(project));
        writeFileSync(join(program, "schema.json"), packageSchema());
        const sdk = "sdks/sallyport/nodejs";
        const modules = join(program, "node_modules/@pulumi");
        mkdirSync(modules, { recursive: true });
        symlinkSync(join(program, sdk), join(modules, "sallyport"));
        const tsc = `${join(root, "node_modules/.bin/tsc")} --skipLibCheck`;
        for (const line of [
            `${join(root, "bin/pulumi")} package gen-sdk schema.json --language nodejs --out sdks/sallyport`,
            `${tsc} -p ${sdk} --outDir ${sdk}/bin && cp ${sdk}/package.json ${sdk}/bin/`,
            `${tsc} --noEmit --strict --noUncheckedIndexedAccess --target es2022 --module node20 index.ts`,
            `${join(root, "bin/pulumi")} stack init dev`,
            `${join(root, "bin/pulumi")} config set uri '${lab().uri}'`,
            `${join(root, "bin/pulumi")} config set virt ${lab().virt}`,
            `${join(root, "bin/pulumi")} config set image ${String(labStackConfig(lab())["image"])}`,
            `${join(root, "bin/pulumi")} config set --secret --path 'bridges[0]' '${BRIDGE}'`,
        ]) {
            succeeded(await run(line, program));
        }
        const previewed = await run(`${join(root, "bin/pulumi")} preview`, program);
        succeeded(previewed);
        assert.match(previewed.output, /to create/);
        assert.doesNotMatch(previewed.output, /192\.0\.2\.44/);
    });

    for (const example of ["minimal", "two-enclaves", "bridges"]) {
        it(`the settings of examples/${example} preview`, async () => {
            const file = join(root, `examples/${example}/Pulumi.${example}.yaml`);
            const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
            const settings = Object.fromEntries(
                Object.entries(config).map(([key, value]) => [key.replace("sallyport:", ""), value]),
            );
            const session = stack(example);
            try {
                await session.init({ ...settings, ...labStackConfig(lab()) });
                if (example === "bridges") {
                    const where = "sallyport:enclaves[0].egress.bridges[0]";
                    succeeded(
                        await session.run(["config", "set", "--secret", "--path", where, BRIDGE], {
                            timeoutSeconds: LIMIT.preview,
                        }),
                    );
                }
                const result = await session.run(["preview"], { timeoutSeconds: LIMIT.preview });
                succeeded(result);
                assert.match(result.output, /to create/);
            } finally {
                session.forget();
            }
        });
    }
});
