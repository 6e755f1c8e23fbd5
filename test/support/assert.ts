/**
 * node:assert/strict for tests under jest, whose sandbox has an `Array` and an `Object` of its own: what Node
 * itself makes (readdirSync, JSON.parse) is compared by value, not by prototype.
 */
import strict from "node:assert/strict";

const keepUndefined = (_: string, value: unknown): unknown => (value === undefined ? "(undefined)" : value);
/** Plain records of this sandbox. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, keepUndefined));

const assert: typeof strict = Object.assign(
    (value: unknown, message?: string | Error): void => strict.ok(value, message),
    strict,
    {
        deepEqual: (seen: unknown, wanted: unknown, message?: string | Error): void =>
            strict.deepEqual(plain(seen), plain(wanted), message),
    },
);
export default assert;
