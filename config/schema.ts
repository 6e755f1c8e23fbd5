/**
 * The stack's configuration as people write it: shape, defaults, and what is said of each key (`meta`) in
 * docs/configuration.md, its JSON Schema and Pulumi.yaml. What values mean together (addresses, names,
 * conflicts) is decided in plan/.
 *
 * Keys of `meta`: `description`, `examples`, `unit`, `allowed` where the type does not say it, `defaults` where
 * the default is no fixed value, and `secret`.
 */
import { z } from "zod";
import { TORRC_VALUE_FORM, isTorrcValue } from "../values/torrc-value";
import { isAddress, parseSubnet } from "../values/addresses";
import { parseCpuset } from "../values/cpuset";
import {
    BRIDGE_FORM,
    HOST_BRIDGE_FORM,
    OWN_BRIDGE_FORM,
    isHostBridge,
    isInterfaceName,
    isOwnBridge,
} from "../values/bridges";
import { isHostCpu } from "../values/cpu-model";
import { KEPT_FORM, isKeptFolder } from "../values/disk-files";
import { GUEST_FORM, isGuestName } from "../values/guest-name";
import { FOLDER_FORM, isPoolRoot } from "../values/host-paths";
import { CUSTOM_PORTS, HTTP_TUNNEL_PORTS } from "../values/ports";
import { OPEN_ZONES, ZONE_NAME } from "../values/zones";
import { NO_IMAGE } from "../values/image";
import { READY_TIMEOUT } from "../values/gate";
import { egressKeys } from "./egress";
import { uriObjection } from "../values/libvirt-uri";
import { clock, timeSources } from "./clock";

/** Form of the names of enclaves and Workstations. */
export const NAME_FORM = "1 to 24 characters a-z, 0-9 and -, beginning with a letter, not ending with -";
export const name = z.string().regex(/^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/, NAME_FORM);

const interfaceName = z.string().refine(isInterfaceName, { error: BRIDGE_FORM, abort: true });
/** One that libvirt makes. */
const bridge = interfaceName.refine(isOwnBridge, OWN_BRIDGE_FORM);
/** One that the host has. */
const hostBridge = interfaceName.refine(isHostBridge, HOST_BRIDGE_FORM);

const ADDRESS_FORM = "an IPv4 address such as 192.0.2.10";
const address = z.string().refine(isAddress, ADDRESS_FORM);

const MAC_FORM = "a MAC in lower case under QEMU's prefix, such as 52:54:00:12:34:56";
const mac = z
    .string()
    .regex(/^52:54:00(:[0-9a-f]{2}){3}$/, MAC_FORM)
    .optional()
    .meta({
        description: "MAC of the Gateway's NIC on the external network.",
        allowed: MAC_FORM,
        defaults: "derived from the names of project, stack and enclave",
        examples: ["52:54:00:12:34:56"],
    });

