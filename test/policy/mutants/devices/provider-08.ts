/** Domains of provider 0.8: NICs and their precedence, devices, stylesheets, disks, order. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, FOREIGN, NETWORK, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";

type Nic = Record<string, unknown>;
const nics = (props: Record<string, unknown>): Nic[] => props["networkInterfaces"] as Nic[];
const byForeignId = (props: Record<string, unknown>): void => {
    nics(props)[0] = { networkId: "6d1e2c1e-0000-4000-8000-000000000001", mac: nics(props)[0]?.["mac"] };
};
const KINDS = ["bridge", "vepa", "macvtap", "passthrough", "private"];

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

function sameForAll(domain: FixtureResource): Mutant[] {
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

function workstation(domain: FixtureResource, stack: readonly FixtureResource[]): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    const enclave = domain.name.replace(/-workstation-.*$/, "");
    const external = `${enclave}-external`;
    const gateway = ofType(stack, DOMAIN).find((d) => d.name === `${enclave}-gateway`);
    const elsewhere = ofType(stack, NETWORK, /-isolated$/).find((n) => n.name !== `${enclave}-isolated`);
    const sibling = ofType(stack, DOMAIN, new RegExp(`^${enclave}-workstation-`)).find((d) => d !== domain);
    const without =
        (...gone: readonly string[]) =>
        (s: FixtureResource[]): void => {
            for (const r of s.filter((x) => x.urn.includes(domain.name))) {
                r.dependencies = r.dependencies.filter(
                    (urn) => !gone.some((name) => urn.endsWith(`::${name}`)),
                );
            }
        };
    return [
        ...[
            "clock-offset=181",
            "clock-offset=-181",
            "clock-offset=1.5",
            "clock-offset=",
            "clock-offset=05",
            "clock-offset=5 of alice's laptop",
            "alice's laptop",
            "clock-offset=NaN",
            "",
        ].map((description): Mutant => ({
            title: `${mine}: described as ${JSON.stringify(description)}`,
            rule: "CLOCK-01",
            change: set(at, { description }),
        })),
        {
            title: `${mine}: an offset that was not drawn`,
            rule: "CLOCK-01",
            change: edit(at, (p, r) => {
                p["description"] = "clock-offset=0";
                Reflect.deleteProperty(r.propertyDependencies, "description");
            }),
        },
        {
            title: `${mine}: an unknown description that was not drawn`,
            rule: "CLOCK-01",
            change: edit(at, (p, r) => {
                p["description"] = UNKNOWN;
                Reflect.deleteProperty(r.propertyDependencies, "description");
            }),
        },
        {
            title: `${mine}: a description that another resource feeds, too`,
            rule: "CLOCK-01",
            change: edit(at, (_, r) => {
                r.propertyDependencies["description"]?.push(...(r.propertyDependencies["disks"] ?? []));
            }),
        },
        {
            title: `${mine}: a description out of another step`,
            rule: "CLOCK-01",
            change: edit(at, (_, r) => {
                r.propertyDependencies["description"] = r.dependencies.filter((urn) =>
                    urn.endsWith("-ready"),
                );
            }),
        },
        ...["3601", "0", "x"].map((window): Mutant => ({
            title: `${mine}: a window of ${window}`,
            rule: "CLOCK-01",
            change: (s) => {
                s.filter((r) => r.name === `${domain.name}-clock`).forEach((r) => {
                    r.props["create"] = `bin/sallyport clock-offset --window ${window}`;
                });
            },
        })),
        {
            title: `${mine}: moved to the external network`,
            rule: "NT-07",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        {
            title: `${mine}: proof of it`,
            rule: "PATH-outside",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        {
            title: `${mine}: on the Gateway's wire`,
            rule: "NT-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        ...[external, "default"].map((networkName): Mutant => ({
            title: `${mine}: a second NIC on ${networkName.replace(enclave, "")}`,
            rule: "NT-07",
            change: edit(at, (p) => {
                nics(p).push({ networkName, mac: "52:54:00:00:00:01" });
            }),
        })),
        ...KINDS.map((kind): Mutant => ({
            title: `${mine}: a second NIC on ${kind}`,
            rule: "NT-07",
            change: edit(at, (p) => {
                nics(p).push({ [kind]: "eth0", mac: "52:54:00:00:00:01" });
            }),
        })),
        { title: `${mine}: no NIC`, rule: "NT-07", change: set(at, { networkInterfaces: [] }) },
        {
            title: `${mine}: the Gateway's inner MAC`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:0a" });
            }),
        },
        {
            title: `${mine}: a MAC that follows from nothing`,
            rule: "ID-03",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:11:22:33" });
            }),
        },
        {
            title: `${mine}: the Gateway's stylesheet`,
            rule: "LC-15",
            change: edit(at, (p) => {
                p["xml"] = gateway?.props["xml"];
            }),
        },
        { title: `${mine}: port not isolated`, rule: "NT-18", change: set(at, { xml: undefined }) },
        {
            title: `${mine}: waits for nothing`,
            rule: "LC-01",
            change: (s) => {
                s.filter((r) => r.urn === at || r.urn.includes(`${domain.name}-`)).forEach((r) => {
                    r.dependencies = [];
                });
            },
        },
        {
            title: `${mine}: does not wait until tor is ready`,
            rule: "LC-01",
            change: without(`${enclave}-ready`),
        },
        {
            title: `${mine}: a third disk`,
            rule: "LC-07",
            change: (s) => {
                s.push({
                    urn: `${at}-data`,
                    type: VOLUME,
                    name: `${domain.name}-data`,
                    props: {
                        name: "data.qcow2",
                        pool: enclave,
                        format: "qcow2",
                        xml: ofType(s, VOLUME)[0]?.props["xml"],
                    },
                    dependencies: [],
                    propertyDependencies: {},
                    deleteBeforeReplace: true,
                });
                edit(at, (p, r) => {
                    (p["disks"] as Nic[]).push({ volumeId: `/var/lib/libvirt/images/${enclave}/data.qcow2` });
                    r.propertyDependencies["disks"]?.push(`${at}-data`);
                })(s);
            },
        },
        {
            title: `${mine}: another enclave's label`,
            rule: "NT-17",
            change: (s) => {
                const c = s.find((r) => r.type === "sallyport:index:Workstation" && r.name === domain.name);
                Object.assign(c?.props ?? {}, { enclave: "other" });
            },
        },
        ...(elsewhere === undefined
            ? []
            : [
                  {
                      title: `${mine}: on another enclave's network`,
                      rule: "NT-17",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { networkName: elsewhere.name });
                      }),
                  },
                  {
                      title: `${mine}: behind another enclave's Gateway`,
                      rule: "LC-01",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { networkName: elsewhere.name });
                      }),
                  },
              ]),
        ...(sibling === undefined
            ? []
            : [
                  {
                      title: `${mine}: a sibling's MAC`,
                      rule: "ID-01",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { mac: nics(sibling.props)[0]?.["mac"] });
                      }),
                  },
              ]),
    ];
}

function gateway(domain: FixtureResource): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    return [
        {
            title: `${mine}: a description`,
            rule: "CLOCK-01",
            change: set(at, { description: "clock-offset=5" }),
        },
        {
            title: `${mine}: a description that is not known`,
            rule: "CLOCK-01",
            change: set(at, { description: UNKNOWN }),
        },
        {
            title: `${mine}: one NIC`,
            rule: "NT-09",
            change: edit(at, (p) => {
                nics(p).pop();
            }),
        },
        {
            title: `${mine}: its network without a Gateway`,
            rule: "NT-08",
            change: edit(at, (p) => {
                nics(p).pop();
            }),
        },
        {
            title: `${mine}: two NICs outside`,
            rule: "NT-09",
            change: edit(at, (p) => {
                Object.assign(nics(p)[1] ?? {}, { networkName: nics(p)[0]?.["networkName"] });
            }),
        },
        {
            title: `${mine}: three NICs`,
            rule: "NT-09",
            change: edit(at, (p) => {
                nics(p).push({ networkName: nics(p)[0]?.["networkName"], mac: "52:54:00:00:00:02" });
            }),
        },
        {
            title: `${mine}: both NICs inside`,
            rule: "NT-09",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: nics(p)[1]?.["networkName"] });
            }),
        },
        {
            title: `${mine}: NICs swapped`,
            rule: "ID-02",
            change: edit(at, (p) => {
                const [a, b] = nics(p);
                [Object.assign({}, a), Object.assign({}, b)].forEach((nic, i) =>
                    Object.assign(nics(p)[1 - i] ?? {}, { networkName: nic["networkName"] }),
                );
            }),
        },
        {
            title: `${mine}: an inner MAC of its own`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[1] ?? {}, { mac: "52:54:00:aa:bb:cc" });
            }),
        },
        {
            title: `${mine}: one MAC for both NICs`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: nics(p)[1]?.["mac"] });
            }),
        },
        {
            title: `${mine}: a Workstation's MAC outside`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:fe" });
            }),
        },
        {
            title: `${mine}: the inner MAC outside`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:0a" });
            }),
        },
        {
            title: `${mine}: not declared`,
            rule: "NT-08",
            change: (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === at),
                    1,
                );
            },
        },
    ];
}

/** Sharing: disks, seeds, pools. Volumes are named by path, as after the first update. */
function sharing(stack: readonly FixtureResource[]): Mutant[] {
    const [first, second] = ofType(stack, DOMAIN);
    if (first === undefined || second === undefined) {
        return [];
    }
    if ((first.props["disks"] as Nic[])[0]?.["volumeId"] === UNKNOWN) {
        const feeds = (...urns: readonly (string | undefined)[]) =>
            edit(second.urn, (_, r) => {
                r.propertyDependencies["disks"] = urns.filter((urn) => urn !== undefined);
            });
        const fedBy = (domain: FixtureResource, what: RegExp): string | undefined =>
            domain.propertyDependencies["disks"]?.find((urn) => what.test(urn));
        const [overlay, seed] = [fedBy(first, /-overlay$/), fedBy(first, /-seed$/)];
        const [ownOverlay, ownSeed] = [fedBy(second, /-overlay$/), fedBy(second, /-seed$/)];
        const ownData = fedBy(second, /-(home|state)$/);
        return [
            {
                title: "two domains fed by one overlay",
                rule: "SH-01",
                change: feeds(overlay, ownSeed, ownData),
            },
            { title: "two domains fed by one seed", rule: "CI-12", change: feeds(ownOverlay, seed, ownData) },
            {
                title: "a domain fed by the golden image",
                rule: "SH-01",
                change: feeds(ofType(stack, VOLUME, /-image-volume$/)[0]?.urn, ownSeed, ownData),
            },
            { title: "a disk fed by nothing that is declared", rule: "LC-15", change: feeds() },
        ];
    }
    const disk = (domain: FixtureResource, i: number): unknown =>
        (domain.props["disks"] as Nic[])[i]?.["volumeId"];
    const put = (domain: FixtureResource, i: number, volumeId: unknown) =>
        edit(domain.urn, (p) => {
            Object.assign((p["disks"] as Nic[])[i] ?? {}, { volumeId });
        });
    const overlay = ofType(stack, VOLUME, /-overlay$/)[0];
    return [
        { title: "two domains on one overlay", rule: "SH-01", change: put(second, 0, disk(first, 0)) },
        { title: "two domains on one seed", rule: "CI-12", change: put(second, 1, disk(first, 1)) },
        {
            title: "a domain on the golden image",
            rule: "SH-01",
            change: put(second, 0, overlay?.props["baseVolumeId"]),
        },
        {
            title: "a domain without a seed",
            rule: "DD-19",
            change: edit(first.urn, (p) => {
                (p["disks"] as Nic[]).splice(1, 1);
            }),
        },
        {
            title: "a domain with two seeds",
            rule: "DD-19",
            change: edit(first.urn, (p) => {
                (p["disks"] as Nic[]).push({ volumeId: disk(second, 1) });
            }),
        },
        {
            title: "a disk that was not declared",
            rule: "NT-26",
            change: put(first, 0, "/var/lib/libvirt/images/other.qcow2"),
        },
    ];
}

export const domainMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, DOMAIN).flatMap(sameForAll),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((d) => workstation(d, stack)),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap(gateway),
    ...sharing(stack),
];
