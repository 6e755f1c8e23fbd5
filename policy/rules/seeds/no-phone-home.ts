import { NETWORKD_DROP_IN } from "../../../cloud-init/guest";
import { subjectOf, violation, whenKnown } from "../../check";
import { noKeys } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const OFF = [
    "LLMNR=no",
    "MulticastDNS=no",
    "LLDP=no",
    "EmitLLDP=no",
    "LinkLocalAddressing=no",
    "IPv6AcceptRA=no",
];

const rule: Rule = {
    id: "CI-13",
    title: "No guest phones home, asks for the time or looks for neighbours",
    why: "Such traffic has a known pattern, and goes where no rule looks.",
    severity: "high",
    fix: "Remove the key; leave the drop-ins of systemd-networkd as they are.",
    limits: "Timers and services of the image: `make test-image`.",
    scope: "seed",
    check: (model) => [
        ...noKeys(
            model,
            "it talks by itself",
            "phone_home",
            "ntp",
            "timesyncd",
            "resolv_conf",
            "manage_resolv_conf",
            "landscape",
            "rsyslog",
            "reporting",
            "byobu",
            "keyboard",
            "random_seed",
        ),
        ...eachPart(
            model,
            "all",
            "list of files",
            (content) => content.files,
            (files, domain, content, at) =>
                whenKnown(subjectOf(domain), content.network, (network) =>
                    (network?.nics ?? []).flatMap((nic) => {
                        const dropIn = files.find((file) => file.path === NETWORKD_DROP_IN(nic.name));
                        const missing = OFF.filter((line) => !dropIn?.content.split("\n").includes(line));
                        return missing.length === 0
                            ? []
                            : [
                                  violation(
                                      `${subjectOf(domain)} ${nic.name}`,
                                      `systemd-networkd's drop-in lacks ${missing.join(", ")}`,
                                      at,
                                  ),
                              ];
                    }),
                ),
        ),
    ],
};

export default rule;
