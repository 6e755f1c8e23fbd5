/**
 * Reads a stack's settings from `Pulumi.<stack>.yaml`, without an engine as long as nothing in it is
 * encrypted.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ConfigError, HIDDEN } from "../config/error";
import { loadPlan, type Loaded } from "./load";
import { readFrom } from "./relay-files";
import { isEncrypted } from "../config/secrets";

const NAMESPACE = "sallyport:";

/** Whether a part of it is encrypted. */
const holdsSecret = (value: unknown): boolean =>
    isEncrypted(value) ||
    (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));

/**
 * Gives the stack's settings with secrets in plain, as `pulumi config --json --show-secrets` prints them.
 * @throws Error when they cannot be decrypted
 */
export type Decrypt = (stack: string) => string;

interface Decrypted {
    readonly value?: string;
    readonly objectValue?: unknown;
}

function decrypted(text: string): Record<string, unknown> {
    const settings = JSON.parse(text) as Record<string, Decrypted>;
    return Object.fromEntries(
        Object.entries(settings).map(([key, { value, objectValue }]) => [key, objectValue ?? value]),
    );
}

const own = (settings: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(
        Object.entries(settings)
            .filter(([key]) => key.startsWith(NAMESPACE))
            .map(([key, value]) => [key.slice(NAMESPACE.length), value]),
    );

/**
 * What the file of a stack's settings holds, secrets encrypted; a stack without a file has nothing in it.
 * @param root the project's folder
 */
export function storedSettings(root: string, stack: string): Record<string, unknown> {
    const path = join(root, `Pulumi.${stack}.yaml`);
    return own(
        existsSync(path)
            ? ((parse(readFileSync(path, "utf8")) as { config?: Record<string, unknown> } | null)?.config ??
                  {})
            : {},
    );
}

/**
 * Plan of a stack from its settings file; a stack without one has the defaults.
 * @param root the project's folder, which holds Pulumi.yaml
 * @param decrypt asked when the file holds secrets; without it they are refused
 * @throws ConfigError for problems in the settings, Error when a file cannot be read
 */
export function loadPlanFromFile(root: string, stack: string, decrypt?: Decrypt): Loaded {
    const project = (parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { name: string }).name;
    const input = storedSettings(root, stack);
    const secretKeys = new Set(Object.keys(input).filter((key) => holdsSecret(input[key])));
    if (secretKeys.size > 0 && decrypt === undefined) {
        throw new ConfigError(
            [...secretKeys].map((property) => ({
                property,
                value: HIDDEN,
                allowed: "plain values, when no engine decrypts them",
                fix: "run the same through bin/pulumi",
            })),
        );
    }
    const plain = secretKeys.size > 0 && decrypt !== undefined ? own(decrypted(decrypt(stack))) : input;
    return loadPlan(project, stack, plain, { secretKeys, read: readFrom(root) });
}
