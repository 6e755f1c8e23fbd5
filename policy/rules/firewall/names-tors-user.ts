import { TOR_USER } from "../../../cloud-init/guest";
import { eachFirewall, wrongFirewall } from "../../helpers/firewall";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "FW-06",
    title: "The firewall names tor's user as the image has it",
    why: "A rule for a user that does not exist lets no one out or, loaded by number, another user.",
    severity: "high",
    fix: "Use debian-tor in firewall and torrc.",
    scope: "seed",
    check: (model) =>
        eachFirewall(model, "gateway", (firewall) => {
            const users = firewall.ruleset.tables
                .flatMap((t) => t.chains)
                .flatMap((c) => c.rules)
                .flatMap((r) => r.matches)
                .flatMap((m) => (m.on === "skuid" ? [m.user] : []));
            return users.length > 0 && users.every((user) => user === TOR_USER)
                ? []
                : [
                      wrongFirewall(
                          firewall,
                          "users",
                          `users named are ${users.join(", ") || "none"}; ${TOR_USER} is needed`,
                      ),
                  ];
        }),
};

export default rule;
