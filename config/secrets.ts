/**
 * Which settings are secrets: what messages may show, and what must have been given as a Pulumi secret. Pure.
 */
import { HIDDEN, type ConfigProblem } from "./error";
import type { EnclaveConfig, SallyportConfig } from "./schema";

const WAYS_OUT = /^enclaves\[\d+\]\.(egress|upstreamProxy|tunnel)\b/;
/** Below those, what may be shown, and only in this form: a mistake may put a secret into the wrong key. */
const OPEN: readonly (readonly [RegExp, RegExp])[] = [
    [/\.egress\.(mode|relayFile)$|\.upstreamProxy\.kind$/, /^[A-Za-z0-9._/-]{0,80}$/],
    [
        /\.egress\.relays\[\d+\]$|\.(upstreamProxy|tunnel)\.endpoint$|\.tunnel\.(address|mtuBytes)$/,
        /^[0-9.:-]{0,40}$/,
    ],
];

/** Settings that are secrets. */
const SECRET =
    /^enclaves\[\d+\]\.(egress\.bridges\[\d+\]|upstreamProxy\.password|tunnel\.(privateKey|presharedKey))$/;

export const isSecret = (property: string): boolean => SECRET.test(property);

const described = (value: object): unknown => (Object.keys(value).length === 0 ? value : HIDDEN);

/**
 * The value as a message may show it.
 * @param property where it stands: `enclaves[0].tunnel.privateKey`
 * @param unknownKey whether the schema has no such key, so that anything may have been put there
 * @param secretKeys top-level keys that Pulumi keeps as secrets, in whole or in part
 */
export function showable(
    property: string,
    value: unknown,
    unknownKey: boolean,
    secretKeys: ReadonlySet<string>,
): unknown {
    if (value === undefined) {
        return undefined;
    }
    const top = /^[^.[]*/.exec(property)?.[0] ?? "";
    if (WAYS_OUT.test(property)) {
        return OPEN.some(([where, form]) => where.test(property) && form.test(String(value)))
            ? value
            : HIDDEN;
    }
    if (secretKeys.has(top) && (unknownKey || top !== "enclaves")) {
        return HIDDEN;
    }
    // A list or object may hold one further down.
    return typeof value === "object" && value !== null ? described(value) : value;
}

/** Properties of an enclave that hold secrets. */
function secretsOf(enclave: EnclaveConfig): string[] {
    const { egress, upstreamProxy, tunnel } = enclave;
    return [
        ...(egress.mode === "bridges" ? egress.bridges.map((_, i) => `egress.bridges[${i}]`) : []),
        ...(upstreamProxy?.password === undefined ? [] : ["upstreamProxy.password"]),
        ...(tunnel === undefined ? [] : ["tunnel.privateKey"]),
        ...(tunnel?.presharedKey === undefined ? [] : ["tunnel.presharedKey"]),
    ];
}

/** Keys of a path such as `enclaves[0].tunnel.privateKey`. */
const keysIn = (property: string): string[] => property.split(/[.[\]]+/).filter((key) => key !== "");

/**
 * Whether the value at a path is encrypted, by itself or with something around it; undefined when nothing is
 * there.
 */
function encrypted(stored: unknown, property: string): boolean | undefined {
    let value = stored;
    for (const key of keysIn(property)) {
        value =
            typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
        if (isEncrypted(value)) {
            return true;
        }
    }
    return value === undefined ? undefined : false;
}

/** Pulumi writes `{secure: …}` in place of a secret, at any depth. */
export const isEncrypted = (value: unknown): boolean =>
    typeof value === "object" && value !== null && "secure" in value;

/**
 * One problem for each secret that was given in plain.
 * @param secretKeys top-level keys of which Pulumi keeps a part as a secret: which part, it does not say
 * @param stored the settings as they stand in the stack's file, encrypted; without it, or where it does not hold a
 * secret, a plain one beside an encrypted one is not noticed
 */
export function plainSecrets(
    config: SallyportConfig,
    secretKeys: ReadonlySet<string>,
    stored?: unknown,
): ConfigProblem[] {
    const properties = config.enclaves.flatMap((enclave, i) =>
        secretsOf(enclave).map((key) => `enclaves[${i}].${key}`),
    );
    return properties
        .filter((property) => !(secretKeys.has("enclaves") && (encrypted(stored, property) ?? true)))
        .map((property): ConfigProblem => ({
            property,
            value: HIDDEN,
            allowed: "a Pulumi secret; this one stands in plain in the stack's settings",
            fix: `bin/pulumi config set --secret --path 'sallyport:${property}'; who has read the settings knows the value, so change it where it comes from`,
        }));
}
