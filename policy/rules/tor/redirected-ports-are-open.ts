import { subjectOf, whenKnown } from "../../check";
import { eachTorrc, listenersOfKind, wrongTorrc } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-07",
    title: "TransPort and DNSPort are open exactly when the firewall redirects to them",
    why: "A redirect to a closed port, or a port that nothing reaches, is a mistake in one of the two.",
    severity: "high",
    fix: "Switch transparentProxy in the enclave's configuration; torrc and firewall follow.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) =>
            whenKnown(`${subjectOf(torrc.domain)} firewall`, torrc.content.ruleset, (ruleset) => {
                const redirected = (ruleset?.tables ?? [])
                    .flatMap((t) => t.chains)
                    .flatMap((c) => c.rules)
                    .flatMap((r) => (r.verdict.do === "redirect" ? [r.verdict.port] : []))
                    .sort();
                const open = listenersOfKind(torrc, "TransPort", "DNSPort")
                    .map((l) => l.port)
                    .sort();
                return redirected.join() === open.join()
                    ? []
                    : [
                          wrongTorrc(
                              torrc,
                              "TransPort DNSPort",
                              `tor opens ${open.join(", ") || "none"}, the firewall redirects to ` +
                                  `${redirected.join(", ") || "none"}`,
                          ),
                      ];
            }),
        ),
};

export default rule;
