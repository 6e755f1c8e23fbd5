/**
 * The lab's own tests: real tor, libvirtd and QEMU in namespaces; needs root. Each file has labs of its own,
 * so two run side by side.
 */
const {
    projects: [unit],
} = require("../../jest.config.js");

module.exports = {
    ...unit,
    displayName: "lab",
    rootDir: "../..",
    roots: ["<rootDir>/test/lab"],
    testTimeout: 600_000,
    maxWorkers: 2,
};
