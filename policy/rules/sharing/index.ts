/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as gatewayGuardsOneNetwork } from "./gateway-guards-one-network";
export { default as gatewayServesOneEnclave } from "./gateway-serves-one-enclave";
export { default as guestsAreDistinct } from "./guests-are-distinct";
export { default as noSharedDisk } from "./no-shared-disk";
export { default as noSharedKey } from "./no-shared-key";
export { default as noSharedPool } from "./no-shared-pool";
export { default as noSharedProcessor } from "./no-shared-processor";
