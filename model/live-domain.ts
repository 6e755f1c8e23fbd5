/**
 * A running domain's XML against an allow-list made from its plan: an element, attribute or value that is not
 * named here is a finding, so a device that a later libvirt adds by itself is seen, and so is another CPU,
 * name or path than was planned. What the stack declared is no evidence; this is what runs.
 */
import { clockOffsetOf } from "../values/clock";
import { dataDisk, GENERATION_LENGTH, OVERLAY_SUFFIX, SEED_SUFFIX } from "../values/disk-files";
import { EMULATOR } from "../values/emulator";
import { PARTITION, WATCHDOG, labelProblems } from "../values/host-adds";
import { SMBIOS } from "../values/smbios";
import { type Declared, IMAGE_FILE, addedFeatures } from "./declared-domain";
import { MACHINE } from "../libvirt/stylesheet";
import { type XmlElement, parseXml } from "../util/xml";

/** What one element may hold. */
interface Rule {
    /** Attributes that must be there, with their values. */
    readonly must?: Readonly<Record<string, RegExp>>;
    /** Attributes that may be there. */
    readonly may?: Readonly<Record<string, RegExp>>;
    /** The element's own text; absent: none. */
    readonly text?: RegExp;
    readonly children?: Readonly<Record<string, Rule | readonly Rule[]>>;
}

/** A word of libvirt's own making: no path, no sentence. */
const WORD = /^[A-Za-z][\w.-]*$/;
/** A label of a confinement: user and group, a profile, a context. */
const LABEL = /^[\w+:.,-]+$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PTY = /^\/dev\/pts\/\d+$/;
const KIB = /^KiB$/;
const NUMBER = /^\d+$/;
const HEX = /^0x[0-9a-f]+$/;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const is = (text: string): RegExp => new RegExp(`^${escaped(text)}$`);
const oneOf = (texts: readonly string[]): RegExp => new RegExp(`^(${texts.map(escaped).join("|")})$`);
const leaf: Rule = {};
const value = (text: RegExp): Rule => ({ text });
const attributes = (must: Readonly<Record<string, RegExp>>): Rule => ({ must });

/** What libvirt adds to each device when it starts. */
const alias = attributes({ name: WORD });
const address: Rule = {
    must: { type: is("pci"), domain: HEX, bus: HEX, slot: HEX, function: HEX },
    may: { multifunction: is("on") },
};
const placed = { alias, address };

const entries = (table: ReadonlyMap<string, string>): Rule => ({
    children: { entry: [...table].map(([name, text]) => ({ must: { name: is(name) }, text: is(text) })) },
});

/** Neutral SMBIOS tables, the same for everyone. */
const sysinfo: Rule = {
    must: { type: is("smbios") },
    children: Object.fromEntries([...SMBIOS].map(([name, table]) => [name, entries(table)])),
};

const timer = (name: string, attribute: string, wanted: string): Rule =>
    attributes({ name: is(name), [attribute]: is(wanted) });

const timers: readonly Rule[] = [
    attributes({ name: is("rtc"), tickpolicy: is("catchup"), track: is("guest") }),
    timer("pit", "tickpolicy", "delay"),
    timer("hpet", "present", "no"),
    timer("kvmclock", "present", "no"),
    timer("hypervclock", "present", "no"),
];

/** A Gateway's clock is right, a Workstation's is off by what its description says. */
const clock = (role: Declared["role"]): Rule => ({
    must:
        role === "gateway"
            ? { offset: is("utc") }
            : { offset: is("variable"), adjustment: /^-?\d+$/, basis: is("utc") },
    children: { timer: timers },
});

/** A disk is the file of a volume of the enclave's own pool, called after its domain. */
const disk = (
    { diskFolder, domain }: Declared,
    dev: string,
    format: string,
    suffix: string,
    below: Rule,
    own: Rule["children"],
): Rule => ({
    must: { type: is("file"), device: is("disk") },
    children: {
        driver: { must: { name: is("qemu"), type: is(format) }, may: { discard: is("unmap") } },
        source: {
            must: {
                file: new RegExp(
                    `^${escaped(`${diskFolder}/${domain}`)}-[0-9a-f]{${GENERATION_LENGTH}}${escaped(suffix)}$`,
                ),
            },
            may: { index: NUMBER },
        },
        backingStore: below,
        target: attributes({ dev: is(dev), bus: is("virtio") }),
        ...own,
        ...placed,
    },
});

