import { holds, nicsOf, possible, type Attachment } from "../../../model";
import { must, partsOf, subjectOf } from "../../check";
import type { Rule } from "../../rule";
import { eachEnclave } from "../../select";

const HOST_MODES = ["bridge", "private", "vepa", "passthrough", "hostdev"];

const rule: Rule = {
    id: "NT-06",
    title: "An isolated network is not tied to a bridge or a NIC of the host",
    why: "A bridge that something else uses as well leads wherever that leads.",
    severity: "critical",
    fix: "Give the isolated network a bridge of its own and no forward mode.",
    check: (model) => {
        const hostBridges = new Set([
            ...model.networks.flatMap((n) =>
                holds(n.forward, (mode) => mode === "bridge") === "no" ? [] : (possible(n.bridge) ?? []),
            ),
            ...model.domains
                .flatMap(nicsOf)
                .flatMap((nic) =>
                    (possible<Attachment>(nic.attachment) ?? []).flatMap((a) =>
                        a.to === "host-bridge" ? [a.bridge] : [],
                    ),
                ),
        ]);
        return eachEnclave(model, ({ network }) => [
            ...must(
                `${subjectOf(network)} forward`,
                network.forward,
                (mode) => !HOST_MODES.includes(mode),
                "a mode that uses a device of the host is not allowed",
                partsOf(network.xml, "forward"),
            ),
            ...must(
                `${subjectOf(network)} bridge`,
                network.bridge,
                (bridge) => bridge === undefined || !hostBridges.has(bridge),
                "something else is on this bridge",
            ),
        ]);
    },
};

export default rule;
