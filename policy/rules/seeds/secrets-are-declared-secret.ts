import { subjectOf, whenKnown } from "../../check";
import { wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachDomain, eachSeed } from "../../select";

const SECRET =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----|^\s*(PrivateKey|PresharedKey)\s*=|^\s*(Socks5ProxyUsername|Socks5ProxyPassword|HTTPSProxyAuthenticator|Bridge)\s/im;

const rule: Rule = {
    id: "CI-10",
    title: "Secrets in seeds are declared secret",
    why: "Plain inputs are in the state, in previews and in logs.",
    severity: "high",
    fix: "Wrap userData in pulumi.secret.",
    scope: "seed",
    check: (model) =>
        eachDomain(model, "all", (domain) =>
            eachSeed(domain, (content, seed) =>
                whenKnown(subjectOf(domain), content.files, (files) =>
                    seed.resource.secretInputs.includes("userData")
                        ? []
                        : files
                              .filter((file) => SECRET.test(file.content))
                              .map((file) =>
                                  wrongFile(
                                      domain,
                                      file,
                                      "it holds a secret, and userData is not declared secret",
                                  ),
                              ),
                ),
            ),
        ),
};

export default rule;
