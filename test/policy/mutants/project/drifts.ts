/** What a provider may read back that differs from what was declared, by the kind of resource. */

export type Props = Record<string, unknown>;

export type Drift = readonly [
    title: string,
    change: (outputs: Props) => void,
    own?: (outputs: Props) => unknown,
];

const first = (outputs: Props, key: string): Props => (outputs[key] as Props[])[0] ?? {};

export const more =
    (key: string, item: Props) =>
    (outputs: Props): void => {
        outputs[key] = [...((outputs[key] as Props[] | undefined) ?? []), item];
    };

const NIC = {
    addresses: [],
    bridge: "",
    hostname: "",
    mac: "52:54:00:00:00:09",
    macvtap: "",
    networkId: "",
    networkName: "",
    passthrough: "",
    private: "",
    vepa: "",
    waitForLease: false,
};

export const DOMAINS_08: readonly Drift[] = [
    ["a NIC more, on a bridge", more("networkInterfaces", { ...NIC, bridge: "br0" })],
    [
        "a NIC more, on a network",
        more("networkInterfaces", { ...NIC, networkName: "default", networkId: "1" }),
    ],
    ["a NIC more, on a card", more("networkInterfaces", { ...NIC, macvtap: "eth0" })],
    [
        "a NIC less",
        (o) => {
            o["networkInterfaces"] = [];
        },
    ],
    [
        "its NIC on another network",
        (o) => {
            first(o, "networkInterfaces")["networkName"] = "default";
        },
    ],
    [
        "its NIC on a network of another id",
        (o) => {
            first(o, "networkInterfaces")["networkId"] = "11111111-1111-4111-8111-111111111111";
        },
    ],
    [
        "its NIC on a bridge",
        (o) => {
            Object.assign(first(o, "networkInterfaces"), { networkName: "", networkId: "", bridge: "br9" });
        },
    ],
    [
        "its NIC beside a bridge",
        (o) => {
            first(o, "networkInterfaces")["bridge"] = "br9";
        },
    ],
    [
        "a lease of its NIC",
        (o) => {
            first(o, "networkInterfaces")["addresses"] = ["192.168.122.5"];
        },
    ],
    [
        "another MAC",
        (o) => {
            first(o, "networkInterfaces")["mac"] = "52:54:00:00:00:09";
        },
    ],
    ["a disk more", more("disks", { volumeId: "/var/lib/libvirt/images/default/other.qcow2" })],
    [
        "another disk",
        (o) => {
            first(o, "disks")["volumeId"] = "/var/lib/libvirt/images/default/other.qcow2";
        },
    ],
    [
        "a file beside its disk",
        (o) => {
            first(o, "disks")["file"] = "/tmp/x";
        },
    ],
    [
        "a shared folder",
        more("filesystems", { accessmode: "mapped", source: "/", target: "x", readonly: false }),
    ],
    ["a screen", more("graphics", { type: "vnc", listenType: "address", listenAddress: "0.0.0.0" })],
    [
        "another console",
        (o) => {
            Object.assign(first(o, "consoles"), { type: "tcp", sourceHost: "0.0.0.0" });
        },
    ],
    ["a console more", more("consoles", { type: "pty", targetPort: "1", targetType: "virtio" })],
    [
        "another emulator",
        (o) => {
            o["emulator"] = "/opt/qemu";
        },
    ],
    [
        "a kernel of its own",
        (o) => {
            o["kernel"] = "/boot/vmlinuz";
        },
    ],
    [
        "a command line",
        (o) => {
            o["cmdlines"] = [{ init: "/bin/sh" }];
        },
    ],
    [
        "firmware",
        (o) => {
            o["firmware"] = "/tmp/x.fd";
        },
    ],
    [
        "an agent",
        (o) => {
            o["qemuAgent"] = true;
        },
    ],
    [
        "autostart",
        (o) => {
            o["autostart"] = true;
        },
    ],
    [
        "another CPU",
        (o) => {
            o["cpu"] = { mode: "host-passthrough" };
        },
    ],
    [
        "other memory",
        (o) => {
            o["memory"] = 8192;
        },
    ],
    [
        "another description",
        (o) => {
            o["description"] = "clock-offset=99999";
        },
    ],
    [
        "another machine",
        (o) => {
            o["machine"] = "pc-i440fx-7.2";
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["hostdevs"] = [{ pci: "0000:01:00.0" }];
        },
    ],
    [
        "a value that is not known",
        (o) => {
            o["networkInterfaces"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        },
    ],
    [
        "its id",
        (o) => {
            o["name"] = "another";
        },
    ],
];

export const NETWORKS_08: readonly Drift[] = [
    [
        "NAT",
        (o) => {
            o["mode"] = o["mode"] === "nat" ? "route" : "nat";
        },
    ],
    [
        "an open network",
        (o) => {
            o["mode"] = "open";
        },
    ],
    [
        "another bridge",
        (o) => {
            o["bridge"] = "br9";
        },
    ],
    [
        "an address more",
        (o) => {
            o["addresses"] = [...((o["addresses"] as string[] | undefined) ?? []), "10.152.152.0/24"];
        },
    ],
    [
        "DHCP",
        (o) => {
            o["dhcp"] = { enabled: true };
        },
    ],
    [
        "a resolver",
        (o) => {
            o["dns"] = { enabled: true };
        },
    ],
    [
        "a resolver that forwards",
        (o) => {
            o["dns"] = { enabled: false, forwarders: [{ address: "9.9.9.9" }] };
        },
    ],
    [
        "a host's name",
        (o) => {
            o["dns"] = { enabled: false, hosts: [{ hostname: "x", ip: "10.0.0.1" }] };
        },
    ],
    [
        "a route",
        (o) => {
            o["routes"] = [{ cidr: "10.9.0.0/16", gateway: "10.152.152.10" }];
        },
    ],
    [
        "a domain",
        (o) => {
            o["domain"] = "home.lan";
        },
    ],
    [
        "an MTU",
        (o) => {
            o["mtu"] = 1400;
        },
    ],
    [
        "autostart",
        (o) => {
            o["autostart"] = true;
        },
    ],
    [
        "another id",
        (o) => {
            o["networkId"] = "11111111-1111-4111-8111-111111111111";
        },
    ],
];

type Devices = Record<"disks" | "interfaces", Props[]> & Props;

const devices = (o: Props): Devices => o["devices"] as Devices;

export const DOMAINS_09: readonly Drift[] = [
    [
        "a NIC more",
        (o) => {
            devices(o).interfaces.push({ source: { bridge: { bridge: "br0" } } });
        },
    ],
    [
        "a NIC less",
        (o) => {
            devices(o).interfaces.pop();
        },
    ],
    [
        "its NIC on another network",
        (o) => {
            (devices(o).interfaces[0] ?? {})["source"] = { network: { network: "default" } };
        },
    ],
    [
        "its NIC on a bridge",
        (o) => {
            (devices(o).interfaces[0] ?? {})["source"] = { bridge: { bridge: "br0" } };
        },
    ],
    [
        "a disk more",
        (o) => {
            devices(o).disks.push({ source: { file: { file: "/tmp/x" } } });
        },
    ],
    [
        "a disk that may be written",
        (o) => {
            (devices(o).disks[1] ?? {})["readOnly"] = false;
        },
    ],
    [
        "a shared folder",
        (o) => {
            devices(o)["filesystems"] = [{ source: { mount: { dir: "/" } } }];
        },
    ],
    [
        "a device of the host's",
        (o) => {
            devices(o)["hostdevs"] = [{ subsysPci: {} }];
        },
    ],
    [
        "a screen",
        (o) => {
            devices(o)["graphics"] = [{ vnc: { listen: "0.0.0.0" } }];
        },
    ],
    [
        "another machine",
        (o) => {
            (o["os"] as Props)["typeMachine"] = "pc-i440fx-7.2";
        },
    ],
    [
        "QEMU's command line",
        (o) => {
            o["qemuCommandline"] = { args: [{ value: "-netdev" }] };
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["launchSecurity"] = {};
            o["whatever"] = { x: 1 };
        },
    ],
];

export const NETWORKS_09: readonly Drift[] = [
    [
        "NAT",
        (o) => {
            o["forward"] = { mode: "route" };
        },
    ],
    [
        "another bridge",
        (o) => {
            o["bridge"] = { ...(o["bridge"] as Props), name: "br9" };
        },
    ],
    [
        "an address more",
        (o) => {
            o["ips"] = [
                ...((o["ips"] as Props[] | undefined) ?? []),
                { address: "10.152.152.1", prefix: 24 },
            ];
        },
    ],
    [
        "a resolver",
        (o) => {
            o["dns"] = { enable: "yes" };
        },
    ],
    [
        "a port group",
        (o) => {
            o["portGroups"] = [{ name: "x" }];
        },
    ],
];

export const VOLUMES: readonly Drift[] = [
    [
        "another format",
        (o) => {
            const other = JSON.stringify(o["format"] ?? o["target"]).includes("raw") ? "qcow2" : "raw";
            if (o["format"] === undefined) {
                o["target"] = { format: { type: other } };
            } else {
                o["format"] = other;
            }
        },
    ],
    [
        "another pool",
        (o) => {
            o["pool"] = "default";
        },
    ],
    [
        "another name",
        (o) => {
            o["name"] = "other.qcow2";
        },
    ],
    [
        "a property that is not known",
        (o) => {
            o["encryption"] = { format: "luks" };
        },
    ],
];

export const POOLS: readonly Drift[] = [
    [
        "another folder",
        (o) => {
            o["target"] = { path: "/srv/other" };
        },
    ],
    [
        "another type",
        (o) => {
            o["type"] = "netfs";
        },
    ],
    [
        "a source",
        (o) => {
            o["source"] = { name: "vg" };
        },
    ],
];

export const SEEDS: readonly Drift[] = [
    [
        "other user-data",
        (o) => {
            o["userData"] = "#cloud-config\n{}";
        },
    ],
    [
        "another network-config",
        (o) => {
            o["networkConfig"] = "version: 2";
        },
    ],
    [
        "other meta-data",
        (o) => {
            o["metaData"] = "instance-id: x";
        },
    ],
    [
        "another name",
        (o) => {
            o["name"] = "other.iso";
        },
    ],
];

/** Read back and declared at once, as the bridge's refresh leaves them where inputs have the property. */
export const BOTH: readonly [string, Props][] = [
    ["NAT", { mode: "nat", addresses: ["10.152.152.0/24"] }],
    ["DHCP", { dhcp: { enabled: true } }],
    ["a bridge of the host's", { mode: "bridge", bridge: "br0" }],
    ["a resolver", { dns: { enabled: true } }],
    ["a route", { routes: [{ cidr: "10.9.0.0/16", gateway: "10.0.0.1" }] }],
    ["an MTU", { mtu: 1400 }],
    ["a domain", { domain: "x" }],
];

export const BOTH_DOMAIN: readonly [string, Props][] = [
    ["a shared folder", { filesystems: [{ source: "/", target: "x" }] }],
    ["a screen", { graphics: { type: "vnc" } }],
    ["another emulator", { emulator: "/opt/qemu" }],
    ["another CPU", { cpu: { mode: "host-passthrough" } }],
    ["a TPM", { tpm: { backendType: "passthrough" } }],
    ["a kernel", { kernel: "/boot/x" }],
];
