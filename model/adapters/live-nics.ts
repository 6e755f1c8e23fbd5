/** The bridge that each NIC's tap is on, by the XML of the guest that runs and by its networks'. */
import { element, opaque, type Node } from "..";
import { own } from "../../util/own";
import { isRunning, textAt, type Taps } from "./live-host";

export interface Wires {
    /** Every network of that host by name. */
    readonly networks: ReadonlyMap<string, Node>;
    /** Names of those that are started. */
    readonly active: ReadonlySet<string>;
    readonly taps: Taps;
}

/** Modes in which libvirt puts a tap on the network's own bridge (formatnetwork, "Connectivity"). */
const ON_ITS_BRIDGE: readonly (string | undefined)[] = [undefined, "nat", "route", "open"];

const as = (nic: Node, type: string, bridge?: string): Node => ({
    ...nic,
    children: nic.children.map((child) => {
        if (child.name === "type") {
            return element("type", child.at, [], type);
        }
        if (child.name !== "source" || bridge === undefined) {
            return child;
        }
        const others = child.children.filter((part) => part.name !== "bridge");
        return { ...child, children: [...others, element("bridge", child.at, [], bridge)] };
    }),
});

/** A NIC that leads to an undecided place. */
const hiddenNic = (nic: Node, why: string): Node => ({
    ...nic,
    children: nic.children.map((child) =>
        child.name === "type" ? { ...child, value: opaque(nic.at, why) } : child,
    ),
});

/** libvirt's own network mode as it shows it: no forward is isolated, a forward without a mode is nat. */
const modeOf = (network: Node): string | undefined =>
    network.children.some((child) => child.name === "forward")
        ? (textAt(network, "forward.mode") ?? "nat")
        : undefined;

/**
 * A NIC that names a network is that network's only when its tap is on the network's bridge. libvirt shows as
 * `bridge` where the tap was plugged in (formatdomain, "Virtual network"); that is another than the network's
 * when the network was made anew, or its definition changed, while the guest ran.
 */
function runningNic(nic: Node, { networks, active, taps }: Wires): Node {
    const name = textAt(nic, "source.network");
    const type = textAt(nic, "type");
    if (name === undefined || (type !== "network" && type !== "bridge")) {
        return nic;
    }
    const network = networks.get(name);
    const bridge = textAt(nic, "source.bridge");
    const its = network === undefined ? undefined : textAt(network, "bridge.name");
    const mode = network === undefined ? undefined : modeOf(network);
    const shown = type === "bridge" ? mode === "bridge" : ON_ITS_BRIDGE.includes(mode);
    if (network === undefined || !active.has(name)) {
        return bridge === undefined
            ? hiddenNic(
                  nic,
                  `network ${name} is not started, so which bridge the NIC is on cannot be decided`,
              )
            : as(nic, "bridge");
    }
    if (bridge === undefined || its === undefined || !shown) {
        return bridge === undefined
            ? hiddenNic(nic, `libvirt does not say which bridge the NIC of network ${name} is on`)
            : as(nic, "bridge");
    }
    const asLibvirtSays = bridge === its ? as(nic, "network") : as(nic, "bridge");
    return taps.from === "kernel" ? byKernel(nic, bridge, taps.bridges, asLibvirtSays) : asLibvirtSays;
}

/** What libvirt says of a NIC, where the kernel says the same. */
function byKernel(
    nic: Node,
    bridge: string,
    bridges: Readonly<Record<string, string>>,
    asLibvirtSays: Node,
): Node {
    const tap = textAt(nic, "target.dev") ?? "";
    const kernel = own(bridges, tap);
    if (kernel === undefined) {
        return hiddenNic(
            nic,
            `libvirt says that tap "${tap}" is on ${bridge}, the kernel has no such device`,
        );
    }
    if (kernel === "") {
        return hiddenNic(nic, `the kernel says that ${tap} is on no bridge, libvirt that it is on ${bridge}`);
    }
    return kernel === bridge ? asLibvirtSays : as(nic, "bridge", kernel);
}

/** One that does not run says what it will be; with a bridge beside its network it says two things. */
const definedNic = (nic: Node): Node =>
    textAt(nic, "type") === "network" && textAt(nic, "source.bridge") !== undefined ? as(nic, "bridge") : nic;

/** The domain with each NIC where its tap is: a network, or the bridge that it is on in truth. */
export function resolveNics(domain: Node, wires: Wires): Node {
    const resolvedNic = isRunning(domain) ? (nic: Node) => runningNic(nic, wires) : definedNic;
    const resolved = (child: Node): Node => (child.name === "interface" ? resolvedNic(child) : child);
    return {
        ...domain,
        children: domain.children.map((child) =>
            child.name === "devices" ? { ...child, children: child.children.map(resolved) } : child,
        ),
    };
}
