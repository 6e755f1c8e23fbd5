/** Keys that have another name now; for an old one the message has the new one. */
const RENAMED: ReadonlyMap<string, string> = new Map([
    ["enclaves[].clock.window", "windowSeconds"],
    ["enclaves[].gateway.memory", "memoryMiB"],
    ["enclaves[].gateway.readyTimeout", "readyTimeoutSeconds"],
    ["enclaves[].tunnel.mtu", "mtuBytes"],
    ["enclaves[].workstations[].memory", "memoryMiB"],
]);

/** The name that the key at this property (`enclaves[0].gateway.memory`) has now, when it was renamed. */
export const newNameOf = (property: string): string | undefined =>
    RENAMED.get(property.replace(/\[\d+\]/g, "[]"));
