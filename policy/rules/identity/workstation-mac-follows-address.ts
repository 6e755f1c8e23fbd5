import {
    INNER_PREFIX,
    INNER_SUBNET,
    contains,
    innerMac,
    parsePlace,
    parseSubnet,
} from "../../../values/addresses";
import { nicsOf } from "../../../model";
import { must, nicSubject } from "../../check";
import { addressOf, eachNetworkConfig } from "../../helpers/seed";
import type { Rule } from "../../rule";

const INNER = parseSubnet(INNER_SUBNET);
/** All four octets count: the MAC shows three of them alone. */
function isInner(cidr: string): boolean {
    const place = parsePlace(cidr);
    return place !== undefined && place.prefix === INNER_PREFIX && contains(INNER, place.address);
}

const rule: Rule = {
    id: "ID-03",
    title: "A Workstation's MAC follows from its inner address alone",
    why: "Derived from a stack, a host or a user it would name them to whatever runs inside.",
    severity: "high",
    fix: "Take MAC and address from the topology's table.",
    check: (model) =>
        eachNetworkConfig(model, "workstation", (configured, domain) =>
            nicsOf(domain).flatMap((nic) =>
                must(
                    nicSubject(domain, nic),
                    nic.mac,
                    (mac) =>
                        configured.some(
                            (c) =>
                                c.mac === mac &&
                                c.addresses.length > 0 &&
                                c.addresses.every((a) => isInner(a) && innerMac(addressOf(a)) === mac),
                        ),
                    `it has to be 52:54:00 and the last three octets of its one address, in ${INNER_SUBNET}`,
                ),
            ),
        ),
};

export default rule;
