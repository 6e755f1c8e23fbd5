/**
 * Resources as the policy SDK hands them over. Its proxy throws at the first read of an unknown value, and a
 * rule that lets the error through is reported as advisory: the gate would open exactly when it matters. So
 * everything is copied out once, by property descriptors, which the proxy does not guard.
 */
import { markOpaque, markUnknown, nameOfUrn, type Raw, type RawObject, type RawResource } from "./raw";
import { DEEPEST, TOO_DEEP, UNKNOWNS, isBookkeeping } from "./state-values";

/**
 * Under this key properties may carry the names of those that are secret; the SDK itself does not say it
 * (policy/secrets.ts).
 */
export const SECRET_KEYS = Symbol.for("sallyport.secretKeys");

const secretKeys = (props: object): string[] => {
    const names: unknown = Object.getOwnPropertyDescriptor(props, SECRET_KEYS)?.value;
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
};

/**
 * What we use of the SDK's PolicyResource; declared here so that no pack loads the whole SDK through the
 * model.
 */
export interface PolicyResourceLike {
    readonly type: string;
    readonly urn: string;
    readonly name: string;
    readonly props: Readonly<Record<string, unknown>>;
    readonly opts: {
        readonly protect?: boolean;
        readonly ignoreChanges?: readonly string[];
        readonly deleteBeforeReplace?: boolean;
        readonly parent?: string;
    };
    readonly provider?: {
        readonly urn: string;
        readonly type: string;
        readonly name: string;
        readonly props: Readonly<Record<string, unknown>>;
    };
    readonly parent?: { readonly urn: string };
    readonly dependencies: readonly { readonly urn: string }[];
    readonly propertyDependencies: Readonly<Record<string, readonly { readonly urn: string }[]>>;
}

/**
 * The value behind the proxy; no trap runs, whatever the target holds. An accessor comes back as a function,
 * which is no plain value.
 */
function peek(target: object, key: string): unknown {
    const found = Object.getOwnPropertyDescriptor(target, key);
    return found?.get ?? found?.set ?? found?.value;
}

const className = (value: object): string =>
    (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name ?? "";

function copy(value: unknown, depth = 0): Raw {
    if (UNKNOWNS.has(value)) {
        return markUnknown();
    }
    if (value === null || value === undefined) {
        return null;
    }
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return value;
    }
    if (typeof value !== "object") {
        return markOpaque("not a plain value");
    }
    if (depth > DEEPEST) {
        return markOpaque(TOO_DEEP);
    }
    if (Array.isArray(value)) {
        return Object.keys(value).map((key) => copy(peek(value, key), depth + 1));
    }
    if (className(value) === "Secret") {
        return copy(peek(value, "value"), depth + 1);
    }
    return className(value) === "Object" || className(value) === ""
        ? copyProperties(value, depth + 1)
        : markOpaque("an asset or an archive");
}

function copyProperties(props: object, depth = 0): RawObject {
    return Object.fromEntries(
        Object.keys(props)
            .filter((key) => !isBookkeeping(key))
            .map((key) => [key, copy(peek(props, key), depth)]),
    );
}

const urns = (resources: readonly { readonly urn: string }[] | undefined): string[] =>
    (resources ?? []).map((r) => r.urn);

/** Resources of the stack and, since the SDK does not list them, the providers that they name. */
export function readPolicyResources(resources: readonly PolicyResourceLike[]): RawResource[] {
    const plain = {
        dependsOn: [],
        propertyDependencies: {},
        protect: false,
        ignoreChanges: [],
        secretInputs: [],
    };
    const providers = new Map<string, RawResource>();
    const copied = resources.map((r): RawResource => {
        const properties = copyProperties(r.props);
        if (r.provider !== undefined && !providers.has(r.provider.urn)) {
            providers.set(r.provider.urn, {
                ...plain,
                custom: true,
                urn: r.provider.urn,
                type: r.provider.type,
                name: r.provider.name,
                properties: copyProperties(r.provider.props),
            });
        }
        const parent = r.parent?.urn ?? r.opts.parent;
        return {
            ...plain,
            // The SDK does not say it; only a component has no provider.
            custom: r.provider !== undefined,
            urn: r.urn,
            type: r.type,
            name: r.name === "" ? nameOfUrn(r.urn) : r.name,
            ...(typeof properties.id === "string" && properties.id !== "" ? { id: properties.id } : {}),
            properties,
            ...(r.provider === undefined ? {} : { provider: r.provider.urn }),
            ...(parent === undefined || parent === "" ? {} : { parent }),
            dependsOn: urns(r.dependencies),
            propertyDependencies: Object.fromEntries(
                Object.entries(r.propertyDependencies ?? {}).map(([key, list]) => [key, urns(list)]),
            ),
            protect: r.opts.protect === true,
            ...(r.opts.deleteBeforeReplace === undefined
                ? {}
                : { deleteBeforeReplace: r.opts.deleteBeforeReplace }),
            ignoreChanges: [...(r.opts.ignoreChanges ?? [])],
            secretInputs: secretKeys(r.props),
        };
    });
    const listed = new Set(copied.map((r) => r.urn));
    return [...[...providers.values()].filter((p) => !listed.has(p.urn)), ...copied];
}