/** The volume that outlives the guest. */
const dataDiskRule = ({ role }: Declared, file: string): Rule => ({
    must: { type: is("file"), device: is("disk") },
    children: {
        driver: { must: { name: is("qemu"), type: is("raw") }, may: { discard: is("unmap") } },
        source: { must: { file: is(file) }, may: { index: NUMBER } },
        backingStore: leaf,
        target: attributes({ dev: is("vdc"), bus: is("virtio") }),
        serial: value(is(dataDisk(role).serial)),
        ...placed,
    },
});

/** The chain below an overlay, where libvirt shows it: the golden image, and nothing below that. */
function backing(imageFolder: string): Rule {
    return {
        may: { type: is("file"), index: NUMBER },
        children: {
            format: attributes({ type: is("qcow2") }),
            source: {
                must: { file: new RegExp(`^${escaped(imageFolder)}/${IMAGE_FILE}$`) },
                may: { index: NUMBER },
            },
            backingStore: leaf,
        },
    };
}

const rootPort: Rule = {
    must: { type: is("pci"), index: NUMBER, model: is("pcie-root-port") },
    children: {
        model: attributes({ name: is("pcie-root-port") }),
        target: attributes({ chassis: NUMBER, port: HEX }),
        ...placed,
    },
};

const controllers: readonly Rule[] = [
    { must: { type: is("usb"), index: NUMBER, model: is("none") }, children: { alias } },
    { must: { type: is("sata"), index: NUMBER }, children: placed },
    { must: { type: is("pci"), index: NUMBER, model: is("pcie-root") }, children: { alias } },
    rootPort,
];

const serialTarget: Rule = {
    must: { type: is("isa-serial"), port: is("0") },
    children: { model: attributes({ name: is("isa-serial") }) },
};
const ps2 = (type: string): Rule => ({ must: { type: is(type), bus: is("ps2") }, children: { alias } });

function devices(declared: Declared): Rule {
    const { role, nics } = declared;
    const pty = {
        source: attributes({ path: PTY }),
        alias,
        ...(role === "gateway"
            ? { log: attributes({ file: is(declared.statusFile), append: is("off") }) }
            : {}),
    };
    return {
        children: {
            emulator: value(EMULATOR),
            disk: [
                disk(declared, "vda", "qcow2", OVERLAY_SUFFIX, backing(declared.imageFolder), {}),
                disk(declared, "vdb", "raw", SEED_SUFFIX, leaf, { readonly: leaf }),
                ...(declared.dataFile === undefined ? [] : [dataDiskRule(declared, declared.dataFile)]),
            ],
            controller: controllers,
            // libvirt shows a NIC of a network that stands for a bridge of the host's as one of the bridge.
            // It names the network all the same.
            interface: nics.map(({ name, bridge, mac, bridged }): Rule => ({
                must: { type: bridged ? /^(network|bridge)$/ : is("network") },
                children: {
                    mac: attributes({ address: is(mac) }),
                    source: { must: { network: is(name) }, may: { portid: UUID, bridge: is(bridge) } },
                    target: attributes({ dev: /^vnet\d+$/ }),
                    model: attributes({ type: is("virtio") }),
                    rom: attributes({ enabled: is("no") }),
                    // The filter is called like the isolated network.
                    ...(role === "workstation"
                        ? {
                              port: attributes({ isolated: is("yes") }),
                              filterref: attributes({ filter: is(name) }),
                          }
                        : {}),
                    ...placed,
                },
            })),
            serial: { must: { type: is("pty") }, children: { ...pty, target: serialTarget } },
            console: {
                must: { type: is("pty") },
                may: { tty: PTY },
                children: { ...pty, target: attributes({ type: is("serial"), port: is("0") }) },
            },
            input: [ps2("mouse"), ps2("keyboard")],
            audio: attributes({ id: is("1"), type: is("none") }),
            watchdog: {
                must: Object.fromEntries(Object.entries(WATCHDOG).map(([name, text]) => [name, is(text)])),
                children: { alias },
            },
            memballoon: attributes({ model: is("none") }),
            rng: {
                must: { model: is("virtio") },
                children: {
                    rate: attributes({ bytes: NUMBER, period: NUMBER }),
                    backend: { must: { model: is("random") }, text: is("/dev/urandom") },
                    ...placed,
                },
            },
        },
    };
}

const off = attributes({ state: is("off") });

