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
import { isHostCpu } from "../values/cpu-model";
import { GUEST_FORM, isGuestName } from "../values/guest-name";
import { FOLDER_FORM } from "../values/host-paths";
import { NO_IMAGE } from "../values/image";
import { timeSources } from "./clock";
import { libvirtUri, poolRoot, oneLine, ONE_LINE_FORM } from "./forms";
import { firewalldZone } from "./networks";
import { enclave } from "./enclave";

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
