/**
 * The lab's own tests: real tor, libvirtd and QEMU in namespaces; needs root. Each file has labs of its own,
 * so two run side by side.
 */
const { tier } = require("../../jest.config.js");

module.exports = { ...tier("lab"), testTimeout: 600_000, maxWorkers: 2 };