function domain(declared: Declared): Rule {
    const { role, virt, cpus } = declared;
    const kib = is(String(declared.memoryMiB * 1024));
    return {
        must: { type: is(virt.type) },
        may: { id: NUMBER },
        children: {
            name: value(is(declared.domain)),
            uuid: value(UUID),
            memory: { must: { unit: KIB, dumpCore: is("off") }, text: kib },
            currentMemory: { must: { unit: KIB }, text: kib },
            memoryBacking: { children: { nosharepages: leaf } },
            vcpu: {
                must: { placement: is("static"), ...(cpus === undefined ? {} : { cpuset: is(cpus) }) },
                text: is(String(declared.vcpus)),
            },
            resource: { children: { partition: value(is(PARTITION)) } },
            sysinfo,
            os: {
                children: {
                    type: { must: { arch: is("x86_64"), machine: is(MACHINE) }, text: is("hvm") },
                    boot: attributes({ dev: is("hd") }),
                    bootmenu: attributes({ enable: is("no") }),
                    smbios: attributes({ mode: is("sysinfo") }),
                },
            },
            features: {
                children: {
                    acpi: leaf,
                    apic: leaf,
                    pae: leaf,
                    pmu: off,
                    vmport: off,
                    tcg: { children: { "tb-cache": { must: { unit: KIB }, text: NUMBER } } },
                },
            },
            cpu: {
                must: { mode: is("custom"), match: is("exact"), check: /^(none|full)$/ },
                children: {
                    model: { must: { fallback: is("forbid") }, text: is(virt.cpuModel) },
                    // Whatever else the host's CPU has, or lacks of the model, would show in the guest.
                    feature: [
                        attributes({ policy: is("require"), name: oneOf(addedFeatures(virt)) }),
                        attributes({ policy: is("disable"), name: /^(vmx|svm)$/ }),
                    ],
                },
            },
            clock: clock(role),
            ...(role === "workstation" ? { description: value(/^clock-offset=-?\d+$/) } : {}),
            on_poweroff: value(is("destroy")),
            on_reboot: value(is("restart")),
            on_crash: value(is("destroy")),
            pm: {
                children: {
                    "suspend-to-mem": attributes({ enabled: is("no") }),
                    "suspend-to-disk": attributes({ enabled: is("no") }),
                },
            },
            devices: devices(declared),
            seclabel: {
                must: { type: is("dynamic"), model: /^(dac|apparmor|selinux)$/, relabel: is("yes") },
                children: { label: value(LABEL), imagelabel: value(LABEL) },
            },
        },
    };
}

/** First thing about an element that a rule does not allow; children are the caller's. */
function mismatch(element: XmlElement, rule: Rule): string | undefined {
    for (const [name, pattern] of Object.entries(rule.must ?? {})) {
        const actual = element.attributes[name];
        if (actual === undefined || !pattern.test(actual)) {
            return actual === undefined ? `has no ${name}` : `has ${name}="${actual}"`;
        }
    }
    for (const [name, actual] of Object.entries(element.attributes)) {
        const pattern = rule.must?.[name] ?? rule.may?.[name];
        if (pattern === undefined || !pattern.test(actual)) {
            return `has ${name}="${actual}"`;
        }
    }
    const fits = rule.text === undefined ? element.text === "" : rule.text.test(element.text);
    return fits ? undefined : `holds "${element.text}"`;
}

function walkOne(element: XmlElement, rule: Rule, path: string): string[] {
    const reason = mismatch(element, rule);
    const inside = element.children.flatMap((child) => {
        const rules = rule.children?.[child.name];
        return rules === undefined
            ? [`${path}/${child.name} is not allowed`]
            : walk(child, rules, `${path}/${child.name}`);
    });
    return reason === undefined ? inside : [`${path} ${reason}`, ...inside];
}

/** Findings by the rule that fits best; an element must obey one rule as a whole. */
function walk(element: XmlElement, rules: Rule | readonly Rule[], path: string): string[] {
    const list: readonly Rule[] = Array.isArray(rules) ? (rules as readonly Rule[]) : [rules as Rule];
    const results = list.map((rule) => walkOne(element, rule, path)).sort((a, b) => a.length - b.length);
    return results[0] ?? [`${path} is not allowed`];
}

/**
 * How many of each element there must be: a missing one may mean libvirt's own default, which is never ours.
 */
