/**
 * Unit tests and policy tests: mocks and pure functions, no network, seconds. The other tiers have runners of
 * their own.
 */
const transform = {
    "^.+\\.(ts|js|mjs)$": [
        "@swc/jest",
        { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
};
// execa and what it imports are ES modules only; jest loads CommonJS.
const esm =
    "execa|@sindresorhus/merge-streams|figures|get-stream|human-signals|is-plain-obj|is-stream|npm-run-path|parse-ms|path-key|" +
    "pretty-ms|@sec-ant/readable-stream|signal-exit|strip-final-newline|unicorn-magic|yoctocolors|is-unicode-supported";
const project = (name) => ({
    displayName: name,
    testEnvironment: "node",
    // sdks/ and node_modules hold one package twice; haste must not see either.
    roots: [`<rootDir>/test/${name}`],
    testMatch: ["**/*.test.ts"],
    transform,
    // Exported to importers only, and jest requires.
    moduleNameMapper: { "^unicorn-magic$": "<rootDir>/node_modules/unicorn-magic/node.js" },
    transformIgnorePatterns: [`/node_modules/(?!(${esm})/)`],
});

module.exports = { projects: [project("unit"), project("policy")] };
