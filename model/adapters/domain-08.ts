/**
 * Domains of provider 0.8: what the provider (libvirt/domain_def.go, domain.go of 0.8.3) and libvirt make of
 * the inputs, then what the stylesheet leaves of that.
 */
import {
    below,
    element,
    hidden,
    hiddenNode,
    known,
    opaque,
    plainName,
    type Fact,
    type Node,
    type Origin,
    type Stylesheet,
} from "..";
import { beyondStylesheet } from "./declared";
import { devicesOf, settingsOf } from "./domain-facts";
import { disks08 } from "./disks-08";
import { nics08 } from "./nics-08";
import {
    booleanFact,
    has,
    isMark,
    isObject,
    listFact,
    markFact,
    textFact,
    type Raw,
    type RawObject,
} from "./raw";
import { domainSkeleton, stylesheetOf, type DomainSkeleton } from "./stylesheets";
import type { UnresolvedDomain } from "./unresolved";

const text = (name: string, raw: Raw | undefined, at: Origin): Node[] => {
    const fact = textFact(raw, at);
    if (fact.kind !== "known") {
        return [hiddenNode(name, hidden(fact))];
    }
    return fact.value === undefined ? [] : [element(name, at, [], fact.value)];
};

/** One node for each item of a list input. */
function each(
    raw: RawObject,
    key: string,
    at: Origin,
    name: string,
    make: (item: RawObject, at: Origin) => Node,
): Node[] {
    const where = below(at, key);
    const list = listFact(raw[key], where);
    if (list.kind !== "known") {
        return [hiddenNode(name, hidden(list))];
    }
    return list.value.map((item, i) => {
        const here = below(where, i);
        if (isMark(item)) {
            return hiddenNode(name, markFact(item, here));
        }
        return isObject(item)
            ? make(item, here)
            : hiddenNode(name, opaque(here, "an object was expected here"));
    });
}

function graphics(raw: RawObject, at: Origin): Node[] {
    const given = each(raw, "graphics", at, "graphics", (g, here) =>
        element("graphics", here, [
            ...text("type", g.type ?? "spice", below(here, "type")),
            ...text("autoport", g.autoport, below(here, "autoport")),
            element("listen", below(here, "listenType"), [
                ...text("type", g.listenType, below(here, "listenType")),
                ...text("address", g.listenAddress, below(here, "listenAddress")),
            ]),
        ]),
    );
    const spice = below(at, "graphics");
    return given.length > 0
        ? given
        : [
              element("graphics", spice, [
                  element("type", spice, [], "spice"),
                  element("listen", spice, [
                      element("type", spice, [], "address"),
                      element("address", spice, [], "127.0.0.1"),
                  ]),
              ]),
          ];
}

/** Consoles become `<serial>` or `<console>`; tcp ones listen. */
const consoles = (raw: RawObject, at: Origin): Node[] =>
    each(raw, "consoles", at, "console", (c, here) =>
        element(c.targetType === "serial" ? "serial" : "console", here, [
            ...text("type", c.type ?? "pty", below(here, "type")),
            element("source", here, [
                ...text("path", c.sourcePath, below(here, "sourcePath")),
                ...text("host", c.sourceHost, below(here, "sourceHost")),
                ...text("service", c.sourceService, below(here, "sourceService")),
            ]),
            element("target", here, [
                ...text("type", c.targetType, below(here, "targetType")),
                ...text("port", c.targetPort, below(here, "targetPort")),
            ]),
        ]),
    );

/** What the provider and libvirt add unasked. */
function defaults(at: Origin): Node[] {
    const typed = (name: string, ...pairs: readonly (readonly [string, string])[]): Node =>
        element(
            name,
            at,
            pairs.map(([key, value]) => element(key, at, [], value)),
        );
    return [
        element("channel", at, [
            element("type", at, [], "unix"),
            element("target", at, [
                element("type", at, [], "virtio"),
                element("name", at, [], "org.qemu.guest_agent.0"),
            ]),
        ]),
        element("rng", at, [
            element("model", at, [], "virtio"),
            element("backend", at, [element("model", at, [], "random")], "/dev/urandom"),
        ]),
        typed("memballoon", ["model", "virtio"]),
        typed("controller", ["type", "usb"]),
        typed("controller", ["type", "virtio-serial"]),
        typed("input", ["type", "mouse"], ["bus", "ps2"]),
        typed("input", ["type", "keyboard"], ["bus", "ps2"]),
    ];
}

function devices(raw: RawObject, at: Origin): Node[] {
    const video = each(raw, "video", at, "video", (v, here) =>
        element("video", here, [element("model", here, text("type", v.type, below(here, "type")))]),
    );
    return [
        ...text("emulator", raw.emulator, below(at, "emulator")),
        ...graphics(raw, at),
        ...(video.length > 0
            ? video
            : [element("video", at, [element("model", at, [element("type", at, [], "cirrus")])])]),
        ...consoles(raw, at),
        ...each(raw, "filesystems", at, "filesystem", (f, here) =>
            element("filesystem", here, [
                element("source", here, text("dir", f.source, below(here, "source"))),
                element("target", here, text("dir", f.target, below(here, "target"))),
                ...text("accessmode", f.accessMode, below(here, "accessMode")),
                ...(f.readonly === true ? [element("readonly", here)] : []),
            ]),
        ),
        ...each(raw, "tpm", at, "tpm", (t, here) =>
            element(
                "tpm",
                here,
                Object.entries(t).flatMap(([key, value]) => text(key, value, below(here, key))),
            ),
        ),
        ...defaults(at),
    ];
}

