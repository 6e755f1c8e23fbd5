/**
 * Pulumi against OpenTofu over the same enclave, interleaved in one run on the embedded lab. For both, the
 * wait for the Gateway to boot is a stub, and everything else is done: the image is verified and read back,
 * the clock's offset is drawn, the status file is cleared. Pulumi's side alone asks libvirt, before each
 * resource, what an interrupted run has left. enclave.ts has the times with the wait.
 */
import { execa, type ResultPromise } from "execa";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    readdirSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { stringify } from "yaml";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { projectRoot } from "../../util/root";
import { requireDnsmasqFolder } from "../../components/dnsmasq-folder";
import { currentImage, findImage } from "../../components/image-manifest";
import { NO_IMAGE } from "../../values/image";
import { loadPlan } from "../../plan/load";
import { type LabInfo, startLab, stopLab } from "../../lab";
import { resolveLab } from "../../lab/paths";
import { made } from "../support/sandbox/sandbox";
import { median, type Peak, peakOf, timed } from "./measure";
import { openTofuConfig } from "./opentofu";

const root = projectRoot();
const home = join(root, ".lab", "bench");
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const argument = (name: string): string | undefined =>
    process.argv[process.argv.indexOf(name) + 1 || process.argv.length];
const runs = Number(argument("--runs") ?? 5);
/** Limit of one command in milliseconds: the provider has been seen to hang. */
const LIMIT = 180_000;

/** Seconds by step. */
type Samples = Map<string, number[]>;

/** A folder with a stub for the step that waits for a guest; everything else is the project's. */
function prepare(name: string): string {
    const folder = join(home, name);
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(
        join(folder, "bin", "sallyport"),
        `#!/bin/sh\n[ "$1" = wait-ready ] && exit 0\nexec ${join(root, "bin", "sallyport")} "$@"\n`,
        { mode: 0o755 },
    );
    return folder;
}

/**
 * The compiled program as a project of its own. It runs there, and so do its steps, which find the stub.
 * esbuild's record of its inputs would be looked for there, too; the copy's only input is itself.
 */
function pulumiProject(folder: string, settings: Readonly<Record<string, unknown>>): void {
    const bundle = join(folder, "index.js");
    copyFileSync(join(root, ".build", "program.js"), bundle);
    writeFileSync(
        `${bundle}.meta.json`,
        JSON.stringify({ inputs: { "index.js": { bytes: statSync(bundle).size } } }),
    );
    writeFileSync(
        join(folder, "Pulumi.yaml"),
        stringify({
            name: "sallyport",
            runtime: { name: "nodejs", options: { precompiled: "index.js" } },
            main: "index.js",
        }),
    );
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "bench", main: "index.js" }));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "state"));
    writeFileSync(
        join(folder, "Pulumi.bench.yaml"),
        stringify({
            config: Object.fromEntries(Object.entries(settings).map(([k, v]) => [`sallyport:${k}`, v])),
        }),
    );
}

/** @throws Error when the language host did not take the bundle */
function fromBundle(output: unknown): void {
    if (typeof output !== "string" || output.includes("running the TypeScript source")) {
        throw new Error(`Pulumi did not run the compiled program: ${String(output)}`);
    }
}

/**
 * Where the set-up put the provider: below a folder that the bridge names. @throws Error when it is not there
 */
function providerFolder(): string {
    const plugins = join(root, ".toolchain", "pulumi-home", "dynamic_tf_plugins");
    const found = readdirSync(plugins, { recursive: true })
        .map(String)
        .filter((file) => basename(file).startsWith("terraform-provider-libvirt_"));
    if (found[0] === undefined) {
        throw new Error(`there is no libvirt provider below ${plugins}; fix: make setup`);
    }
    return dirname(join(plugins, found[0]));
}

async function main(): Promise<void> {
    rmSync(home, { recursive: true, force: true });
    const wasRunning = existsSync(resolveLab().info);
    if (!wasRunning) {
        // Another user may start theirs meanwhile.
        process.env["SALLYPORT_LAB_DIR"] = join(root, ".lab", "bench-lab");
        made("lab", resolveLab().dir);
    }
    const { lab } = await startLab({ progress: say });
    try {
        await compare(lab);
    } finally {
        if (!wasRunning) {
            await stopLab({ progress: say });
        }
    }
}

