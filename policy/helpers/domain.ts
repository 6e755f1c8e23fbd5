/** What of a domain's settings is judged where. */

/** Settings that tie a guest to what its host has: DD-22. */
export const HOST_TUNING = [
    "blkiotune",
    "cputune",
    "numatune",
    "memtune",
    "iothreads",
    "iothreadids",
    "defaultiothread",
    "resource",
    "perf",
] as const;

/**
 * Parts of a `<domain>` beside its devices: each is judged by a rule, or says nothing about where packets go.
 */
export const SETTINGS = [
    "name",
    "uuid",
    "title",
    "description",
    "metadata",
    "type",
    "memory",
    "currentMemory",
    "maxMemory",
    "vcpu",
    "memoryBacking",
    "sysinfo",
    "os",
    "features",
    "cpu",
    "clock",
    "onPoweroff",
    "onReboot",
    "onCrash",
    "pm",
    "seclabel",
    ...HOST_TUNING,
] as const;
