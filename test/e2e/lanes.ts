/**
 * Which suites run one after the other, in one lab; the lanes go side by side and are about equally long. A
 * suite that is in no lane has no name for main.ts, and does not type-check there.
 */
export const LANES = [
    ["bad-input", "secrets", "ssh", "demo", "enclave"],
    ["wiping", "inside-gateway", "recovery", "gate", "package"],
] as const;

export type Suite = (typeof LANES)[number][number];
