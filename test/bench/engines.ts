/**
 * Pulumi against OpenTofu over the same enclave, interleaved in one run on the embedded lab. OpenTofu's wait for the
 * Gateway is a stub; Pulumi's program runs in the project's own folder and really waits, so `up` and `apply` are not
 * compared. enclave.ts has the times of `up`.
 */
import { execa, type ResultPromise } from "execa";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { stringify } from "yaml";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { projectRoot } from "../../cli/root";
import { readManifest } from "../../components/image-manifest";
import { loadPlan } from "../../config/load";
import { startLab, stopLab } from "../../lab";
import { median, timed, type Sample } from "./measure";
import { openTofuConfig } from "./opentofu";

const root = projectRoot();
const home = join(root, ".lab", "bench");
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const argument = (name: string): string | undefined => process.argv[process.argv.indexOf(name) + 1 || process.argv.length];
const runs = Number(argument("--runs") ?? 5);
/** Limit of one command in milliseconds: the provider has been seen to hang. */
const LIMIT = 180_000;

type Samples = Map<string, Sample[]>;
const keep = (samples: Samples, name: string, sample: Sample): void => void samples.set(name, [...(samples.get(name) ?? []), sample]);

/** A folder with a stub for the step that waits for a guest; everything else is the project's. */
function prepare(name: string): string {
    const folder = join(home, name);
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "bin", "sallyport"), `#!/bin/sh\n[ "$1" = wait-ready ] && exit 0\nexec ${join(root, "bin", "sallyport")} "$@"\n`, { mode: 0o755 });
    return folder;
}

/** Where the set-up put the provider: below a folder that the bridge names. @throws Error when it is not there */
function providerFolder(): string {
    const plugins = join(root, ".toolchain", "pulumi-home", "dynamic_tf_plugins");
    const found = readdirSync(plugins, { recursive: true }).map(String).filter((file) => basename(file).startsWith("terraform-provider-libvirt_"));
    if (found[0] === undefined) {
        throw new Error(`there is no libvirt provider below ${plugins}; way out: make setup`);
    }
    return dirname(join(plugins, found[0]));
}

