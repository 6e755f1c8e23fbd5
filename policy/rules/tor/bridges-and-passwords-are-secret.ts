import { subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "TR-15",
    title: "Bridges and passwords in a torrc are Pulumi secrets",
    why: "A bridge's line in plain state tells everyone who reads it how this Gateway hides.",
    severity: "high",
    fix: "Pass them as secrets, so that the seed's userData is one.",
    scope: "seed",
    check: (model) =>
        eachPart(
            model,
            "gateway",
            "torrc",
            (content) => content.torrc,
            (lines, domain, content, at) => {
                const secret = lines.filter((line) =>
                    /^(Bridge|Socks5ProxyPassword|HTTPSProxyAuthenticator|HiddenServiceAuthorizeClient)$/i.test(
                        line.option,
                    ),
                );
                const seed = model.seeds.find((s) => s.content === content);
                return secret.length === 0 || seed?.resource.secretInputs.includes("userData") === true
                    ? []
                    : [
                          violation(
                              `${subjectOf(domain)} torrc`,
                              `${[...new Set(secret.map((l) => l.option))].join(", ")} in ` +
                                  "userData, which is not declared secret",
                              at,
                          ),
                      ];
            },
        ),
};

export default rule;