function os(raw: RawObject, at: Origin): Node {
    const boot = each(raw, "bootDevices", at, "boot", (b, here) => {
        const devs = listFact(b.devs, below(here, "devs"));
        return devs.kind === "known"
            ? element(
                  "boot",
                  here,
                  devs.value.flatMap((d, i) => text("dev", d, below(below(here, "devs"), i))),
              )
            : hiddenNode("boot", hidden(devs));
    });
    return element("os", at, [
        element(
            "type",
            at,
            [
                ...text("machine", raw.machine, below(at, "machine")),
                ...text("arch", raw.arch, below(at, "arch")),
            ],
            "hvm",
        ),
        // One `<boot dev=…>` each.
        ...boot.flatMap((b) =>
            b.value.kind === "known" ? b.children.map((dev) => element("boot", dev.at, [dev])) : [b],
        ),
        ...text("loader", raw.firmware, below(at, "firmware")),
        ...(has(raw, "nvram") ? [element("nvram", below(at, "nvram"))] : []),
        ...text("kernel", raw.kernel, below(at, "kernel")),
        ...text("initrd", raw.initrd, below(at, "initrd")),
        ...(has(raw, "cmdlines") ? [element("cmdline", below(at, "cmdlines"))] : []),
    ]);
}

/** The `<domain>` as the provider sends it, without NICs and disks. */
function tree08(raw: RawObject, at: Origin): Node {
    const cpu = listFact(raw.cpu, below(at, "cpu"));
    const mode =
        cpu.kind === "known"
            ? cpu.value.flatMap((c, i) =>
                  isObject(c) ? text("mode", c.mode, below(below(at, "cpu"), i)) : [],
              )
            : [hiddenNode("mode", hidden(cpu))];
    return element("domain", at, [
        ...text("type", raw.type ?? "kvm", below(at, "type")),
        ...text("memory", raw.memory ?? 512, below(at, "memory")),
        ...text("vcpu", raw.vcpu ?? 1, below(at, "vcpu")),
        ...text("description", raw.description, below(at, "description")),
        ...text("metadata", raw.metadata, below(at, "metadata")),
        os(raw, at),
        element("cpu", below(at, "cpu"), mode),
        element("features", at, [element("pae", at), element("acpi", at), element("apic", at)]),
        // fw_cfg and the like: raw data into QEMU.
        ...(has(raw, "coreosIgnition") || (has(raw, "fwCfgName") && has(raw, "coreosIgnition"))
            ? [element("qemuCommandline", below(at, "coreosIgnition"))]
            : []),
        element("devices", at, devices(raw, at)),
    ]);
}

/** The document that our stylesheet writes, with the few values that it copies. */
function throughStylesheet(tree: Node, skeleton: DomainSkeleton): Node {
    const copied = new Set(["memory", "vcpu"].map(plainName));
    const value = (name: string): Node["value"] =>
        tree.children.find((child) => child.name === name)?.value ?? known(undefined, tree.at);
    const written = skeleton.domain.children.map((child) =>
        copied.has(child.name) ? { ...child, value: value(child.name) } : child,
    );
    // What a stylesheet takes for itself, such as a clock's offset, is declared in the description.
    const missing = tree.children.filter(
        (child) =>
            (copied.has(child.name) || child.name === "description") &&
            !written.some((w) => w.name === child.name),
    );
    return { ...skeleton.domain, at: tree.at, children: [...written, ...missing] };
}

/** A domain's own reference to its seed, where it has one. */
function seedReference(cloudinit: Fact<string | undefined>): { cloudinit?: Fact<string> } {
    if (cloudinit.kind !== "known") {
        return { cloudinit: hidden(cloudinit) };
    }
    return cloudinit.value === undefined ? {} : { cloudinit: known(cloudinit.value, cloudinit.at) };
}

export function readDomain08(raw: RawObject, at: Origin): UnresolvedDomain {
    const { sheet, text: sheetText } = stylesheetOf(raw.xml, below(at, "xml.xslt"));
    const stylesheet: Stylesheet =
        sheet.kind === "pinned" && !sheet.which.startsWith("domain-")
            ? { kind: "opaque", why: `it is meant for a ${sheet.which}`, sha256: sheet.sha256, at: sheet.at }
            : sheet;
    const autostart = booleanFact(raw.autostart, below(at, "autostart"), false);
    const cloudinit = textFact(raw.cloudinit, below(at, "cloudinit"));
    const seed = seedReference(cloudinit);
    const skeleton =
        stylesheet.kind === "pinned" && sheetText !== undefined
            ? domainSkeleton(sheetText, stylesheet.at)
            : undefined;
    const nics = nics08(raw, at, skeleton);
    const disks = disks08(raw, at, skeleton);
    if (stylesheet.kind === "opaque") {
        const tree = hiddenNode("domain", { kind: "opaque", why: stylesheet.why, at: stylesheet.at });
        const fact = opaque(stylesheet.at, stylesheet.why);
        return {
            nics: fact,
            disks: fact,
            devices: fact,
            xml: tree,
            tree,
            autostart,
            ...seed,
            shape: "provider-0.8",
            stylesheet,
        };
    }
    const beyond = stylesheet.kind === "pinned" ? beyondStylesheet(stylesheet.which, raw, at) : undefined;
    if (beyond !== undefined) {
        const tree = hiddenNode("domain", beyond);
        return {
            nics,
            disks,
            devices: beyond,
            xml: tree,
            tree,
            autostart,
            ...seed,
            shape: "provider-0.8",
            stylesheet,
        };
    }
    const declared = tree08(raw, at);
    const tree = skeleton === undefined ? declared : throughStylesheet(declared, skeleton);
    return {
        nics,
        disks,
        devices: devicesOf(tree),
        xml: settingsOf(tree),
        tree,
        autostart,
        ...seed,
        shape: "provider-0.8",
        stylesheet,
    };
}
