/**
 * What our stylesheets are given. A stylesheet drops what it does not name, so its input has to be what this
 * product declares and what the provider fills in: anything else was read from the host, after the
 * stylesheet, and is true of it.
 */
import { marked, opaque, sealOf, type Opaque, type Origin, type StylesheetKind } from "..";
import { MACHINE, MACHINE_FAMILY } from "../../libvirt/stylesheet";
import { FILLED, anything, notFilled, nothing, one, text, type Filled } from "./filled";
import { own } from "../../util/own";
import { isList, isObject, type Raw, type RawObject } from "./raw";

const network = (mode: string, more: Filled = {}): Filled => ({
    ...(FILLED.network as object),
    name: anything,
    mode: one(mode),
    bridge: text,
    autostart: anything,
    xml: anything,
    id: text,
    ...(more as object),
});

const part = (name: string): object => {
    const all = FILLED.domain as Readonly<Record<string, Filled>>;
    return all[name] as object;
};
/** NICs and disks are copied, not dropped: rules judge each of their sources. */
const SOURCES = {
    networkName: anything,
    networkId: anything,
    bridge: anything,
    vepa: anything,
    private: anything,
    macvtap: anything,
    passthrough: anything,
    mac: anything,
};
const domain: Filled = {
    ...(FILLED.domain as object),
    name: anything,
    id: anything,
    description: anything,
    type: one("kvm", "qemu"),
    machine: one(MACHINE, MACHINE_FAMILY),
    memory: anything,
    vcpu: anything,
    cpu: { mode: one("custom") },
    autostart: anything,
    xml: anything,
    cloudinit: anything,
    consoles: { ...part("consoles"), type: one("pty"), targetPort: one("0", 0), targetType: one("serial") },
    disks: { ...part("disks"), volumeId: anything, file: anything, url: anything, blockDevice: anything },
    networkInterfaces: { ...part("networkInterfaces"), ...SOURCES },
};

const DECLARED: Readonly<Partial<Record<StylesheetKind, Filled>>> = {
    "isolated-network": network("none", { addresses: nothing, dhcp: nothing }),
    "nat-network": network("nat", {
        addresses: (value: Raw) => isList(value) && value.length === 1,
        dhcp: { enabled: one(false) },
    }),
    "bridge-network": network("bridge", { addresses: nothing, dhcp: nothing }),
    "domain-gateway": domain,
    "domain-workstation": domain,
};

/** NICs and disks that cannot be read are for their own readers to say. */
const OWN_READERS: ReadonlySet<string> = new Set(["networkInterfaces", "disks"]);

/** Why a resource with one of our stylesheets is not what that stylesheet makes of it; undefined: it is. */
export function beyondStylesheet(
    which: StylesheetKind,
    properties: RawObject,
    at: Origin,
): Opaque | undefined {
    const readable = Object.fromEntries(
        Object.entries(properties).filter(
            ([key, value]) => !OWN_READERS.has(key) || isList(value) || isObject(value),
        ),
    );
    // Whether ids are the state's own is for observed.ts.
    const path = notFilled(own(DECLARED, which) ?? {}, readable, { properties }, "");
    return path === undefined
        ? undefined
        : opaque(
              { resource: at.resource, path },
              `${path} is not what this project declares beside that stylesheet: the stylesheet ` +
                  `would drop it, so it was read from the host ${marked(sealOf(readable))}`,
          );
}
