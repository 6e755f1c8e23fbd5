import { URI_EXAMPLES, uriObjection } from "../../../values/libvirt-uri";
import { possible } from "../../../model";
import { must } from "../../check";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "HS-08",
    title: "The lab host is reached over a local socket or SSH with a checked host key",
    why:
        "libvirt's own TCP and TLS ports are open to all that reach them; behind an unchecked key is " +
        "any machine.",
    severity: "critical",
    fix: `Use ${URI_EXAMPLES}, with no parameters but those that sallyport:uri may have.`,
    limits: "How the host's own sockets and displays are set up is the host's.",
    scope: "resource",
    check: (model) =>
        model.hosts.flatMap((host) =>
            must(
                host.key,
                host.uri,
                (uri) => uriObjection(uri) === undefined,
                "allowed: " +
                    `${(possible(host.uri) ?? []).map(uriObjection).find((why) => why !== undefined) ?? URI_EXAMPLES}`,
            ),
        ),
};

export default rule;
