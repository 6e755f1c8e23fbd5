/** The Pulumi program: read, plan, declare. Everything that is decided is decided in the plan. */
import * as pulumi from "@pulumi/pulumi";
import { requireHost } from "./libvirt/host-ready";
import { readManifest } from "./components/image-manifest";
import { requireTools } from "./libvirt/preflight";
import { requireLibvirt } from "./libvirt/probe";
import { requireOneRoute } from "./libvirt/ssh-route";
import { declareStack, type StackOutputs } from "./components/stack";
import { ConfigError } from "./config/error";
import { storedSettings } from "./plan/file";
import { loadPlan } from "./plan/load";
import { readPulumiConfig } from "./config/pulumi";
import { plainSecrets } from "./config/secrets";
import { publicPlan } from "./plan/public-plan";

function program(): { enclaves: StackOutputs; topology: string } {
    const { values, secretKeys } = readPulumiConfig();
    const { config, plan } = loadPlan(pulumi.getProject(), pulumi.getStack(), values, { secretKeys });
    const plain = plainSecrets(
        config,
        secretKeys,
        secretKeys.has("enclaves") ? storedSettings(process.cwd(), pulumi.getStack()) : undefined,
    );
    if (plain.length > 0) {
        throw new ConfigError(plain);
    }
    requireTools();
    const image = readManifest(process.cwd(), config.image);
    requireOneRoute(plan.uri);
    const host = requireLibvirt(plan.uri);
    for (const warning of requireHost(plan.uri, plan.virt)) {
        void pulumi.log.warn(warning);
    }
    // The plan as one line of JSON: for programs, and short enough not to bury what `up` has to say.
    return { enclaves: declareStack(plan, image, host), topology: JSON.stringify(publicPlan(plan)) };
}

function main(): ReturnType<typeof program> {
    try {
        return program();
    } catch (error) {
        if (error instanceof ConfigError) {
            // Said in our words, without a stack trace of ours around them.
            throw new pulumi.RunError(error.message);
        }
        throw error;
    }
}

export const { enclaves, topology } = main();
