/**
 * Unit tests and policy tests: mocks and pure functions, no network, seconds. The other tiers' configurations
 * are made of this one (test/lab, test/e2e, test/host).
 */
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const read = (...path) => JSON.parse(readFileSync(join(__dirname, ...path), "utf8"));
/** jest loads CommonJS: packages that are ES modules are transformed like our own sources. */
const esm = Object.keys(read("package-lock.json").packages)
    .filter((path) => path.startsWith("node_modules/") && existsSync(join(__dirname, path, "package.json")))
    .filter((path) => read(path, "package.json").type === "module")
    .map((path) => path.slice("node_modules/".length));
const transform = {
    "^.+\\.(ts|js|mjs)$": [
        "@swc/jest",
        { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
};
const project = (name) => ({
    displayName: name,
    rootDir: __dirname,
    testEnvironment: "node",
    // sdks/ and node_modules hold one package twice; haste must not see either.
    roots: [`<rootDir>/test/${name}`],
    testMatch: ["**/*.test.ts"],
    transform,
    resolver: "<rootDir>/test/support/resolver.js",
    transformIgnorePatterns: [
        `^(?:(?!/node_modules/).)*/node_modules/(?!(${esm.join("|")})/(?!node_modules/))`,
    ],
    // Not in the folder for temporary files: that is each run's own.
    cacheDirectory: "<rootDir>/.build/jest",
    globalSetup: "<rootDir>/test/support/sandbox/jest-setup.ts",
    globalTeardown: "<rootDir>/test/support/sandbox/jest-teardown.ts",
});

/** A tier that takes minutes and is watched. */
const tier = (name) => ({ ...project(name), reporters: ["<rootDir>/test/support/reporter.js"] });

module.exports = { projects: [project("unit"), project("policy")] };
// jest refuses options that it does not know.
Object.defineProperty(module.exports, "tier", { value: tier });
