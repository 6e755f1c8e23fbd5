/**
 * The stack's configuration as people write it. Pulumi.yaml documents the same keys; a unit test compares the
 * two. Only the shape is decided here; what the values mean together (addresses, names, conflicts) is
 * topology's.
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
import { FOLDER_FORM, isPoolRoot } from "../values/host-paths";
import { CUSTOM_PORTS, HTTP_TUNNEL_PORTS } from "../values/ports";
import { OPEN_ZONES, ZONE_NAME } from "../values/zones";
import { READY_TIMEOUT } from "../values/gate";
import { egressKeys } from "./egress";
import { uriObjection } from "../values/libvirt-uri";
import { clock, timeSources } from "./clock";

const name = z
    .string()
    .regex(
        /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/,
        "1 to 24 characters a-z, 0-9 and -, beginning with a letter, not ending with -",
    );

const interfaceName = z.string().refine(isInterfaceName, { error: BRIDGE_FORM, abort: true });
/** One that libvirt makes. */
const bridge = interfaceName.refine(isOwnBridge, OWN_BRIDGE_FORM);
/** One that the host has. */
const hostBridge = interfaceName.refine(isHostBridge, HOST_BRIDGE_FORM);

const address = z.string().refine(isAddress, "an IPv4 address such as 192.0.2.10");

const mac = z
    .string()
    .regex(
        /^52:54:00(:[0-9a-f]{2}){3}$/,
        "a MAC in lower case under QEMU's prefix, such as 52:54:00:12:34:56",
    );

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
        context.addIssue({
            code: "custom",
            message: "an address with its prefix length, such as 192.0.2.10/24",
        });
    }
});

const oneLine = z.string().regex(/^[\x20-\x7e]{1,400}$/, "one line of 1 to 400 printable ASCII characters");

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

const zone = z
    .string()
    .regex(ZONE_NAME, "a zone's name, 1 to 17 characters A-Z a-z 0-9 _ and -")
    .refine(
        (name) => !OPEN_ZONES.includes(name),
        `a zone that lets guests reach nothing of the host's, such as drop or one of your own; open by design are ${OPEN_ZONES.join(", ")}`,
    );

const natNetwork = z.strictObject({
    mode: z.literal("nat"),
    subnet: subnet.optional(),
    bridge: bridge.optional(),
    mac: mac.optional(),
});

const bridgeNetwork = z.strictObject({
    mode: z.literal("bridge"),
    bridge: hostBridge,
    address: interfaceAddress,
    route: address,
    mac: mac.optional(),
});

const size = {
    memoryMiB: z
        .int("a whole number of MiB")
        .min(192, "at least 192 MiB")
        .max(65536, "at most 65536 MiB")
        .default(256),
    vcpus: z.int("a whole number").min(1, "at least 1").max(64, "at most 64").default(1),
};

/** Some of the ports of a range, each once. */
const ports = (range: readonly number[], what: string): z.ZodArray<z.ZodInt> =>
    z
        .array(
            z
                .int("a port's number")
                .refine((port) => range.includes(port), `${what}; values/ports.ts says how each is isolated`),
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
    name,
    address: address.optional(),
    control: z.boolean().default(false),
    ...size,
});

const enclave = z.strictObject({
    name,
    external: z.discriminatedUnion("mode", [natNetwork, bridgeNetwork]).default({ mode: "nat" }),
    isolated: z.strictObject({ bridge: bridge.optional() }).default({}),
    transparentProxy: z.boolean().default(true),
    ...egressKeys,
    customSocksPorts: ports(
        CUSTOM_PORTS,
        `the SocksPorts ${CUSTOM_PORTS[0]} to ${CUSTOM_PORTS.at(-1)}`,
    ).optional(),
    httpTunnelPorts: ports(
        HTTP_TUNNEL_PORTS.map((p) => p.port),
        `the HTTP tunnel ports ${HTTP_TUNNEL_PORTS[0]?.port} to ${HTTP_TUNNEL_PORTS.at(-1)?.port}`,
    ).default([]),
    clock,
    cpus: cpus.optional(),
    gateway: z
        .strictObject({
            ...size,
            readyTimeoutSeconds: z
                .int("a whole number of seconds")
                .min(READY_TIMEOUT.least, `at least ${READY_TIMEOUT.least}`)
                .max(READY_TIMEOUT.most, `at most ${READY_TIMEOUT.most}`)
                .default(READY_TIMEOUT.default),
        })
        .prefault({}),
    workstations: z
        .array(workstation)
        .max(200, "at most 200 Workstations")
        .prefault([{ name: "ws1" }]),
});

/** All keys under `sallyport:`. */
export const configSchema = z.strictObject({
    uri: libvirtUri.default("qemu:///system"),
    image: z.string().min(1).default(".image/manifest.json"),
    virt: z
        .strictObject({
            type: z.enum(["kvm", "qemu"]).default("kvm"),
            cpuModel: z
                .string()
                .regex(
                    /^[A-Za-z0-9._-]{1,40}$/,
                    "a CPU model's name, such as qemu64 (virsh cpu-models x86_64)",
                )
                .refine((m) => !isHostCpu(m), "a named CPU model; the host's own would show its hardware")
                .default("qemu64"),
        })
        .prefault({}),
    storage: z
        .strictObject({ path: poolRoot.default("/var/lib/libvirt/images"), wipe: z.boolean().default(false) })
        .prefault({}),
    /** Only where firewalld runs: elsewhere libvirt does not start a network that names a zone. */
    firewalldZone: z.strictObject({ isolated: zone.optional(), external: zone.optional() }).default({}),
    /** No authority: the public Tor network. */
    torNetwork: z
        .strictObject({
            dirAuthorities: z.array(oneLine.refine(isTorrcValue, TORRC_VALUE_FORM)).default([]),
            timeSources,
        })
        .prefault({}),
    enclaves: z
        .array(enclave)
        .min(1, "at least one enclave")
        .max(64, "at most 64 enclaves")
        .prefault([{ name: "default" }]),
});

export type SallyportConfig = z.output<typeof configSchema>;
export type EnclaveConfig = SallyportConfig["enclaves"][number];
/** The top level keys, for documentation and for readers that ask Pulumi for each. */
export const CONFIG_KEYS = Object.keys(configSchema.shape) as (keyof SallyportConfig)[];
