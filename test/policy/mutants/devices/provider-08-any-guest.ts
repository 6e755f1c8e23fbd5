/** Domains of provider 0.8 that a rule has to refuse in either role. */
import type { FixtureResource } from "../../fixtures/resources";
import { FOREIGN, NETWORK, UNKNOWN, edit, ofType, set, short, type Mutant } from "../mutant";

export type Nic = Record<string, unknown>;

export const nics = (props: Record<string, unknown>): Nic[] => props["networkInterfaces"] as Nic[];

const byForeignId = (props: Record<string, unknown>): void => {
    nics(props)[0] = { networkId: "6d1e2c1e-0000-4000-8000-000000000001", mac: nics(props)[0]?.["mac"] };
};

export const KINDS = ["bridge", "vepa", "macvtap", "passthrough", "private"];

/** What a domain gets when the provider's own XML goes to libvirt. */
const BARE: readonly [string, string, Record<string, unknown>][] = [
    ["no stylesheet: agent channel", "DD-02", {}],
    ["no stylesheet: balloon", "DD-07", {}],
    ["no stylesheet: shared pages", "DD-08", {}],
    ["no stylesheet: core dumps", "DD-09", {}],
    ["no stylesheet: unwanted devices", "DD-13", {}],
    ["no stylesheet: sleep", "DD-11", {}],
    ["no stylesheet: counters and clocks", "ID-08", {}],
    ["no stylesheet: boot ROM", "ID-13", {}],
    [
        "a shared folder",
        "DD-01",
        { filesystems: [{ source: "/home", target: "home", accessMode: "mapped" }] },
    ],
    [
        "a display for everyone",
        "DD-03",
        { graphics: { type: "vnc", listenType: "address", listenAddress: "0.0.0.0" } },
    ],
    ["a display with clipboard", "DD-04", { graphics: { type: "spice", listenType: "none" } }],
    ["a TPM", "DD-05", { tpm: { backendType: "emulator" } }],
    ["another emulator", "DD-10", { emulator: "/tmp/qemu-wrapper" }],
    ["an emulator where anybody puts one", "DD-10", { emulator: "/usr/local/bin/qemu-system-x86_64" }],
    ["an emulator that is not known", "DD-10", { emulator: UNKNOWN }],
    ["firmware", "DD-10", { firmware: "/usr/share/OVMF/OVMF_CODE.fd" }],
    ["a kernel", "DD-10", { kernel: "/boot/vmlinuz" }],
    [
        "a console on a socket",
        "DD-12",
        {
            consoles: [
                {
                    type: "tcp",
                    targetPort: "0",
                    targetType: "serial",
                    sourceHost: "0.0.0.0",
                    sourceService: "4444",
                },
            ],
        },
    ],
    ["network boot", "DD-18", { bootDevices: [{ devs: ["network", "hd"] }] }],
    ["the host's CPU", "ID-07", { cpu: { mode: "host-passthrough" } }],
    ["a machine without a version", "DD-25", { machine: "pc" }],
    ["a video card", "DD-24", { video: { type: "virtio" } }],
];

