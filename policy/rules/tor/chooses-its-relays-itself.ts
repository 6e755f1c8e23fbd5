import { noOption } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-24",
    title: "tor chooses its relays itself",
    why: "A client that uses other relays than everyone is known by them.",
    severity: "medium",
    fix: "Remove the option.",
    scope: "seed",
    check: (model) =>
        noOption(
            model,
            "it makes this client different from others",
            "ExitNodes",
            "EntryNodes",
            "MiddleNodes",
            "ExcludeNodes",
            "ExcludeExitNodes",
            "StrictNodes",
            "GeoIPExcludeUnknown",
            "LongLivedPorts",
            "PathsNeededToBuildCircuits",
        ),
};

export default rule;
