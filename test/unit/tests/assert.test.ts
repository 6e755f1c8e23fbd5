/** Comparison by value across jest's sandbox: equal values are, and no difference is lost. */
import { runInNewContext } from "node:vm";
import assert from "../../support/assert";

it.each([
    ["arrays", "[1, [2]]", [1, [2]]],
    ["objects", "({ a: { b: undefined } })", { a: { b: undefined } }],
    ["maps", "new Map([['a', [1]]])", new Map([["a", [1]]])],
    ["sets", "new Set([1])", new Set([1])],
])("%s of another sandbox are equal by value", (_, text, wanted) => {
    expect(() => assert.deepEqual(runInNewContext(text), wanted)).not.toThrow();
});

it.each([
    ["a list that is longer", [1, 2], [1]],
    ["a map with another value", new Map([["a", 1]]), new Map([["a", 2]])],
    ["a map and an empty one", new Map([["a", 1]]), new Map()],
    ["a set and a list", new Set([1]), [1]],
    ["a key more that is undefined", { a: undefined }, {}],
    ["no number and null", [NaN], [null]],
    ["a kind that is not known", new Date(0), new Date(0)],
])("%s: differs", (_, seen, wanted) => {
    expect(() => assert.deepEqual(seen, wanted)).toThrow();
});
