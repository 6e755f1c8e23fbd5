/**
 * Values as Pulumi's state files and previews write them (sdk/go/common/resource,
 * stack.DeserializePropertyValue).
 */
import { markOpaque, markUnknown, type Raw, type RawObject } from "./raw";

/** Key of an object that stands for something special. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** Stand for values that are not known yet; one for each type. */
export const UNKNOWNS: ReadonlySet<unknown> = new Set([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
/** What previews print in place of a secret. */
const REDACTED = "[secret]";

const ENCRYPTED = "a secret that is encrypted here";

/** Levels of objects and lists that are read; no resource of libvirt's has a tenth of them. */
export const DEEPEST = 64;
export const TOO_DEEP = `it nests deeper than the ${DEEPEST} levels that are read`;

/**
 * Keys of the engine's and the bridge's own, which no provider sees (pulumi-terraform-bridge,
 * pkg/tfbridge/schema.go; sdk/nodejs/dynamic).
 */
const BOOKKEEPING: ReadonlySet<string> = new Set([
    "__defaults",
    "__meta",
    "__pulumi_raw_state_delta",
    "__internal",
    "__provider",
]);
export const isBookkeeping = (key: string): boolean => BOOKKEEPING.has(key);

function special(value: Readonly<Record<string, unknown>>, depth: number): Raw {
    switch (value[SIGNATURE]) {
        case SECRET: {
            if (typeof value.plaintext === "string") {
                try {
                    return stateValue(JSON.parse(value.plaintext), depth + 1);
                } catch {
                    return markOpaque("a secret whose plain text is not JSON");
                }
            }
            return "value" in value ? stateValue(value.value, depth + 1) : markOpaque(ENCRYPTED);
        }
        case OUTPUT:
            return "value" in value ? stateValue(value.value, depth + 1) : markUnknown();
        case RESOURCE:
            return typeof value.id === "string"
                ? stateValue(value.id)
                : markUnknown("the id of a resource that does not exist yet");
        default:
            return markOpaque("an asset, an archive or a kind of value that this program does not know");
    }
}

/** A value of a state file as plain data with marks. */
function stateValue(value: unknown, depth = 0): Raw {
    if (UNKNOWNS.has(value)) {
        return markUnknown();
    }
    if (value === REDACTED) {
        return markOpaque("a secret that the preview hides");
    }
    if (
        value === null ||
        typeof value === "string" ||
        typeof value === "number" ||
        typeof value === "boolean"
    ) {
        return value;
    }
    if (depth > DEEPEST) {
        return markOpaque(TOO_DEEP);
    }
    if (Array.isArray(value)) {
        return value.map((item) => stateValue(item, depth + 1));
    }
    if (typeof value === "object") {
        const record = value as Readonly<Record<string, unknown>>;
        return Object.hasOwn(record, SIGNATURE) ? special(record, depth) : stateObject(record, depth + 1);
    }
    return value === undefined ? null : markOpaque("not a plain value");
}

/** Properties of a resource; the bridge's own bookkeeping is left out. */
export function stateObject(value: Readonly<Record<string, unknown>>, depth = 0): RawObject {
    return Object.fromEntries(
        Object.entries(value)
            .filter(([key]) => !isBookkeeping(key))
            .map(([key, v]) => [key, stateValue(v, depth)]),
    );
}

/** Whether the value is wrapped as a secret. */
export const isSecret = (value: unknown): boolean =>
    value === REDACTED ||
    (typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET);
