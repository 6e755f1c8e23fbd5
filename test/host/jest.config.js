/** Lab hosts as VMs; test/host/run names the variant. */
const { tier } = require("../../jest.config.js");

// A test has limits of its own.
module.exports = { ...tier("host"), testTimeout: 2_400_000, maxWorkers: 1 };
