/** Reads a stack's settings through Pulumi. */
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_KEYS } from "./schema";

const parsed = (text: string): unknown => {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
};

export interface PulumiSettings {
    /** The keys under the namespace as plain data, secrets in plain as well. */
    readonly values: Record<string, unknown>;
    /**
     * Those that hold a secret. Pulumi says it of a whole top-level key, whichever part of it is the secret.
     */
    readonly secretKeys: ReadonlySet<string>;
}

/** `sallyport:KEY`, or `sallyport:config:KEY` as older engines write it, without its namespace. */
function own(namespace: string, keys: readonly string[]): string[] {
    return keys
        .map((key) => key.replace(/^([^:]+):config:/, "$1:"))
        .filter((key) => key.startsWith(`${namespace}:`))
        .map((key) => key.slice(namespace.length + 1));
}

/**
 * The stack's settings. Pulumi hands everything over as text, structured values as JSON.
 * Keys that the schema does not know are passed on, so that it can refuse them.
 */
export function readPulumiConfig(namespace = "sallyport"): PulumiSettings {
    const config = new pulumi.Config(namespace);
    const all = JSON.parse(process.env.PULUMI_CONFIG ?? "{}") as Record<string, string>;
    const secret = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
    const keys = new Set<string>([...CONFIG_KEYS, ...own(namespace, Object.keys(all))]);
    const values = [...keys]
        .map((key) => [key, config.get(key)] as const)
        .filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
        values: Object.fromEntries(values.map(([key, text]) => [key, parsed(text)])),
        secretKeys: new Set(own(namespace, secret)),
    };
}