async function compare(lab: LabInfo): Promise<void> {
    const settings = { ...labStackConfig(lab), storage: { path: join(lab.poolRoot, "bench") } };
    mkdirSync(settings.storage.path, { recursive: true });
    const image = findImage(currentImage(root)?.sha256 ?? NO_IMAGE, { program: root, project: root });
    const samples: Samples = new Map();

    const pulumiHome = prepare("pulumi");
    pulumiProject(pulumiHome, settings);
    const env = {
        PULUMI_BACKEND_URL: `file://${join(pulumiHome, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
    };
    const pulumi = (...args: string[]): ResultPromise<{ all: true }> =>
        execa(join(root, "bin", "pulumi"), [...args, "--non-interactive", "--color", "never"], {
            cwd: pulumiHome,
            env,
            timeout: LIMIT,
            all: true,
        });
    const ofBundle = (...args: string[]): Promise<void> =>
        pulumi(...args, "--stack", "bench").then((result) => fromBundle(result.all));

    const tofuHome = prepare("opentofu");
    const plan = loadPlan("sallyport", "bench", settings).plan;
    // What a hook does on Pulumi's side, in a lab whose libvirt is fresh.
    await requireDnsmasqFolder(plan.uri);
    writeFileSync(join(tofuHome, "main.tf.json"), JSON.stringify(openTofuConfig(plan, image, tofuHome)));
    const provider = providerFolder();
    writeFileSync(
        join(tofuHome, "tofu.rc"),
        `provider_installation {\n  dev_overrides {\n    "dmacvicar/libvirt" = "${provider}"\n  }\n}\n`,
    );
    const tofu = (...args: string[]): ResultPromise =>
        execa(join(root, ".toolchain", "bin", "tofu"), [...args, "-no-color", "-input=false"], {
            cwd: tofuHome,
            env: { TF_CLI_CONFIG_FILE: join(tofuHome, "tofu.rc"), CHECKPOINT_DISABLE: "1" },
            timeout: LIMIT,
        });

    const peaks: Peak[] = [];
    const time = async (name: string, start: () => PromiseLike<unknown>): Promise<void> => {
        const seconds = await timed(start);
        samples.set(name, [...(samples.get(name) ?? []), seconds]);
        say(`  ${name}: ${seconds.toFixed(2)} s`);
    };

    try {
        await pulumi("stack", "init", "bench");
        for (let run = 1; run <= runs; run++) {
            say(`run ${run} of ${runs}`);
            await time("OpenTofu plan, new", () => tofu("plan"));
            await time("Pulumi preview, new", () => ofBundle("preview"));
            peaks.push(await peakOf(pulumi("preview", "--stack", "bench")));
            await time(UNDER_POLICY, () => ofBundle("preview", "--policy-pack", join(root, "policy")));
            await time("OpenTofu apply", () => tofu("apply", "-auto-approve"));
            await time("OpenTofu plan, unchanged", () => tofu("plan"));
            await time("OpenTofu destroy", () => tofu("destroy", "-auto-approve"));
            await time("Pulumi up", () => ofBundle("up", "--yes", "--skip-preview"));
            await time("Pulumi preview, unchanged", () => ofBundle("preview", "--expect-no-changes"));
            const exported = join(pulumiHome, "export.json");
            await pulumi("stack", "export", "--stack", "bench", "--file", exported);
            await time(PLAN, () =>
                execa(join(root, "bin", "sallyport"), ["plan", "--file", exported], { timeout: LIMIT }),
            );
            await time("Pulumi destroy", () =>
                pulumi("destroy", "--yes", "--skip-preview", "--stack", "bench"),
            );
        }
    } finally {
        await tofu("destroy", "-auto-approve").catch(() => undefined);
        await pulumi("destroy", "--yes", "--skip-preview", "--stack", "bench").catch(() => undefined);
    }
    print(samples, peaks);
    const file = argument("--json");
    if (file !== undefined) {
        writeFileSync(file, JSON.stringify({ seconds: Object.fromEntries(samples), peaks }, undefined, 2));
    }
}

const UNDER_POLICY = "Pulumi preview, new, with the policy pack";
const PLAN = "sallyport plan of an export";

const PAIRS: readonly (readonly [string, string])[] = [
    ["Pulumi preview, new", "OpenTofu plan, new"],
    ["Pulumi preview, unchanged", "OpenTofu plan, unchanged"],
    ["Pulumi up", "OpenTofu apply"],
    ["Pulumi destroy", "OpenTofu destroy"],
];

function print(samples: Samples, peaks: readonly Peak[]): void {
    const seconds = (name: string): number => median(samples.get(name) ?? []);
    console.log(`\nmedians of ${runs} interleaved runs\n`);
    console.log("| step | Pulumi | OpenTofu | ratio |\n|---|---|---|---|");
    for (const [ours, theirs] of PAIRS) {
        console.log(
            `| ${ours.replace("Pulumi ", "")} | ${seconds(ours).toFixed(2)} s | ` +
                `${seconds(theirs).toFixed(2)} s | ${(seconds(ours) / seconds(theirs)).toFixed(1)} |`,
        );
    }
    console.log(`\nwanted: preview at most 4, up at most 2\n`);
    console.log(
        `preview's process tree, peak: Pss ${median(peaks.map((p) => p.pss))} MiB (wanted: at ` +
            `most 425), Rss ${median(peaks.map((p) => p.rss))} MiB`,
    );
    console.log(
        `policy pack on a new preview, cold: ${(seconds(UNDER_POLICY) - seconds("Pulumi preview, new")).toFixed(2)} s more (wanted: at most 0.8)`,
    );
    console.log(`plan of an export: ${seconds(PLAN).toFixed(2)} s (wanted: at most 1)`);
}

void main().catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
