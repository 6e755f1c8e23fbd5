/**
 * What providers write into outputs beside what was declared, allowed by value. Whatever else stands in
 * outputs alone is a difference from what was declared (observed.ts).
 *
 * Sources: provider 0.8.3 libvirt/resource_libvirt_*.go (schema defaults, and d.Set in each Read), recordings
 * of it (test/fixtures); provider 0.9 internal/provider/*_resource.go, whose Read fills what the plan has and
 * computed ids.
 */
import { EMULATOR } from "../../values/emulator";
import { own } from "../../util/own";
import { MACHINE, MACHINE_FAMILY } from "../../libvirt/stylesheet";
import { absent, has, isList, isMark, isObject, markFact, type Raw, type RawResource } from "./raw";

/** Whose value it is. */
export type Owner = Pick<RawResource, "id" | "properties">;
/** Whether a value is allowed; never asked about what is absent. */
export type Check = (value: Raw, owner: Owner) => boolean;
/** A check, or one for each property of an object or of each object in a list. */
export type Filled = Check | { readonly [property: string]: Filled };

export const anything: Check = () => true;
export const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number";
export const one =
    (...values: readonly (string | number | boolean)[]): Check =>
    (value) =>
        values.some((v) => v === value);
const isNothing = (value: Raw): boolean =>
    absent(value) ||
    (isList(value) && value.every(isNothing)) ||
    (isObject(value) && Object.values(value).every(isNothing));
/** Empty, or made of nothing but empty values. */
export const nothing: Check = (value) => isNothing(value);
/** The resource's own id, which outputs repeat. */
const ownId: Check = (value, owner) =>
    typeof value === "string" && (owner.id === undefined || owner.id === value);

const isUnknown = (value: Raw): boolean =>
    isMark(value) && markFact(value, { resource: "", path: "" }).kind === "unknown";
const shapeAt = (shape: Filled, key: string): Filled | undefined =>
    typeof shape === "object" && Object.hasOwn(shape, key) ? shape[key] : undefined;

/** The part of a shape for one property; undefined: none is allowed. */
export const filledAt = (shape: Filled | undefined, key: string): Filled | undefined =>
    shape === undefined ? undefined : shapeAt(shape, key);

/**
 * The path of the first value that a shape does not allow. A value that is not known yet is allowed where the
 * provider fills one in.
 */
export function notFilled(
    shape: Filled | undefined,
    value: Raw | undefined,
    owner: Owner,
    path: string,
): string | undefined {
    if (absent(value) || (shape !== undefined && isUnknown(value))) {
        return undefined;
    }
    if (typeof shape !== "object") {
        return shape?.(value, owner) === true ? undefined : path;
    }
    if (isList(value)) {
        return value
            .map((item, i) => notFilled(shape, item, owner, `${path}[${i}]`))
            .find((found) => found !== undefined);
    }
    return isObject(value)
        ? Object.entries(value)
              .map(([key, v]) =>
                  notFilled(shapeAt(shape, key), v, owner, path === "" ? key : `${path}.${key}`),
              )
              .find((found) => found !== undefined)
        : path;
}

const NO_DNS: Filled = {
    enabled: one(false),
    localOnly: one(false),
    forwarders: nothing,
    hosts: nothing,
    srvs: nothing,
};

/**
 * Of provider 0.8 and 0.9 alike; no name means another thing in the other. Keys are type tokens' last words
 * in lower case.
 */
export const FILLED: Readonly<Record<string, Filled>> = {
    network: { networkId: ownId, uuid: ownId, autostart: one(false), dns: NO_DNS, routes: nothing },
    domain: {
        domainId: anything,
        uuid: text,
        arch: one("x86_64"),
        autostart: one(false),
        description: nothing,
        emulator: (v) => typeof v === "string" && EMULATOR.test(v),
        bootDevices: nothing,
        cmdlines: nothing,
        coreosIgnition: nothing,
        filesystems: nothing,
        firmware: nothing,
        graphics: nothing,
        initrd: nothing,
        kernel: nothing,
        metadata: nothing,
        nvram: nothing,
        tpm: nothing,
        video: nothing,
        fwCfgName: one("opt/com.coreos/config"),
        machine: one(MACHINE, MACHINE_FAMILY),
        qemuAgent: one(false),
        running: one(true, false),
        consoles: { sourceHost: one("127.0.0.1"), sourcePath: nothing, sourceService: one("0") },
        disks: { blockDevice: nothing, file: nothing, scsi: one(false), url: nothing, wwn: nothing },
        networkInterfaces: {
            addresses: nothing,
            bridge: nothing,
            hostname: nothing,
            macvtap: nothing,
            passthrough: nothing,
            private: nothing,
            vepa: nothing,
            waitForLease: one(false),
        },
    },
    volume: {
        volumeId: ownId,
        key: ownId,
        path: ownId,
        size: number,
        capacity: number,
        allocation: number,
        physical: number,
        type: one("file"),
        target: { path: ownId },
    },
    pool: { poolId: ownId, uuid: ownId, allocation: number, available: number, capacity: number },
    // Provider 0.9 writes the ISO on the machine that it runs on; a seed of 0.8 is in a pool.
    cloudinitdisk: {
        cloudinitDiskId: text,
        path: (v, owner) => typeof v === "string" && !has(owner.properties, "pool"),
        size: number,
    },
};

/**
 * What a program may leave to the provider or to libvirt where no stylesheet of ours decides it: rules judge
 * what outputs say then.
 */
const LEFT: Readonly<Record<string, Filled>> = {
    network: {
        mode: anything,
        bridge: anything,
        addresses: anything,
        dhcp: anything,
        dns: anything,
        routes: anything,
        domain: anything,
        mtu: anything,
        autostart: anything,
    },
    domain: {
        arch: anything,
        autostart: anything,
        bootDevices: anything,
        cpu: anything,
        emulator: anything,
        machine: anything,
        memory: number,
        vcpu: number,
        type: anything,
        networkInterfaces: { addresses: anything, hostname: anything, mac: text },
    },
    volume: { format: anything, pool: anything },
    pool: { path: anything, target: anything, type: anything },
    cloudinitdisk: { pool: anything },
};

/** @param pinned whether one of our stylesheets makes the resource */
export function filledOf(kind: string, pinned: boolean): Filled {
    const left = pinned ? undefined : own(LEFT, kind);
    return merged(own(FILLED, kind) ?? {}, left ?? {});
}

function merged(a: Filled, b: Filled): Filled {
    return typeof a === "object" && typeof b === "object"
        ? {
              ...a,
              ...Object.fromEntries(
                  Object.entries(b).map(([key, shape]) => [key, merged(shapeAt(a, key) ?? {}, shape)]),
              ),
          }
        : b;
}
