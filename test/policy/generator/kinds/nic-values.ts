/** Sources and settings that no NIC of a guest may have, in the words of each provider. */
import { type Props } from "../production";
import type { Random } from "../random";
import { unheardOf, anything } from "../targets";

/**
 * Sources of a NIC by libvirt's formatdomain, "Network interfaces"; each leads past every network that is
 * declared.
 */
export const SOURCES_09: readonly ((r: Random) => Props)[] = [
    (r) => ({ user: r.chance(0.5) ? {} : { dev: r.word() } }),
    (r) => ({ direct: { dev: r.word(), mode: r.pick(["bridge", "vepa", "private", "passthrough"]) } }),
    (r) => ({ bridge: { bridge: r.word() } }),
    (r) => ({ ethernet: { dev: r.word() } }),
    (r) => ({
        hostdev: { pci: { address: { domain: 0, bus: r.int(0, 9), slot: r.int(0, 9), function: 0 } } },
    }),
    (r) => ({ vdpa: { dev: `/dev/vhost-vdpa-${r.int(0, 9)}` } }),
    (r) => ({ vhostUser: { dev: r.word(), chardev: { source: { unix: { path: r.path() } } } } }),
    (r) => ({ mcast: { address: `230.0.0.${r.int(1, 250)}`, port: r.int(1, 65535) } }),
    (r) => ({ udp: { address: r.ipv4(), port: r.int(1, 65535) } }),
    (r) => ({ server: { address: r.ipv4(), port: r.int(1, 65535) } }),
    (r) => ({ client: { address: r.ipv4(), port: r.int(1, 65535) } }),
    (r) => ({ internal: { name: r.word() } }),
    (r) => ({ vds: { switchId: r.uuid(), portgroupId: r.word(), portId: r.int(1, 9) } }),
    (r) => ({
        network: { network: "default" },
        [r.pick(["bridge", "user", "direct"])]: { dev: r.word(), bridge: r.word() },
    }),
    (r) => ({ [unheardOf(r)]: anything(r) }),
];

export const KINDS_08 = ["bridge", "vepa", "private", "macvtap", "passthrough"];

export const parts09: readonly (readonly [string, string, (r: Random) => Props])[] = [
    [
        "a switch port",
        "formatdomain: <virtualport>",
        (r) => ({
            virtualPort: {
                params: { [r.pick(["openVSwitch", "midoNet", "vepa8021Qbg", "vnTag8021Qbh"])]: {} },
            },
        }),
    ],
    [
        "a VLAN",
        "formatdomain: <vlan>",
        (r) => ({ vlan: { tags: Array.from({ length: r.int(1, 3) }, () => ({ id: r.int(1, 4094) })) } }),
    ],
    [
        "ports that are forwarded",
        "formatdomain: <portForward>",
        (r) => ({ portForwards: [{ proto: r.pick(["tcp", "udp"]), ranges: [{ start: r.int(1, 65535) }] }] }),
    ],
    [
        "a backend",
        "formatdomain: <backend>",
        (r) => ({ backend: { type: r.pick(["passt", "default"]), logFile: r.path(), tap: r.path() } }),
    ],
    [
        "a script",
        "formatdomain: <script>",
        (r) => ({ [r.pick(["script", "downScript"])]: { path: r.path() } }),
    ],
    [
        "addresses of the host's side",
        "formatdomain: <ip> of ethernet",
        (r) => ({ ips: [{ address: r.ipv4(), prefix: 24 }] }),
    ],
    ["a route", "formatdomain: <route>", (r) => ({ routes: [{ address: r.ipv4(), gateway: r.ipv4() }] })],
    ["receive filters that the guest sets", "NT-20", () => ({ trustGuestRxFilters: "yes" })],
    [
        "teaming",
        "formatdomain: <teaming>",
        (r) => ({ teaming: { type: r.pick(["persistent", "transient"]), persistent: r.word() } }),
    ],
    ["a boot order", "DD-18", (r) => ({ boot: { order: r.int(1, 9) } })],
    [
        "a boot ROM",
        "ID-13",
        (r) => ({ rom: r.pick([{ enabled: "yes" }, { file: r.path() }, { bar: "on" }]) }),
    ],
    [
        "a card of another model",
        "DD-15",
        (r) => ({
            model: {
                type: r.pick(["e1000", "e1000e", "rtl8139", "pcnet", "ne2k_pci", "virtio-net", r.word()]),
            },
        }),
    ],
    [
        "something unknown",
        "what libvirt learns tomorrow is on no list",
        (r) => ({ [unheardOf(r)]: anything(r) }),
    ],
];
