/** The lab's own tests: real tor, libvirtd and QEMU in namespaces; needs root. One file at a time, they are heavy. */
const { projects: [unit] } = require("../../jest.config.js");

module.exports = {
    ...unit,
    displayName: "lab",
    rootDir: "../..",
    roots: ["<rootDir>/test/lab"],
    testTimeout: 600_000,
    maxWorkers: 1,
};
