/** Domains of provider 0.9 that a rule has to refuse: each device and each setting that no guest may have. */
import type { FixtureResource } from "../../fixtures/resources";
import { UNKNOWN, edit, set, short, type Mutant } from "../mutant";
import { type Props, SOURCES, NIC, DEVICES, SETTINGS, DISK } from "./provider-09-values";

export const devices = (props: Props): Record<string, Props[]> => props["devices"] as Record<string, Props[]>;

export const nic = (props: Props): Props => devices(props)["interfaces"]?.[0] ?? {};

/** Change a part in place; undefined removes. */
function merge(target: Props, values: Props): void {
    for (const [key, value] of Object.entries(values)) {
        if (value === undefined) {
            Reflect.deleteProperty(target, key);
        } else {
            target[key] = value;
        }
    }
}

export function domain(resource: FixtureResource): Mutant[] {
    const at = resource.urn;
    const mine = `0.9: ${short(resource)}`;
    const gateway = resource.name.endsWith("-gateway");
    const [onNothing, oneMore] = gateway ? ["NT-09", "NT-24"] : ["NT-07", "NT-07"];
    const second = (change: (disk: Props) => void) => edit(at, (p) => change(devices(p)["disks"]?.[1] ?? {}));
    return [
        ...Object.entries(SOURCES).map(([kind, source]): Mutant => ({
            title: `${mine}: a NIC on ${kind}`,
            rule: kind === "null" ? onNothing : "NT-24",
            change: edit(at, (p) => {
                nic(p)["source"] = { [kind]: source };
            }),
        })),
        ...Object.entries(SOURCES).map(([kind, source]): Mutant => ({
            title: `${mine}: one more NIC on ${kind}`,
            rule: gateway && kind === "null" ? "DD-17" : oneMore,
            change: edit(at, (p) => {
                devices(p)["interfaces"]?.push({
                    ...structuredClone(nic(p)),
                    mac: { address: "52:54:00:00:00:01" },
                    source: { [kind]: source },
                });
            }),
        })),
        ...NIC.map(([title, rule, values]): Mutant => ({
            title: `${mine}: a NIC with ${title}`,
            rule,
            change: edit(at, (p) => merge(nic(p), values)),
        })),
        ...DEVICES.map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: edit(at, (p) => merge(p["devices"] as Props, values)),
        })),
        ...SETTINGS.map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: edit(at, (p) => merge(p, values)),
        })),
        ...(resource.props["type"] === "kvm"
            ? [
                  {
                      title: `${mine}: nested virtualisation`,
                      rule: "DD-23",
                      change: edit(at, (p: Props) => {
                          Reflect.deleteProperty(p["cpu"] as Props, "features");
                      }),
                  },
              ]
            : []),
        {
            title: `${mine}: devices that are not known`,
            rule: "LC-15",
            change: set(at, { devices: UNKNOWN }),
        },
        {
            title: `${mine}: a seed that it can write`,
            rule: "DD-19",
            change: second((disk) => {
                disk["readOnly"] = false;
            }),
        },
        {
            title: `${mine}: a shareable disk`,
            rule: "LC-13",
            change: second((disk) => {
                disk["shareable"] = true;
            }),
        },
        {
            title: `${mine}: a disk with a serial number`,
            rule: "ID-13",
            change: second((disk) => {
                disk["serial"] = "x";
            }),
        },
        ...DISK.map(([title, values]): Mutant => ({
            title: `${mine}: a disk with ${title}`,
            rule: "DD-13",
            change: edit(at, (p) => merge(devices(p)["disks"]?.[0] ?? {}, values)),
        })),
        {
            title: `${mine}: a disk with a store of its own behind it`,
            rule: "DD-13",
            change: edit(at, (p) => {
                Object.assign(devices(p)["disks"]?.[0]?.["source"] ?? {}, {
                    dataStore: { source: { file: { file: "/srv/x.raw" } } },
                });
            }),
        },
        {
            title: `${mine}: a disk from a file`,
            rule: "NT-26",
            change: second((disk) => {
                disk["source"] = { file: { file: "/srv/data.img" } };
            }),
        },
        {
            title: `${mine}: a disk of the host's`,
            rule: "NT-26",
            change: second((disk) => {
                disk["source"] = { block: { dev: "/dev/sdb" } };
            }),
        },
        {
            title: `${mine}: no seed`,
            rule: "DD-19",
            change: edit(at, (p) => {
                devices(p)["disks"]?.splice(1, 1);
            }),
        },
    ];
}
