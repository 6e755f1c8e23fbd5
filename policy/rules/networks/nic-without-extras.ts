import { holds, valueAt, type Node } from "../../../model";
import { mustBeAbsent, mustHaveOnly, nicSubject, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachNic } from "../../select";

/**
 * Boot, receive filters and the like are other rules'; what stands here says nothing about where packets go,
 * or is judged.
 */
const NIC = [
    "type",
    "mac",
    "source",
    "model",
    "rom",
    "port",
    "mtu",
    "link",
    "bandwidth",
    "filterref",
    "target",
    "alias",
    "address",
    "acpi",
    "boot",
    "trustGuestRxFilters",
];
const SOURCE = ["network", "portid", "bridge"];
/** Beside a network's name the bridge that the NIC is on is libvirt's to say, of a host that is read. */
const isTold = (nic: Node): boolean =>
    holds(valueAt(nic, "source.network"), (name) => name !== undefined) !== "no";

const rule: Rule = {
    id: "NT-25",
    title:
        "No NIC forwards ports, carries VLANs, sits on a virtual switch port or in a port group, or " +
        "has a backend or script of its own",
    why:
        "Each is a path that no other rule follows, and a network's default port group does it to " +
        "every NIC.",
    severity: "high",
    fix:
        "Remove portForward, vlan, virtualport, backend, script and ip of the NIC, and portGroups, " +
        "vlan and virtualPort of the network.",
    scope: "resource",
    check: (model) => [
        ...eachNic(model, "all", (domain, nic) => [
            ...mustHaveOnly(nicSubject(domain, nic), nic.xml, ...NIC),
            ...nic.xml.children
                .filter((child) => child.name === "source" && child.value.kind === "known")
                .flatMap((source) => mustHaveOnly(`${nicSubject(domain, nic)} source`, source, ...SOURCE)),
            ...(model.source === "live" || !isTold(nic.xml)
                ? []
                : mustBeAbsent(nicSubject(domain, nic), nic.xml, "source.bridge", "source.portid")),
            // The tap's name; managed="no" is a device that is not libvirt's.
            ...nic.xml.children
                .filter((child) => child.name === "target" && child.value.kind === "known")
                .flatMap((target) => mustHaveOnly(`${nicSubject(domain, nic)} target`, target, "dev")),
        ]),
        ...model.networks.flatMap((network) =>
            mustBeAbsent(subjectOf(network), network.xml, "portgroup", "vlan", "virtualport"),
        ),
    ],
};

export default rule;