const tryOr = (parse: () => unknown): string | undefined => {
    try {
        parse();
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
};

const subnet = z.string().superRefine((text, context) => {
    const message = tryOr(() => parseSubnet(text));
    if (message !== undefined) {
        context.addIssue({ code: "custom", message: `an IPv4 subnet such as 10.140.7.0/24 (${message})` });
    } else if (parseSubnet(text).prefix < 16 || parseSubnet(text).prefix > 30) {
        context.addIssue({ code: "custom", message: "an IPv4 subnet between /16 and /30" });
    }
});

const INTERFACE_ADDRESS_FORM = "an address with its prefix length, such as 192.0.2.10/24";
const interfaceAddress = z.string().superRefine((text, context) => {
    const [host, prefix, ...rest] = text.split("/");
    const length = Number(prefix);
    if (
        host === undefined ||
        rest.length > 0 ||
        !isAddress(host) ||
        !/^\d+$/.test(prefix ?? "") ||
        length < 8 ||
        length > 30
    ) {
        context.addIssue({ code: "custom", message: INTERFACE_ADDRESS_FORM });
    }
});

const ONE_LINE_FORM = "one line of 1 to 400 printable ASCII characters";
const oneLine = z.string().regex(/^[\x20-\x7e]{1,400}$/, ONE_LINE_FORM);

const libvirtUri = z.string().superRefine((text, context) => {
    const message = uriObjection(text);
    if (message !== undefined) {
        context.addIssue({ code: "custom", message });
    }
});

const poolRoot = z.string().refine(isPoolRoot, FOLDER_FORM);

const cpus = z.string().superRefine((text, context) => {
    const message = tryOr(() => parseCpuset(text));
    if (message !== undefined) {
        context.addIssue({
            code: "custom",
            message: `processors of the lab host as libvirt writes them, such as 2-5,8 (${message})`,
        });
    }
});

const ZONE_FORM = `a zone that lets guests reach nothing of the host's, such as drop or one of your own; open by design are ${OPEN_ZONES.join(", ")}`;
const zone = z
    .string()
    .regex(ZONE_NAME, "a zone's name, 1 to 17 characters A-Z a-z 0-9 _ and -")
    .refine((name) => !OPEN_ZONES.includes(name), ZONE_FORM)
    .optional();

const firewalldZone = z.strictObject({
    isolated: zone.meta({
        description: "Zone for the bridges of isolated networks.",
        allowed: ZONE_FORM,
        defaults: "libvirt's own zone",
        examples: ["drop"],
    }),
    external: zone.meta({
        description: "Zone for the bridges of NAT networks. It has to forward.",
        allowed: ZONE_FORM,
        defaults: "libvirt's own zone",
        examples: ["lab"],
    }),
});

const natNetwork = z
    .strictObject({
        mode: z.literal("nat"),
        subnet: subnet
            .optional()
            .meta({
                description: "Subnet of the NAT network.",
                allowed: "an IPv4 subnet between /16 and /30",
                defaults: "derived from the names of project, stack and enclave",
                examples: ["10.140.7.0/24"],
            }),
        bridge: bridge
            .optional()
            .meta({
                description: "Name of the bridge that libvirt makes for the NAT network.",
                allowed: `${BRIDGE_FORM}, ${OWN_BRIDGE_FORM}`,
                defaults: "derived from the names of project, stack and enclave",
                examples: ["lab-nat"],
            }),
        mac,
    })
    .meta({ description: "a NAT network of libvirt's, made for this enclave alone" });

const bridgeNetwork = z
    .strictObject({
        mode: z.literal("bridge"),
        bridge: hostBridge.meta({
            description: "The host's bridge that the Gateway is put on.",
            allowed: HOST_BRIDGE_FORM,
            examples: ["br0"],
        }),
        address: interfaceAddress.meta({
            description: "Address of the Gateway in the bridge's LAN.",
            allowed: INTERFACE_ADDRESS_FORM,
            examples: ["192.0.2.10/24"],
        }),
        route: address.meta({
            description: "The LAN's router, to which the Gateway sends everything.",
            allowed: ADDRESS_FORM,
            examples: ["192.0.2.1"],
        }),
        mac,
    })
    .meta({ description: "a bridge that the host has" });

const memoryMiB = z
    .int("a whole number of MiB")
    .min(192, "at least 192 MiB")
    .max(65536, "at most 65536 MiB")
    .default(256)
    .meta({ description: "Memory of the guest.", unit: "MiB", examples: [512] });
const vcpus = z
    .int("a whole number")
    .min(1, "at least 1")
    .max(64, "at most 64")
    .default(1)
    .meta({ description: "Virtual processors of the guest.", examples: [2] });

const sizeGiB = (standard: number, description: string, example: number): z.ZodDefault<z.ZodInt> =>
    z
        .int("a whole number of GiB")
        .min(standard === 4 ? 4 : 1, `at least ${standard === 4 ? 4 : 1} GiB`)
        .max(16384, "at most 16384 GiB")
        .default(standard)
        .meta({ description, unit: "GiB", examples: [example] });

const root = z
    .strictObject({
        sizeGiB: sizeGiB(
            4,
            "Size of the guest's root disk. It takes room as it is written, and is made anew with each new seed or image.",
            12,
        ),
    })
    .prefault({})
    .meta({ description: "The guest's disposable root disk.", examples: [{ sizeGiB: 12 }] });

/** Each once, and none in another: both would be the same files. */
const keptPaths = z
    .array(z.string().refine(isKeptFolder, KEPT_FORM))
    .max(32, "at most 32 folders")
    .superRefine((list, context) =>
        list.forEach((path, i) => {
            const other = list.find(
                (o, j) => j < i && (`${path}/`.startsWith(`${o}/`) || `${o}/`.startsWith(`${path}/`)),
            );
            if (other !== undefined) {
                context.addIssue({
                    code: "custom",
                    path: [i],
                    message: `no folder in another; ${other} is there already`,
                });
            }
        }),
    );

const home = z
    .union(
        [
            z.literal(false),
            z.strictObject({
                sizeGiB: sizeGiB(
                    8,
                    "Size of the home volume when it is made. Later: `bin/sallyport resize`. It takes room as it is written.",
                    20,
                ),
                paths: keptPaths
                    .default([])
                    .meta({
                        description: "Folders that are kept on the home volume as well.",
                        allowed: `${KEPT_FORM}; at most 32, none in another`,
                        examples: [["/srv/work"]],
                    }),
            }),
        ],
        "`false`, or the keys sizeGiB and paths",
    )
    .prefault({})
    .meta({
        description:
            "The volume for /home, which outlives its guest: new seeds, images and root sizes leave it as it is. `false`: nothing of the Workstation is kept.",
        allowed: "`false`, or the keys below",
        examples: [{ sizeGiB: 20 }],
    });

/** Some of the ports of a range, each once. */
const ports = (range: readonly number[], what: string): z.ZodArray<z.ZodInt> =>
    z
        .array(
            z
                .int("a port's number")
                .refine((port) => range.includes(port), `${what}; docs/ports.md says how each is isolated`)
                .meta({ minimum: range[0], maximum: range.at(-1) }),
        )
        .superRefine((list, context) =>
            list.forEach((port, i) => {
                if (list.indexOf(port) < i) {
                    context.addIssue({
                        code: "custom",
                        path: [i],
                        message: `each port once; ${port} is there already`,
                    });
                }
            }),
        );

const workstation = z.strictObject({
    name: name.meta({
        description: "Name of the Workstation, seen on the host only. Another name is another Workstation.",
        allowed: NAME_FORM,
        examples: ["irc"],
    }),
    address: address
        .optional()
        .meta({
            description:
                "Address of the Workstation on the isolated network. It stays when others come or go; `bin/sallyport workstation add` writes it down.",
            allowed: "an IPv4 address from 10.152.152.11 up",
            defaults: "10.152.152.11 for a Workstation that is alone; needed as soon as there are several",
            examples: ["10.152.152.20"],
        }),
    control: z
        .boolean()
        .default(false)
        .meta({
            description:
                "Whether the Workstation may use the Gateway's filtered control port: new circuits, and what Tor Browser shows of them.",
            examples: [true],
        }),
    home,
    root,
    memoryMiB,
    vcpus,
});

const CUSTOM_FORM = `the SocksPorts ${CUSTOM_PORTS[0]} to ${CUSTOM_PORTS.at(-1)}`;
const HTTP_TUNNEL_FORM = `the HTTP tunnel ports ${HTTP_TUNNEL_PORTS[0]?.port} to ${HTTP_TUNNEL_PORTS.at(-1)?.port}`;

const enclave = z.strictObject({
    name: name.meta({
        description:
            "Name of the enclave. Guests, networks, pools and MACs hang on it: another name is another enclave.",
        allowed: NAME_FORM,
        examples: ["research"],
    }),
    external: z
        .discriminatedUnion("mode", [natNetwork, bridgeNetwork])
        .default({ mode: "nat" })
        .meta({
            description: "The network of the Gateway's outer NIC.",
            examples: [{ mode: "bridge", bridge: "br0", address: "192.0.2.10/24", route: "192.0.2.1" }],
        }),
    isolated: z
        .strictObject({
            bridge: bridge
                .optional()
                .meta({
                    description: "Name of the isolated network's bridge.",
                    allowed: `${BRIDGE_FORM}, ${OWN_BRIDGE_FORM}`,
                    defaults: "derived from the names of project, stack and enclave",
                    examples: ["lab-inner"],
                }),
        })
        .default({})
        .meta({
            description: "The network of Gateway and Workstations.",
            examples: [{ bridge: "lab-inner" }],
        }),
    transparentProxy: z
        .boolean()
        .default(true)
        .meta({
            description:
                "Whether TCP and DNS that go to no SocksPort are carried over Tor as well. If false, SocksPorts only.",
            examples: [false],
        }),
    ...egressKeys,
    customSocksPorts: ports(CUSTOM_PORTS, CUSTOM_FORM)
        .optional()
        .meta({
            description: "Which SocksPorts for other programs are open.",
            allowed: `${CUSTOM_FORM}, each once; docs/ports.md says how each is isolated`,
            defaults: "all",
            examples: [[9152, 9160]],
        }),
    httpTunnelPorts: ports(
        HTTP_TUNNEL_PORTS.map((p) => p.port),
        HTTP_TUNNEL_FORM,
    )
        .default([])
        .meta({
            description: "Which ports for programs that speak HTTP CONNECT and no SOCKS are open.",
            allowed: `${HTTP_TUNNEL_FORM}, each once; docs/ports.md says how each is isolated`,
            examples: [[9190]],
        }),
    clock,
    cpus: cpus
        .optional()
        .meta({
            description: "Processors of the lab host for this enclave alone.",
            allowed: "processors as libvirt writes them, such as 2-5,8; no other enclave's",
            defaults: "any",
            examples: ["2-5,8"],
        }),
    gateway: z
        .strictObject({
            memoryMiB,
            vcpus,
            root,
            state: z
                .strictObject({
                    sizeMiB: z
                        .int("a whole number of MiB")
                        .min(64, "at least 64 MiB")
                        .max(65536, "at most 65536 MiB")
                        .default(256)
                        .meta({
                            description:
                                "Size of the state volume when it is made. Later: `bin/sallyport resize`.",
                            unit: "MiB",
                            examples: [512],
                        }),
                })
                .prefault({})
                .meta({
                    description:
                        "The volume for tor's data: entry guards, keys, consensus. It outlives its guest.",
                    examples: [{ sizeMiB: 512 }],
                }),
            readyTimeoutSeconds: z
                .int("a whole number of seconds")
                .min(READY_TIMEOUT.least, `at least ${READY_TIMEOUT.least}`)
                .max(READY_TIMEOUT.most, `at most ${READY_TIMEOUT.most}`)
                .default(READY_TIMEOUT.default)
                .meta({
                    description: "How long Workstations wait for their Gateway's tor.",
                    unit: "seconds",
                    examples: [600],
                }),
        })
        .prefault({})
        .meta({ description: "The guest that runs tor.", examples: [{ memoryMiB: 512 }] }),
    workstations: z
        .array(workstation)
        .max(200, "at most 200 Workstations")
        .prefault([{ name: "ws1" }])
        .meta({
            description: "Guests that can reach their Gateway and nothing else.",
            examples: [[{ name: "irc" }, { name: "browser", control: true }]],
        }),
});

const MODEL_FORM = "a CPU model's name, such as qemu64 (virsh cpu-models x86_64)";
const OWN_MODEL_FORM = "a named CPU model; the host's own would show its hardware";

/** All keys under `sallyport:`. */
export const configSchema = z.strictObject({
    uri: libvirtUri
        .default("qemu:///system")
        .meta({
            description:
                "The lab host, as a connection URI of libvirt. A stack stays on the host that it was made on; to move it, destroy it there first.",
            allowed:
                "qemu:///system or qemu+ssh://user@host/system; docs/remote-hosts.md says what ssh needs",
            examples: ["qemu+ssh://root@lab.example/system"],
        }),
    image: z
        .string()
        .min(1)
        .default(NO_IMAGE)
        .meta({
            description:
                "The golden image that guests stand on: `bin/sallyport image use` sets it. It stays until another one is set.",
            allowed: "the SHA-256 of an image, or the path of a manifest, relative to the program's folder",
            examples: ["0f343b0931126a20f133d67c2b018a3b5f6c4ff01c9f6e2a7c1d1f3a0b6f2c55"],
        }),
    virt: z
        .strictObject({
            type: z
                .enum(["kvm", "qemu"])
                .default("kvm")
                .meta({
                    description: "How guests run: by the processor (kvm), or emulated (qemu), which is slow.",
                    examples: ["qemu"],
                }),
            cpuModel: z
                .string()
                .regex(/^[A-Za-z0-9._-]{1,40}$/, MODEL_FORM)
                .refine((m) => !isHostCpu(m), OWN_MODEL_FORM)
                .default("qemu64")
                .meta({
                    description:
                        "CPU model that guests see. The same for everyone, so that guests look alike.",
                    allowed: `${MODEL_FORM}; not the host's own, which would show its hardware`,
                    examples: ["Nehalem"],
                }),
        })
        .prefault({})
        .meta({ description: "How the host runs guests.", examples: [{ type: "qemu" }] }),
    storage: z
        .strictObject({
            path: poolRoot
                .default("/var/lib/libvirt/images")
                .meta({
                    description: "Folder on the lab host under which each enclave's pools are made.",
                    allowed: FOLDER_FORM,
                    examples: ["/srv/sallyport"],
                }),
            wipe: z
                .boolean()
                .default(false)
                .meta({
                    description: "Whether guests' disks and seeds are overwritten before they are removed.",
                    examples: [true],
                }),
        })
        .prefault({})
        .meta({
            description: "Where guests' disks are, and how they are removed.",
            examples: [{ wipe: true }],
        }),
    allowDataLoss: z
        .array(z.string().refine(isGuestName, GUEST_FORM))
        .max(20000, "at most 20000 guests")
        .default([])
        .meta({
            description:
                "Guests whose kept data may go: a Workstation's home, a Gateway's tor state. Without it no update or destroy removes such a volume.",
            allowed: `a list of names, each ${GUEST_FORM}`,
            examples: [["default/ws1"]],
        }),
    firewalldZone: firewalldZone
        .default({})
        .meta({
            description:
                "Zones of firewalld for the bridges that libvirt makes. In libvirt's own zone guests reach DHCP, DNS and SSH of the host. Only where firewalld runs: elsewhere libvirt does not start the networks.",
            examples: [{ isolated: "drop", external: "lab" }],
        }),
    torNetwork: z
        .strictObject({
            dirAuthorities: z
                .array(oneLine.refine(isTorrcValue, TORRC_VALUE_FORM))
                .default([])
                .meta({
                    description:
                        "Lines after DirAuthority (tor(1)) of a private Tor network, for labs. None: the public network.",
                    allowed: `${ONE_LINE_FORM} each; ${TORRC_VALUE_FORM}`,
                    examples: [
                        [
                            "auth1 orport=5000 no-v2 v3ident=9E0D3D0B5CF1E1B83FBA5C7E8C9CE1A8A2D35C11 203.0.113.11:7000 1111222233334444555566667777888899990000",
                        ],
                    ],
                }),
            timeSources,
        })
        .prefault({})
        .meta({
            description: "The Tor network that Gateways are clients of.",
            examples: [{ dirAuthorities: [] }],
        }),
    enclaves: z
        .array(enclave)
        .min(1, "at least one enclave")
        .max(64, "at most 64 enclaves")
        .prefault([{ name: "default" }])
        .meta({
            description:
                "Enclaves of the stack. Each is one identity: an isolated network, a Gateway and its Workstations.",
            examples: [[{ name: "research", workstations: [{ name: "irc" }] }, { name: "press" }]],
        }),
});

export type SallyportConfig = z.output<typeof configSchema>;
export type EnclaveConfig = SallyportConfig["enclaves"][number];
/** The top level keys, for documentation and for readers that ask Pulumi for each. */
export const CONFIG_KEYS = Object.keys(configSchema.shape) as (keyof SallyportConfig)[];
