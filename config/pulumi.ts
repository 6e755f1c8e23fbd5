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

/**
 * The keys under `sallyport:` as plain data. Pulumi hands everything over as text, structured values as JSON.
 * Keys that the schema does not know are passed on, so that it can refuse them.
 */
export function readPulumiConfig(namespace = "sallyport"): Record<string, unknown> {
    const config = new pulumi.Config(namespace);
    const all = JSON.parse(process.env.PULUMI_CONFIG ?? "{}") as Record<string, string>;
    const given = Object.keys(all)
        .map((key) => key.replace(/^([^:]+):config:/, "$1:"))
        .filter((key) => key.startsWith(`${namespace}:`))
        .map((key) => key.slice(namespace.length + 1));
    const keys = new Set<string>([...CONFIG_KEYS, ...given]);
    const values = [...keys].map((key) => [key, config.get(key)] as const).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(values.map(([key, text]) => [key, parsed(text)]));
}
