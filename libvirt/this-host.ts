/**
 * A lab host that is this machine: what of it breaks a stack or weakens it, and libvirt does not tell. Of a
 * remote host nothing of this can be asked.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { basename } from "node:path";
import type { StackPlan } from "../plan/plan";
import { overlap, parsePlace, parseSubnet, type Subnet, subnetAround } from "../values/addresses";
import { parseLibvirtUri } from "../values/libvirt-uri";

export interface HostFacts {
    /** IPv4 networks of its NICs: the NIC's name, and address and prefix as 192.0.2.7/24. */
    readonly networks: readonly { readonly nic: string; readonly place: string }[];
    /** Memory that guests could still have, in MiB; absent: not known. */
    readonly availableMiB?: number;
    /** Places that memory is swapped to in plain. */
    readonly plainSwaps: readonly string[];
    /** Whether frames on a bridge go through the host's own rules, and these drop what they do not know. */
    readonly bridgesFiltered: boolean;
}

const read = (path: string): string => {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
};

/** Whether a swap is a device that dm-crypt encrypts, or memory itself. @see /proc/swaps in proc(5) */
function plainSwap(path: string): boolean {
    let device = path;
    try {
        device = realpathSync(path);
    } catch {
        // A file that was deleted while it is in use: in plain.
    }
    const name = basename(device);
    return !name.startsWith("zram") && !read(`/sys/class/block/${name}/dm/uuid`).startsWith("CRYPT-");
}

/** Whether the chain FORWARD drops by default; false where this user may not ask. */
const forwardDrops = (): boolean =>
    /^-P FORWARD DROP$/m.test(spawnSync("iptables", ["-S", "FORWARD"], { encoding: "utf8" }).stdout ?? "");

/** What this machine says of itself. */
export function hostFacts(): HostFacts {
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(read("/proc/meminfo"))?.[1];
    return {
        networks: Object.entries(networkInterfaces()).flatMap(([nic, places = []]) =>
            places.flatMap(({ family, internal, cidr }) =>
                family === "IPv4" && !internal && cidr !== null ? [{ nic, place: cidr }] : [],
            ),
        ),
        ...(available === undefined ? {} : { availableMiB: Math.floor(Number(available) / 1024) }),
        plainSwaps: read("/proc/swaps")
            .split("\n")
            .slice(1)
            .map((line) => line.split(/\s+/)[0] ?? "")
            .filter((path) => path !== "" && plainSwap(path)),
        bridgesFiltered:
            read("/proc/sys/net/bridge/bridge-nf-call-iptables").trim() === "1" && forwardDrops(),
    };
}

function overlaps(subnet: Subnet, { place }: HostFacts["networks"][number]): boolean {
    const at = parsePlace(place);
    return at !== undefined && overlap(subnet, subnetAround(at.address, at.prefix));
}

/** External networks of ours that a network of the host's overlaps: libvirt would not start them. */
function clashes({ enclaves }: Pick<StackPlan, "enclaves">, { networks }: HostFacts): string[] {
    return enclaves.flatMap(({ name, external }, n) => {
        if (external.mode !== "nat") {
            return [];
        }
        const ours = parseSubnet(external.subnet);
        const others = networks.filter(({ nic }) => nic !== external.bridge);
        const clash = others.find((other) => overlaps(ours, other));
        const free = Array.from({ length: 100 }, (_, k) => parseSubnet(`10.${140 + k}.7.0/24`)).find(
            (subnet) => !others.some((other) => overlaps(subnet, other)),
        );
        return clash === undefined
            ? []
            : [
                  `enclave ${name}: its external network ${ours.cidr} overlaps ${clash.place} of this host's ${clash.nic}, ` +
                      "so libvirt would not start it; " +
                      `fix: bin/pulumi config set --path 'sallyport:enclaves[${n}].external.subnet' ${free?.cidr ?? "SUBNET"}`,
              ];
    });
}

/**
 * What is to be told before anything is declared, a line each. Pure.
 * @param running domains that run: they have their memory
 */
export function hostWarnings(
    plan: Pick<StackPlan, "enclaves">,
    facts: HostFacts,
    running: ReadonlySet<string>,
): string[] {
    const wanted = plan.enclaves
        .flatMap(({ gateway, workstations }) => [gateway, ...workstations])
        .filter(({ domain }) => !running.has(domain))
        .reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
    const { availableMiB, plainSwaps, bridgesFiltered } = facts;
    return [
        ...clashes(plan, facts),
        ...(availableMiB !== undefined && availableMiB < wanted
            ? [
                  `this host has ${availableMiB} MiB of memory available, and guests that do not run have ${wanted} MiB; ` +
                      "fix: end something else before they start, or make them smaller (memoryMiB)",
              ]
            : []),
        ...plainSwaps.map(
            (path) =>
                `this host may swap guests' memory to ${path} in plain, where it stays; ` +
                `fix, as root: swapoff ${path}, or encrypt it (swap with a random key in crypttab(5))`,
        ),
        ...(bridgesFiltered
            ? [
                  "this host's own rules drop frames between guests (br_netfilter, policy DROP of FORWARD, as Docker sets it), " +
                      "so a Workstation would not reach its Gateway; " +
                      "fix, as root: sysctl -w net.bridge.bridge-nf-call-iptables=0, and the same in /etc/sysctl.d",
              ]
            : []),
    ];
}

/** Whether a URI leads to libvirt's own socket on this machine; a forwarded socket is another host's. */
export function isThisHost(uri: string): boolean {
    const { transport, parameters } = parseLibvirtUri(uri);
    return transport === "unix" && parameters["socket"] === undefined;
}
