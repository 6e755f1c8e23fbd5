/** What the provider reads back of resources, and values that differ from what was declared. */
import { refreshedInputs } from "../forms";
import { type Props, type State } from "../production";
import type { Random } from "../random";
import { unheardOf, anything } from "../targets";

export const of = (states: State[], type: string, name = /./): State[] =>
    states.filter(
        (s) =>
            s.type === `libvirt:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}` &&
            name.test(s.urn),
    );

/** Outputs as a refresh would leave them; then inputs follow, as far as the bridge carries them over. */
export function reads(state: State, change: (outputs: Props) => void, carried: boolean): void {
    change(state.outputs);
    if (carried) {
        state.inputs = refreshedInputs(state.inputs, state.outputs);
    }
}

/** Values of the network's that 0.8.3 sets from libvirt's XML (resource_libvirt_network.go, Read). */
export const NETWORK_08: readonly ((r: Random) => Props)[] = [
    (r) => ({
        mode: r.pick(["nat", "route", "open", "bridge", "private", "vepa", "passthrough", "hostdev"]),
    }),
    (r) => ({ addresses: [`${r.ipv4()}/24`] }),
    (r) => ({ addresses: [`fd00:${r.hex(4)}::/64`] }),
    () => ({ dhcp: { enabled: true } }),
    (r) => ({
        dns: {
            enabled: true,
            forwarders: [{ address: r.ipv4(), domain: "" }],
            hosts: [],
            localOnly: false,
            srvs: [],
        },
    }),
    (r) => ({
        dns: {
            enabled: false,
            forwarders: [],
            hosts: [{ hostname: r.word(), ip: r.ipv4() }],
            localOnly: false,
            srvs: [],
        },
    }),
    (r) => ({ routes: [{ cidr: `${r.ipv4()}/32`, gateway: r.ipv4() }] }),
    (r) => ({ domain: r.word() }),
    (r) => ({ bridge: r.word() }),
    (r) => ({ mode: "nat", addresses: ["10.152.152.0/24"], dhcp: { enabled: true }, bridge: r.word() }),
    (r) => ({ mode: "bridge", bridge: `br${r.int(0, 9)}` }),
];

export const NETWORK_09: readonly ((r: Random) => Props)[] = [
    (r) => ({ forward: { mode: r.pick(["nat", "route", "open", "bridge", "hostdev"]) } }),
    (r) => ({ ips: [{ address: r.ipv4(), prefix: 24 }] }),
    (r) => ({ dns: { enable: "yes", forwarders: [{ addr: r.ipv4() }] } }),
    (r) => ({ routes: [{ address: r.ipv4(), gateway: r.ipv4() }] }),
    (r) => ({ domain: { name: r.word() } }),
    (r) => ({ bridge: { name: r.word(), stp: "on" } }),
    () => ({ ipv6: "yes" }),
    (r) => ({ portGroups: [{ name: r.word(), default: "yes" }] }),
    (r) => ({ [unheardOf(r)]: anything(r) }),
];

const NIC = {
    addresses: [],
    bridge: "",
    hostname: "",
    macvtap: "",
    networkId: "",
    networkName: "",
    passthrough: "",
    private: "",
    vepa: "",
    waitForLease: false,
};

const where = (r: Random): Props =>
    r.pick<Props>([
        { networkName: "default", networkId: r.uuid() },
        { bridge: r.word() },
        { macvtap: r.word() },
        { vepa: r.word() },
        { private: r.word() },
        { passthrough: r.word() },
        {},
        { networkName: "sallyport-test-default-external", networkId: r.uuid() },
    ]);

/** A NIC of type user, hostdev, … : Read knows no source for it, and leaves all empty. */
export const nic08 = (r: Random): Props => ({ ...NIC, ...where(r), mac: r.mac().toUpperCase() });

export const nic09 = (r: Random): Props => ({
    mac: { address: r.mac() },
    model: { type: "virtio" },
    source: r.pick<Props>([
        { network: { network: "default" } },
        { bridge: { bridge: r.word() } },
        { direct: { dev: r.word(), mode: "bridge" } },
        { user: {} },
        { hostdev: {} },
    ]),
});

export const nicsOf = (outputs: Props): Props[] =>
    (outputs["networkInterfaces"] ?? (outputs["devices"] as Props)["interfaces"]) as Props[];

export const disksOf = (outputs: Props): Props[] =>
    (outputs["disks"] ?? (outputs["devices"] as Props)["disks"]) as Props[];

export const is08 = (state: State): boolean => state.outputs["networkInterfaces"] !== undefined;

export const carry = (r: Random): boolean => r.chance(0.7);

/** A leaf of what was read, which an input declares as well, to another value. */
export function leaf(r: Random, inputs: Props, outputs: Props, skip: readonly string[]): void {
    const places: (() => void)[] = [];
    const walk = (wished: unknown, read: unknown): void => {
        if (typeof wished !== "object" || wished === null || typeof read !== "object" || read === null) {
            return;
        }
        for (const [key, value] of Object.entries(wished)) {
            const held = (read as Props)[key];
            if (skip.includes(key) || held === undefined) {
                continue;
            }
            if (typeof held === "object") {
                walk(value, held);
            } else {
                places.push(() => {
                    if (typeof held === "number") {
                        (read as Props)[key] = held + r.int(1, 99);
                    } else {
                        (read as Props)[key] = typeof held === "boolean" ? !held : `${r.word(3, 9)}x`;
                    }
                });
            }
        }
    };
    walk(inputs, outputs);
    r.pick(places)();
}

/** Not read back, or what the provider and the host may well say otherwise. */
export const OWN_WORDS = [
    "xml",
    "running",
    "machine",
    "id",
    "uuid",
    "mac",
    "memory",
    "vcpu",
    "memoryUnit",
    "consoles",
    "cpu",
    "type",
    "dhcp",
    "dns",
    "source",
    "create",
    "path",
    "autostart",
    "format",
    "description",
    "check",
    "match",
];
