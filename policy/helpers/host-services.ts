/** What the host itself may serve on a network of this project's: nothing. */
import type { Network } from "../../model";
import { must, mustBeAbsent, partsOf, subjectOf } from "../check";
import type { Finding } from "../rule";

/** DHCP, the resolver and TFTP of the host are off, and so is what they would serve. */
export const servesNothing = (network: Network): readonly Finding[] => [
    ...must(
        `${subjectOf(network)} dhcp`,
        network.dhcp,
        (on) => !on,
        "DHCP may not be on",
        partsOf(network.xml, "ip"),
    ),
    ...must(`${subjectOf(network)} dns`, network.dns, (on) => !on, "the host's resolver may not be on"),
    ...mustBeAbsent(
        subjectOf(network),
        network.xml,
        "dns.forwarder",
        "dns.host",
        "dns.srv",
        "dns.txt",
        "ip.tftp",
    ),
];