async function main(): Promise<void> {
    rmSync(home, { recursive: true, force: true });
    const wasRunning = existsSync(join(root, ".lab", "lab.json"));
    const { lab } = await startLab({ progress: (text: string) => say(text) });
    const settings = { ...labStackConfig(lab), storage: { path: join(lab.poolRoot, "bench") }, image: join(root, ".image", "manifest.json") };
    mkdirSync(settings.storage.path, { recursive: true });
    const image = readManifest(root, settings.image);
    const samples: Samples = new Map();

    const pulumiHome = prepare("pulumi");
    const program = join(root, ".build", "program.js");
    writeFileSync(join(pulumiHome, "Pulumi.yaml"), stringify({
        name: "sallyport", runtime: { name: "nodejs", options: { precompiled: program } }, main: join(root, "index.ts"),
    }));
    symlinkSync(join(root, "node_modules"), join(pulumiHome, "node_modules"));
    writeFileSync(join(pulumiHome, "package.json"), JSON.stringify({ name: "bench", main: "index.ts" }));
    mkdirSync(join(pulumiHome, "state"));
    writeFileSync(join(pulumiHome, "Pulumi.bench.yaml"), stringify({
        config: Object.fromEntries(Object.entries(settings).map(([k, v]) => [`sallyport:${k}`, v])),
    }));
    const env = { PULUMI_BACKEND_URL: `file://${join(pulumiHome, "state")}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
    const pulumi = (...args: string[]): ResultPromise => execa(join(root, "bin", "pulumi"), [...args, "--non-interactive", "--color", "never"],
        { cwd: pulumiHome, env, timeout: LIMIT });

    const tofuHome = prepare("opentofu");
    const plan = loadPlan("sallyport", "bench", settings).plan;
    writeFileSync(join(tofuHome, "main.tf.json"), JSON.stringify(openTofuConfig(plan, image, tofuHome)));
    const provider = providerFolder();
    writeFileSync(join(tofuHome, "tofu.rc"), `provider_installation {\n  dev_overrides {\n    "dmacvicar/libvirt" = "${provider}"\n  }\n}\n`);
    const tofu = (...args: string[]): ResultPromise => execa(join(root, ".toolchain", "bin", "tofu"), [...args, "-no-color", "-input=false"],
        { cwd: tofuHome, env: { TF_CLI_CONFIG_FILE: join(tofuHome, "tofu.rc"), CHECKPOINT_DISABLE: "1" }, timeout: LIMIT });

    const time = async (name: string, start: () => ResultPromise): Promise<void> => {
        const sample = await timed(() => {
            const child = start();
            return { done: child.then(() => undefined), pid: () => child.pid };
        });
        keep(samples, name, sample);
        say(`  ${name}: ${sample.seconds.toFixed(2)} s`);
    };

    try {
        await pulumi("stack", "init", "bench");
        for (let run = 1; run <= runs; run++) {
            say(`run ${run} of ${runs}`);
            await time("OpenTofu plan, new", () => tofu("plan"));
            await time("Pulumi preview, new", () => pulumi("preview", "--stack", "bench"));
            await time(UNDER_POLICY, () => pulumi("preview", "--stack", "bench", "--policy-pack", join(root, "policy")));
            await time("OpenTofu apply", () => tofu("apply", "-auto-approve"));
            await time("OpenTofu plan, unchanged", () => tofu("plan"));
            await time("OpenTofu destroy", () => tofu("destroy", "-auto-approve"));
            await time("Pulumi up", () => pulumi("up", "--yes", "--skip-preview", "--stack", "bench"));
            await time("Pulumi preview, unchanged", () => pulumi("preview", "--stack", "bench", "--expect-no-changes"));
            const exported = join(pulumiHome, "export.json");
            await pulumi("stack", "export", "--stack", "bench", "--file", exported);
            await time(PLAN, () => execa(join(root, "bin", "sallyport"), ["plan", "--file", exported], { timeout: LIMIT }));
            await time("Pulumi destroy", () => pulumi("destroy", "--yes", "--skip-preview", "--stack", "bench"));
        }
    } finally {
        await tofu("destroy", "-auto-approve").catch(() => undefined);
        await pulumi("destroy", "--yes", "--skip-preview", "--stack", "bench").catch(() => undefined);
        if (!wasRunning) {
            await stopLab({ progress: (text: string) => say(text) });
        }
    }
    print(samples);
    const file = argument("--json");
    if (file !== undefined) {
        writeFileSync(file, JSON.stringify(Object.fromEntries(samples), undefined, 2));
    }
}

const UNDER_POLICY = "Pulumi preview, new, with the policy pack";
const PLAN = "sallyport plan of an export";

const PAIRS: readonly (readonly [string, string])[] = [
    ["Pulumi preview, new", "OpenTofu plan, new"],
    ["Pulumi preview, unchanged", "OpenTofu plan, unchanged"],
    ["Pulumi destroy", "OpenTofu destroy"],
];

function print(samples: Samples): void {
    const of = (name: string): readonly Sample[] => samples.get(name) ?? [];
    const seconds = (name: string): number => median(of(name).map((s) => s.seconds));
    console.log(`\nmedians of ${runs} interleaved runs\n`);
    console.log("| step | Pulumi | OpenTofu | ratio | Pulumi's process tree, peak |\n|---|---|---|---|---|");
    for (const [ours, theirs] of PAIRS) {
        const peak = Math.max(...of(ours).map((s) => s.peakMiB));
        console.log(`| ${ours.replace("Pulumi ", "")} | ${seconds(ours).toFixed(2)} s | ${seconds(theirs).toFixed(2)} s | ${(seconds(ours) / seconds(theirs)).toFixed(1)} | ${peak} MiB |`);
    }
    console.log(`\npolicy pack on a new preview, cold: ${(seconds(UNDER_POLICY) - seconds("Pulumi preview, new")).toFixed(2)} s more (wanted: at most 0.8)`);
    console.log(`plan of an export: ${seconds(PLAN).toFixed(2)} s (wanted: at most 1)`);
}

void main().catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
