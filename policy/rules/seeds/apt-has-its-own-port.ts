import { INNER_GATEWAY } from "../../../values/addresses";
import { socksPortOf } from "../../../values/ports";
import { subjectOf, violation } from "../../check";
import { eachFile, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "CI-17",
    title: "A Workstation's apt goes through its own SocksPort, and a Gateway has none",
    why: "An update in the clear shows who updates, and what.",
    severity: "high",
    fix: "Leave apt's settings to this project.",
    scope: "seed",
    check: (model) => [
        ...eachPart(
            model,
            "workstation",
            "list of files",
            (content) => content.files,
            (files, domain, _content, at) => {
                const text = files
                    .filter((f) => f.path.startsWith("/etc/apt/"))
                    .map((f) => f.content)
                    .join("\n");
                const proxies = [...text.matchAll(/Acquire::(\w+)::Proxy\s+"([^"]*)"/g)].map(
                    ([, scheme = "", proxy = ""]) => `${scheme} ${proxy}`,
                );
                const wanted = ["http", "https"].map(
                    (scheme) => `${scheme} socks5h://${INNER_GATEWAY}:${socksPortOf("apt")}`,
                );
                return proxies.join() === wanted.join()
                    ? []
                    : [
                          violation(
                              `${subjectOf(domain)} apt`,
                              `apt's proxies are ${proxies.join(", ") || "none"}; ` +
                                  `${wanted.join(", ")} is needed`,
                              at,
                          ),
                      ];
            },
        ),
        ...eachFile(model, "gateway", (file, domain) =>
            file.path.startsWith("/etc/apt/") ? [wrongFile(domain, file, "a Gateway fetches nothing")] : [],
        ),
    ],
};

export default rule;
