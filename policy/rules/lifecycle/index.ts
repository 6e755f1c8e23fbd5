/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as disksAreOverwritten } from "./disks-are-overwritten";
export { default as gatewayDataIsProtected } from "./gateway-data-is-protected";
export { default as knownBeforeCreation } from "./known-before-creation";
export { default as namesCarryTheStack } from "./names-carry-the-stack";
export { default as nicStaysOnItsNetwork } from "./nic-stays-on-its-network";
export { default as noAutostart } from "./no-autostart";
export { default as noMigration } from "./no-migration";
export { default as noSnapshots } from "./no-snapshots";
export { default as replacedInOrder } from "./replaced-in-order";
export { default as workstationIsDisposable } from "./workstation-is-disposable";
export { default as workstationWaitsForTor } from "./workstation-waits-for-tor";
