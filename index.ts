/** The Pulumi program: read, plan, declare. Everything that is decided is decided in the plan. */
import * as pulumi from "@pulumi/pulumi";
import { findImage } from "./components/image-manifest";
import { declareStack, findHost } from "./components/lab-host";
import { ConfigError } from "./config/error";
import { storedSettings } from "./plan/file";
import { loadPlan } from "./plan/load";
import { readPulumiConfig } from "./config/pulumi";
import { plainSecrets } from "./config/secrets";
import { summaryOf, type Summary } from "./plan/guests";

/** What `up` ends with. */
interface Outputs {
    readonly guests: pulumi.Output<Summary["guests"]>;
    readonly next: string;
}

function program(): Outputs {
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
    const image = findImage(config.image, { program: process.cwd(), project: process.cwd() });
    const found = findHost(plan, (warning) => void pulumi.log.warn(warning));
    const { guests, next } = summaryOf(plan, pulumi.getStack());
    // Known once every guest runs. What programs read is in the enclaves' own outputs.
    return { guests: pulumi.all(declareStack({ plan, image, found })).apply(() => guests), next };
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

export const { guests, next } = main();
