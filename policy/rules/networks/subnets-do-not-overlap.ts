import { RESERVED_SUBNETS, overlap, parseSubnet, toNumber } from "../../../values/addresses";
import { subjectOf, violation, whenKnown } from "../../check";
import type { Rule } from "../../rule";

/** The subnet around an address with its length. */
function around(cidr: string): string {
    const [address = "", prefix = "32"] = cidr.split("/");
    const size = 2 ** (32 - Number(prefix));
    const first = Math.floor(toNumber(address) / size) * size;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
}

const clashes = (a: string, b: string): boolean => overlap(parseSubnet(around(a)), parseSubnet(around(b)));

const rule: Rule = {
    id: "NT-14",
    title: "No subnet overlaps another that a Gateway has to tell apart",
    why: "With one address on two sides, a packet can leave by the wrong one.",
    severity: "high",
    fix: "Choose another subnet for the external network.",
    limits: "The LANs that the host itself is in are not seen.",
    check: (model) => {
        const seen: { host: string; who: string; cidr: string }[] = [];
        return model.networks.flatMap((network) =>
            whenKnown(subjectOf(network), network.addresses, (addresses) =>
                addresses
                    .filter((a) => a.family === "ipv4")
                    .flatMap(({ cidr }) => {
                        const reserved = RESERVED_SUBNETS.find((range) => clashes(cidr, range.cidr));
                        const other = seen.find((s) => s.host === network.host && clashes(s.cidr, cidr));
                        seen.push({ host: network.host, who: subjectOf(network), cidr });
                        const clash =
                            (reserved === undefined ? undefined : `${reserved.owner}, ${reserved.cidr}`) ??
                            (other === undefined ? undefined : `${other.who}, ${other.cidr}`);
                        return clash === undefined
                            ? []
                            : [
                                  violation(
                                      subjectOf(network),
                                      `${cidr} overlaps ${clash}`,
                                      network.addresses.at,
                                  ),
                              ];
                    }),
            ),
        );
    },
};

export default rule;
