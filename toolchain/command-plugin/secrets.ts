/**
 * Secrets on Pulumi's wire: an object that carries a signature key and the value
 * (sdk/go/common/resource/properties.go). They are taken apart before anything looks at properties, and what
 * a command that was given a secret prints is a secret.
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** A value without its wrappings, and whether there was a secret in it. */
export interface Revealed<T> {
    readonly value: T;
    readonly secret: boolean;
}

export function reveal(wire: unknown): Revealed<unknown> {
    if (Array.isArray(wire)) {
        const parts = wire.map(reveal);
        return { value: parts.map((p) => p.value), secret: parts.some((p) => p.secret) };
    }
    if (typeof wire !== "object" || wire === null) {
        return { value: wire, secret: false };
    }
    const signature: unknown = Reflect.get(wire, SIGNATURE);
    if (signature === SECRET) {
        return { value: reveal(Reflect.get(wire, "value")).value, secret: true };
    }
    if (signature === OUTPUT) {
        const inner = reveal(Reflect.get(wire, "value"));
        return { value: inner.value, secret: inner.secret || Reflect.get(wire, "secret") === true };
    }
    const { value, secret } = revealRecord(Object.fromEntries(Object.entries(wire)));
    return { value, secret };
}

/** The same for a record of properties; also names the properties that held a secret. */
export function revealRecord(
    wire: Readonly<Record<string, unknown>>,
): Revealed<Record<string, unknown>> & { readonly secretNames: readonly string[] } {
    const parts = Object.entries(wire).map(([name, v]) => [name, reveal(v)] as const);
    const secretNames = parts.filter(([, p]) => p.secret).map(([name]) => name);
    return {
        value: Object.fromEntries(parts.map(([name, p]) => [name, p.value])),
        secret: secretNames.length > 0,
        secretNames,
    };
}

/** Wraps the named properties as secrets. */
export function conceal(
    properties: Readonly<Record<string, unknown>>,
    names: readonly string[],
): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(properties).map(([name, value]) =>
            names.includes(name) && value !== undefined
                ? [name, { [SIGNATURE]: SECRET, value }]
                : [name, value],
        ),
    );
}
