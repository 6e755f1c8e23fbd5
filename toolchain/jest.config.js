/**
 * Tests of what is not Go: the command plugin, the preload script, set-up's library, bin/pulumi.
 * `toolchain/test` runs them.
 */
module.exports = {
    rootDir: __dirname,
    testEnvironment: "node",
    roots: ["<rootDir>/command-plugin/test", "<rootDir>/test-setup"],
    testMatch: ["**/*.test.ts"],
    // An engine start takes a second, many on a busy machine.
    testTimeout: 300_000,
    transform: {
        "^.+\\.ts$": [
            "@swc/jest",
            { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
        ],
    },
};