export function sameForAll(domain: FixtureResource): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    const sheet = (domain.props["xml"] as { xslt: string }).xslt;
    const lines = sheet.split("\n").filter((line) => line.trim() !== "" && !line.includes("xsl:stylesheet"));
    return [
        ...BARE.filter(([title]) => title !== "a video card").map(([title, rule, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: set(at, { xml: undefined, ...values }),
        })),
        {
            title: `${mine}: a foreign stylesheet`,
            rule: "DD-10",
            change: set(at, { xml: { xslt: FOREIGN } }),
        },
        {
            title: `${mine}: a stylesheet that is not known`,
            rule: "DD-10",
            change: set(at, { xml: { xslt: UNKNOWN } }),
        },
        ...lines.map((line, i): Mutant => ({
            title: `${mine}: line ${i} of its stylesheet removed (${line.slice(0, 40)})`,
            rule: "DD-10",
            change: set(at, { xml: { xslt: sheet.replace(`${line}\n`, "") } }),
        })),
        {
            title: `${mine}: a NIC on libvirt's default network`,
            rule: "NT-26",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: "default" });
            }),
        },
        {
            title: `${mine}: a NIC by an id that is declared nowhere`,
            rule: "NT-26",
            change: edit(at, (p, r) => {
                byForeignId(p);
                r.propertyDependencies["networkInterfaces"] = [];
            }),
        },
        // A policy is told no ids: this might be one of the networks that feed a Gateway's NICs.
        ...((domain.propertyDependencies["networkInterfaces"] ?? []).length === 0
            ? []
            : [
                  {
                      title: `${mine}: a NIC by an id, where NICs are fed by networks`,
                      rule: "LC-15",
                      change: edit(at, byForeignId),
                  },
              ]),
        {
            title: `${mine}: a NIC by an id that is not known`,
            rule: "LC-15",
            change: edit(at, (p) => {
                nics(p)[0] = { networkId: UNKNOWN, mac: nics(p)[0]?.["mac"] };
            }),
        },
        {
            title: `${mine}: a NIC by a name that is not known`,
            rule: "LC-15",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: UNKNOWN });
            }),
        },
        {
            title: `${mine}: a NIC by a name made from its own network's output`,
            rule: "LC-15",
            change: edit(at, (p, r) => {
                const fed = r.dependencies.filter((urn) =>
                    urn.endsWith(`::${String(nics(p)[0]?.["networkName"])}`),
                );
                Object.assign(nics(p)[0] ?? {}, { networkName: UNKNOWN });
                r.propertyDependencies["networkInterfaces"] = fed;
            }),
        },
        {
            title: `${mine}: NICs that are not known`,
            rule: "LC-15",
            change: set(at, { networkInterfaces: UNKNOWN }),
        },
        ...KINDS.map((kind): Mutant => ({
            title: `${mine}: a NIC on ${kind}`,
            rule: "NT-24",
            change: edit(at, (p) => {
                nics(p)[0] = { [kind]: "eth0", mac: nics(p)[0]?.["mac"] };
            }),
        })),
        ...KINDS.map((kind): Mutant => ({
            title: `${mine}: ${kind} beside networkName`,
            rule: "NT-24",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { [kind]: "eth0" });
            }),
        })),
        {
            title: `${mine}: a NIC without a MAC`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Reflect.deleteProperty(nics(p)[0] ?? {}, "mac");
            }),
        },
        {
            title: `${mine}: a NIC with a foreign MAC`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "00:11:22:33:44:55" });
            }),
        },
        {
            title: `${mine}: a NIC with another MAC than its seed's`,
            rule: "DD-17",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:11:22:33" });
            }),
        },
        {
            title: `${mine}: another network's id beside networkName`,
            rule: "NT-24",
            change: (s) => {
                ofType(s, NETWORK).forEach((n, i) => {
                    n.props["id"] = `6d1e2c1e-0000-4000-8000-00000000000${i}`;
                });
                edit(at, (p) => {
                    Object.assign(nics(p)[0] ?? {}, {
                        networkId: ofType(s, NETWORK).find(
                            (n) => n.props["name"] !== nics(p)[0]?.["networkName"],
                        )?.props["id"],
                    });
                })(s);
            },
        },
        {
            title: `${mine}: a MAC that is not known`,
            rule: "LC-15",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: UNKNOWN });
            }),
        },
        {
            title: `${mine}: a disk from a file`,
            rule: "NT-26",
            change: edit(at, (p) => {
                (p["disks"] as Nic[]).push({ file: "/srv/data.img" });
            }),
        },
        {
            title: `${mine}: a disk from an address`,
            rule: "NT-26",
            change: edit(at, (p) => {
                (p["disks"] as Nic[]).push({ url: "https://example.test/x.iso" });
            }),
        },
        {
            title: `${mine}: a block device`,
            rule: "NT-26",
            change: edit(at, (p) => {
                (p["disks"] as Nic[]).push({ blockDevice: "/dev/sdb" });
            }),
        },
        {
            title: `${mine}: disks by ids that are not known, one more than volumes feed them`,
            rule: "NT-26",
            change: edit(at, (p, r) => {
                p["disks"] = [...(r.propertyDependencies["disks"] ?? []), 0].map(() => ({
                    volumeId: UNKNOWN,
                }));
            }),
        },
        {
            title: `${mine}: disks by ids that are not known, made of one volume's`,
            rule: "NT-26",
            change: edit(at, (p, r) => {
                p["disks"] = [{ volumeId: UNKNOWN }, { volumeId: UNKNOWN }];
                r.propertyDependencies["disks"] = (r.propertyDependencies["disks"] ?? []).slice(0, 1);
            }),
        },
        {
            title: `${mine}: a disk by an id that is not known, made of two volumes'`,
            rule: "NT-26",
            change: edit(at, (p) => {
                p["disks"] = [{ volumeId: UNKNOWN }];
            }),
        },
        { title: `${mine}: disks that are not known`, rule: "LC-15", change: set(at, { disks: UNKNOWN }) },
        {
            title: `${mine}: created before its predecessor goes`,
            rule: "LC-03",
            change: edit(at, (_, r) => {
                r.deleteBeforeReplace = false;
            }),
        },
    ];
}
