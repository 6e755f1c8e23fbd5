import { INNER_GATEWAY, INNER_PREFIX, innerMac, innerMacs } from "../../../values/addresses";
import { must, nicSubject, subjectOf, violation } from "../../check";
import { eachNetworkConfig } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachNic, onIsolated } from "../../select";

const ADDRESS = `${INNER_GATEWAY}/${INNER_PREFIX}`;

const rule: Rule = {
    id: "ID-02",
    title:
        "A Gateway's inner MAC and address are the same for everyone, and its outer MAC is no one's " +
        "inside",
    why: "Workstations see the inner MAC: one of its own would tell enclaves apart.",
    severity: "high",
    fix: "Take the inner MAC from the topology's table and another one outside.",
    check: (model) => [
        ...eachNic(model, "gateway", (domain, nic) =>
            onIsolated(model, nic) === "yes"
                ? must(
                      nicSubject(domain, nic),
                      nic.mac,
                      (mac) => mac === innerMac(INNER_GATEWAY),
                      `inside it has to be ${innerMac(INNER_GATEWAY)}`,
                  )
                : must(
                      nicSubject(domain, nic),
                      nic.mac,
                      (mac) => !innerMacs().has(mac ?? ""),
                      "outside it may be no other's inner one",
                  ),
        ),
        // The MAC shows three of an address's four octets.
        ...eachNetworkConfig(model, "gateway", (configured, domain, at) =>
            configured
                .filter((nic) => nic.mac === innerMac(INNER_GATEWAY) && nic.addresses.join() !== ADDRESS)
                .map((nic) =>
                    violation(
                        `${subjectOf(domain)} ${nic.name}`,
                        `${nic.name} has the addresses ${nic.addresses.join(", ") || "none"}; ` +
                            `${ADDRESS} is needed`,
                        at,
                    ),
                ),
        ),
    ],
};

export default rule;
