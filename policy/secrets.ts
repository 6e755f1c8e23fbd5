/**
 * Which properties are secrets. The engine says it, and the policy SDK takes the wrapping off before a policy
 * is asked, so that a policy cannot tell any more. Its function is wrapped in ours, which notes the names. An SDK
 * without that function gives no names, and the rules then find every secret in plain: they fail, they do not
 * pass.
 */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be a copy, and what is assigned to it stay unseen
import sdk = require("@pulumi/policy/deserialize");
import { SECRET_KEYS, isSecret } from "../model/adapters";

/** A google.protobuf.Struct. */
interface Struct {
    toJavaScript(): Record<string, unknown>;
}

interface Internals {
    deserializeProperties?: (properties: Struct, proxySecrets: boolean) => Record<string, unknown>;
}

const internals = sdk as unknown as Internals;

/** Properties as the SDK hands them to policies, with the names of secret ones noted. */
function noteSecrets(
    properties: Struct,
    read: NonNullable<Internals["deserializeProperties"]>,
    proxySecrets = false,
): Record<string, unknown> {
    const keys = Object.entries(properties.toJavaScript())
        .filter(([, value]) => isSecret(value))
        .map(([key]) => key);
    return Object.defineProperty(read(properties, proxySecrets), SECRET_KEYS, { value: keys });
}

const original = internals.deserializeProperties;
if (original !== undefined) {
    internals.deserializeProperties = (properties, proxySecrets) =>
        noteSecrets(properties, original, proxySecrets);
}

/** The SDK's function as policies' server calls it from now on. */
export const deserializeProperties = (properties: Struct): Record<string, unknown> =>
    internals.deserializeProperties?.(properties, false) ?? {};
