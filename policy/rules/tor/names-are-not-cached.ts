import { eachTorrc, linesOf, listenersOf, optionMustBe, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const CACHES = ["CacheIPv4DNS", "CacheIPv6DNS", "CacheDNS", "UseIPv4Cache", "UseIPv6Cache", "UseDNSCache"];

const rule: Rule = {
    id: "TR-18",
    title: "Names are not cached across circuits, and unsafe names not resolved",
    why: "A cache shared by clients tells one what another has asked.",
    severity: "high",
    fix: "Remove the option.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...linesOf(
                torrc,
                "AllowNonRFC953Hostnames",
                "TransProxyType",
                "WarnUnsafeSocks",
                "TestSocks",
            ).map((line) => wrongLine(torrc, line, "leave it to tor")),
            ...listenersOf(torrc)
                .filter((l) =>
                    l.flags.some(
                        (flag) =>
                            CACHES.some((cache) => cache.toLowerCase() === flag.toLowerCase()) ||
                            /^(noonion|onion)trafficonly$|^noonion/i.test(flag),
                    ),
                )
                .map((l) => wrongLine(torrc, l.line, "no flag for caches or kinds of traffic is allowed")),
            ...optionMustBe(torrc, "ClientRejectInternalAddresses", "1", undefined),
            ...optionMustBe(torrc, "ClientDNSRejectInternalAddresses", "1", undefined),
        ]),
};

export default rule;
