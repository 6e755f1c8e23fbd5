/**
 * Names of provider 0.9 that are not libvirt's XML names. The provider's schema is made from the field names
 * of Go's libvirtxml (docs/schema-mapping.md there: names in snake case, a value with attributes flattened
 * into one level, presence as a boolean, variants nested); Pulumi's bridge then puts lists into the plural.
 * Whatever is not listed has the same name in both once `_`, `-` and case are gone. Names here are plain
 * (model/tree.ts).
 */

/** Lists, whatever is in the plural. */
export const SINGULAR: Readonly<Record<string, string>> = {
    disks: "disk",
    interfaces: "interface",
    channels: "channel",
    consoles: "console",
    serials: "serial",
    parallels: "parallel",
    videos: "video",
    sounds: "sound",
    hostdevs: "hostdev",
    rngs: "rng",
    filesystems: "filesystem",
    redirdevs: "redirdev",
    redirfilters: "redirfilter",
    controllers: "controller",
    inputs: "input",
    shmems: "shmem",
    memballoons: "memballoon",
    tpms: "tpm",
    watchdogs: "watchdog",
    panics: "panic",
    smartcards: "smartcard",
    hubs: "hub",
    leases: "lease",
    audios: "audio",
    memorydevs: "memory",
    cryptos: "crypto",
    ips: "ip",
    routes: "route",
    portgroups: "portgroup",
    hosts: "host",
    hostnames: "hostname",
    forwarders: "forwarder",
    ranges: "range",
    txts: "txt",
    srvs: "srv",
    pfs: "pf",
    addresses: "address",
    timers: "timer",
    features: "feature",
    bootdevices: "boot",
    listeners: "listen",
    tags: "tag",
    portforwards: "portforward",
    seclabels: "seclabel",
    sysinfos: "sysinfo",
    baseboards: "baseboard",
    entries: "entry",
    processors: "processor",
    secrets: "secret",
    parameters: "parameter",
    initargs: "initarg",
    initenvs: "initenv",
    tables: "table",
};

/** Elements that Go calls otherwise. */
export const RENAMED: Readonly<Record<string, string>> = {
    portoptions: "port",
    accel: "acceleration",
    memoryhugepages: "hugepages",
    memorynosharepages: "nosharepages",
    memorylocked: "locked",
    memorysource: "source",
    memoryaccess: "access",
    memoryallocation: "allocation",
    memorydiscard: "discard",
    maximummemory: "maxmemory",
    memorytune: "memtune",
    blockiotune: "blkiotune",
    firmwareinfo: "firmware",
    params: "parameters",
    hole64: "pcihole64",
};

/** An element's attributes, flattened beside its value: `memoryDumpCore` is `<memory dumpCore=…>`. */
export const FLATTENED: Readonly<Record<string, readonly [string, string]>> = {
    memoryunit: ["memory", "unit"],
    memorydumpcore: ["memory", "dumpcore"],
    currentmemoryunit: ["currentmemory", "unit"],
    maximummemoryunit: ["maxmemory", "unit"],
    maximummemoryslots: ["maxmemory", "slots"],
    typemachine: ["type", "machine"],
    typearch: ["type", "arch"],
    modelfallback: ["model", "fallback"],
    modelvendorid: ["model", "vendorid"],
    vcpuplacement: ["vcpu", "placement"],
    vcpucpuset: ["vcpu", "cpuset"],
    vcpucurrent: ["vcpu", "current"],
    loaderreadonly: ["loader", "readonly"],
    loadertype: ["loader", "type"],
    loadersecure: ["loader", "secure"],
    loaderstateless: ["loader", "stateless"],
    loaderformat: ["loader", "format"],
};

/**
 * Attributes of yes and no that are booleans; every other boolean stands for an element that is there or is
 * not.
 */
export const YES_OR_NO: ReadonlySet<string> = new Set([
    "autoport",
    "managed",
    "migratable",
    "loaderreadonly",
]);

/** Sources of a NIC, each a type of `<interface>`. */
export const NIC_TYPES: ReadonlySet<string> = new Set([
    "network",
    "bridge",
    "direct",
    "user",
    "ethernet",
    "hostdev",
    "vdpa",
    "vhostuser",
    "mcast",
    "udp",
    "server",
    "client",
    "internal",
    "vds",
    "null",
]);

/** Sources of a disk. */
export const DISK_TYPES: ReadonlySet<string> = new Set([
    "file",
    "block",
    "volume",
    "network",
    "dir",
    "nvme",
    "vhostuser",
    "vhostvdpa",
]);

/** Variants that are nested by name (`graphics: { spice: … }`) where the XML has a type. */
export const VARIANTS: Readonly<Record<string, readonly string[]>> = {
    graphics: ["spice", "vnc", "sdl", "rdp", "dbus", "desktop", "eglheadless"],
    hostdev: [
        "subsyspci",
        "subsysusb",
        "subsysmdev",
        "subsysscsi",
        "subsysscsihost",
        "capsnet",
        "capsstorage",
        "capsmisc",
    ],
    listen: ["address", "network", "socket", "none"],
    sysinfo: ["smbios", "fwcfg"],
    audio: [
        "none",
        "alsa",
        "coreaudio",
        "dbus",
        "file",
        "jack",
        "oss",
        "pipewire",
        "pulseaudio",
        "sdl",
        "spice",
    ],
};

/** Devices whose source names its kind: `source: { pty: … }`. */
export const CHARACTER_DEVICES: ReadonlySet<string> = new Set(["serial", "console", "channel", "parallel"]);

/** Backends of a source of random numbers; the value of `random` is the device that is read. */
export const RNG_BACKENDS: ReadonlySet<string> = new Set(["random", "egd", "builtin"]);
