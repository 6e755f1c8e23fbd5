import { valueAt } from "../../../model";
import { OPEN_ZONES } from "../../../values/zones";
import { must, subjectOf } from "../../check";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "NT-27",
    title: "No bridge is put in a zone of firewalld that is open by design",
    why: "In such a zone guests reach the host's own services: SSH, DNS, whatever the zone was made for.",
    severity: "medium",
    fix: "Set firewalldZone to drop, or to a zone of your own (provider 0.9: bridge.zone).",
    limits:
        "A zone of your own is taken at its word. Where firewalld runs, a bridge without one is in " +
        "libvirt's zone, which lets DHCP, DNS, TFTP and SSH in. Where it does not run, libvirt " +
        "starts no network with a zone, so none is the default. A Workstation's NIC has a filter " +
        "that lets nothing through to the host (DD-16).",
    scope: "resource",
    check: (model) =>
        model.networks.flatMap((network) =>
            must(
                `${subjectOf(network)} bridge.zone`,
                valueAt(network.xml, "bridge.zone"),
                (zone) => zone === undefined || !OPEN_ZONES.includes(zone),
                `open by design are ${OPEN_ZONES.join(", ")}`,
            ),
        ),
};

export default rule;