function counts({ role, dataFile }: Declared): readonly (readonly [path: string, count: number])[] {
    const disks = dataFile === undefined ? 2 : 3;
    const nics = role === "gateway" ? 2 : 1;
    return [
        ...["driver", "source", "target"].map((part) => [`devices/disk/${part}`, disks] as const),
        ...["mac", "source", "model", "rom"].map((part) => [`devices/interface/${part}`, nics] as const),
        ["memoryBacking/nosharepages", 1],
        ["sysinfo", 1],
        ["os/smbios", 1],
        ["cpu/model", 1],
        ["clock", 1],
        ["clock/timer", 5],
        ["description", role === "gateway" ? 0 : 1],
        ["pm/suspend-to-mem", 1],
        ["pm/suspend-to-disk", 1],
        ["features/pmu", 1],
        ["features/vmport", 1],
        ["devices/disk", disks],
        ["devices/disk/serial", disks - 2],
        ["devices/disk/readonly", 1],
        ["devices/interface", nics],
        ["devices/interface/port", role === "gateway" ? 0 : 1],
        ["devices/interface/filterref", role === "gateway" ? 0 : 1],
        ["devices/serial", 1],
        ["devices/memballoon", 1],
        ["devices/rng", 1],
    ];
}

const at = (element: XmlElement, path: readonly string[]): XmlElement[] =>
    path.reduce<XmlElement[]>(
        (found, name) => found.flatMap((e) => e.children.filter((child) => child.name === name)),
        [element],
    );

/**
 * A Workstation's clock is off by what was drawn; libvirt notes here, too, when the guest sets its CMOS
 * clock.
 */
function clockFindings(root: XmlElement): string[] {
    const offset = clockOffsetOf(at(root, ["description"])[0]?.text ?? "");
    const adjustment = at(root, ["clock"])[0]?.attributes["adjustment"];
    return offset !== undefined && adjustment === String(offset)
        ? []
        : [`/domain/clock has adjustment="${adjustment ?? ""}", its description says ${offset ?? "nothing"}`];
}

/** Each NIC is one of those that were declared, and each of those is there. */
function nicFindings(root: XmlElement, { nics }: Declared): string[] {
    const living = at(root, ["devices", "interface", "mac"]).map((mac) => mac.attributes["address"]);
    return nics
        .filter(({ mac }) => !living.includes(mac))
        .map(({ mac, name }) => `/domain/devices has no interface with MAC ${mac} on ${name}`);
}

/** How the host's security drivers confine it: whatever is not surely that is a finding. */
function labelFindings(root: XmlElement): string[] {
    const labels = at(root, ["seclabel"]).map(({ attributes: own, children }) =>
        [...Object.entries(own), ...children.map((child) => [child.name, child.text] as const)].map(
            ([name, text]) => [name.toLowerCase(), text] as const,
        ),
    );
    return labelProblems(labels, at(root, ["uuid"])[0]?.text ?? "").map(
        (problem) => `/domain/seclabel: ${problem}`,
    );
}

interface LiveOptions {
    /** Whether a guest has to be confined by the host's security drivers; default true. */
    readonly confined?: boolean;
}

/**
 * For guests of the embedded lab, and for no others: its QEMU has no security driver and is root
 * (lab/libvirt-config.ts).
 */
export const UNCONFINED: LiveOptions = { confined: false };

/**
 * Everything about a domain's live XML that is not as it was declared, each with its path; empty when all is
 * well. XML that can't be read is one finding.
 */
export function domainFindings(
    xml: string,
    declared: Declared,
    { confined = true }: LiveOptions = {},
): string[] {
    const { role } = declared;
    let root: XmlElement;
    try {
        root = parseXml(xml);
    } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
    }
    if (root.name !== "domain") {
        return [`/${root.name} is no domain`];
    }
    const usbOff = at(root, ["devices", "controller"]).filter((c) => c.attributes["type"] === "usb").length;
    return [
        ...walk(root, domain(declared), "/domain"),
        ...counts(declared).flatMap(([path, count]) => {
            const found = at(root, path.split("/")).length;
            return found === count ? [] : [`/domain/${path}: ${found} of them, must be ${count}`];
        }),
        ...(at(root, ["devices", "watchdog"]).length > 1
            ? ["/domain/devices/watchdog: more than one of them"]
            : []),
        ...nicFindings(root, declared),
        ...(confined ? labelFindings(root) : []),
        ...(role === "workstation" ? clockFindings(root) : []),
        ...(usbOff === 1
            ? []
            : [`/domain/devices/controller of type usb: ${usbOff} of them, must be 1 (model none)`]),
    ];
}
