/** Real `pulumi up`. Two suites side by side, each in the lab of its worker: a suite mostly waits for a guest. */
const { tier } = require("../../jest.config.js");

module.exports = {
    ...tier("e2e"),
    setupFiles: ["<rootDir>/test/e2e/support/lab-of-worker.ts"],
    // A test has limits of its own.
    testTimeout: 1_500_000,
    maxWorkers: 2,
};
