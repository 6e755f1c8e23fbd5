import { HOST_NAME } from "../../../cloud-init/guest";
import { subjectOf, violation } from "../../check";
import { eachSettings } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const rule: Rule = {
    id: "ID-10",
    title: "Every guest has the same host name",
    why: "Programs put the host name into messages, requests and files.",
    severity: "high",
    fix: "Leave the host name to this project's seeds.",
    scope: "seed",
    check: (model) => [
        ...eachPart(
            model,
            "all",
            "meta-data host name",
            (content) => content.localHostname,
            (name, domain, _content, at) =>
                name === HOST_NAME
                    ? []
                    : [
                          violation(
                              subjectOf(domain),
                              `local-hostname is "${name}"; "${HOST_NAME}" is needed`,
                              at,
                          ),
                      ],
        ),
        ...eachSettings(model, "all", (settings, domain, at) =>
            ["hostname", "fqdn"].flatMap((key) =>
                settings[key] === undefined || settings[key] === HOST_NAME
                    ? []
                    : [
                          violation(
                              `${subjectOf(domain)} ${key}`,
                              `user-data has ${key} ${JSON.stringify(settings[key])}`,
                              at,
                          ),
                      ],
            ),
        ),
    ],
};

export default rule;
