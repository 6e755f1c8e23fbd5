/**
 * node:assert/strict for tests under jest, whose sandbox has an `Array` and an `Object` of its own: what Node
 * itself makes (readdirSync, JSON.parse) is compared by value, not by prototype.
 */
import strict from "node:assert/strict";
import { types } from "node:util";

/** The same value of this sandbox. @throws TypeError for what could not be told from an empty object */
function plain(value: unknown): unknown {
    if (types.isMap(value)) {
        return ["Map", [...value].map(plain)];
    }
    if (types.isSet(value)) {
        return ["Set", [...value].map(plain)];
    }
    if (Array.isArray(value)) {
        return Array.from(value, plain);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (Object.prototype.toString.call(value) !== "[object Object]") {
        throw new TypeError(`${Object.prototype.toString.call(value)} is not compared by value`);
    }
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plain(held)]));
}

const assert: typeof strict = Object.assign(
    (value: unknown, message?: string | Error): void => strict.ok(value, message),
    strict,
    {
        deepEqual: (seen: unknown, wanted: unknown, message?: string | Error): void =>
            strict.deepEqual(plain(seen), plain(wanted), message),
    },
);
export default assert;
