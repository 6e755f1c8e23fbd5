/** The Pulumi package: one component, for programs of other projects and in other languages. */
import * as pulumi from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider";
import type { ConstructResult, Provider } from "@pulumi/pulumi/provider/provider";
import { version } from "../package.json";
import { componentType } from "../components/context";
import { findImage } from "../components/image-manifest";
import { findHost, LabHost } from "../components/lab-host";
import { ConfigError } from "../config/error";
import { engineAddress, engineLog } from "../toolchain/command-plugin/engine-log";
import { environment } from "../toolchain/command-plugin/resource";
import { Jobs } from "../toolchain/command-plugin/run";
import { CliError, describeError } from "../util/error";
import { projectRoot } from "../util/root";
import { packageSchema } from "./schema";
import { inArguments, loadArguments } from "./settings";
import { packageStep, Steps, type RunLine } from "./step";

const jobs = new Jobs();
const log = engineLog(engineAddress(process.argv.slice(2)));

const run: RunLine = async (urn, line, previous) => {
    try {
        return await jobs.run({
            command: line,
            interpreter: ["/bin/sh", "-c"],
            env: { ...process.env, ...(previous === undefined ? {} : environment({}, previous)) },
            dir: projectRoot(),
            onLine: (stream, said) => {
                if (stream === "stderr") {
                    log.status(urn, said);
                }
            },
        });
    } finally {
        await log.drain();
    }
};

/** Stacks of which this process has declared a host: names are made of the stack's, so there can be but one. */
const declared = new Set<string>();

async function labHost(
    name: string,
    inputs: pulumi.Inputs,
    opts: pulumi.ComponentResourceOptions,
): Promise<ConstructResult> {
    const { config, plan } = await loadArguments(pulumi.getProject(), pulumi.getStack(), inputs);
    if (declared.has(plan.prefix)) {
        throw new CliError(
            `stack ${plan.prefix} has two of LabHost`,
            "one for a stack; list its enclaves there",
        );
    }
    declared.add(plan.prefix);
    const image = findImage(
        config.image,
        { program: process.cwd(), project: projectRoot() },
        (sha256) => `image: ${sha256 ?? "SHA256, as bin/sallyport image list shows it"}`,
    );
    const found = findHost(plan, (warning) => void pulumi.log.warn(warning));
    const host = new LabHost(name, { plan, image, found, step: packageStep }, opts);
    return { urn: host.urn, state: { enclaves: host.enclaves } };
}

const steps = new Steps(run);

const plugin: Provider = {
    version,
    schema: packageSchema(),
    construct: async (name, type, inputs, opts) => {
        if (type !== componentType("LabHost")) {
            throw new Error(`sallyport has no component ${type}; allowed: ${componentType("LabHost")}`);
        }
        try {
            return await labHost(name, inputs, opts);
        } catch (error) {
            if (error instanceof ConfigError || error instanceof CliError) {
                const message = error instanceof ConfigError ? error.message : describeError(error);
                throw new pulumi.InputPropertiesError({ message: inArguments(message), errors: [] });
            }
            throw error;
        }
    },
    check: async (_urn, _olds, news) => steps.check(news),
    diff: async (_id, _urn, olds, news) => steps.diff(olds, news),
    create: (urn, inputs) => steps.create(urn, inputs),
    update: (_id, urn, olds, news) => steps.update(urn, olds, news),
    delete: (_id, urn, props) => steps.delete(urn, props),
    cancel: () => jobs.stop(),
};

// Whatever ends this process ends what it has started.
const end = (): void => {
    void jobs.stop().finally(() => process.exit(0));
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
process.on("exit", () => jobs.kill());
void main(plugin, process.argv.slice(2));
