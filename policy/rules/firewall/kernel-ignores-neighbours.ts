import { subjectOf, violation } from "../../check";
import type { Rule } from "../../rule";
import { eachPart } from "../../select";

const NEEDED: Readonly<Record<string, string>> = {
    "net.ipv4.conf.*.accept_redirects": "0",
    "net.ipv4.conf.*.secure_redirects": "0",
    "net.ipv4.conf.*.send_redirects": "0",
    "net.ipv4.conf.*.accept_source_route": "0",
    "net.ipv4.conf.*.rp_filter": "1",
    "net.ipv4.conf.*.arp_ignore": "2",
    "net.ipv4.conf.*.arp_filter": "1",
    "net.ipv4.conf.*.drop_gratuitous_arp": "1",
    "net.ipv4.conf.*.route_localnet": "0",
    "net.ipv4.conf.*.proxy_arp": "0",
    "net.ipv4.tcp_timestamps": "0",
    "net.ipv6.conf.*.accept_redirects": "0",
    "net.ipv6.conf.*.accept_source_route": "0",
};

const rule: Rule = {
    id: "FW-21",
    title: "The kernel ignores what neighbours say about routes and addresses",
    why:
        "Redirects, gratuitous ARP and source routes are how one guest bends another's traffic; " +
        "timestamps tell the uptime.",
    severity: "high",
    fix: "Set the listed sysctls for every interface.",
    scope: "seed",
    check: (model) =>
        eachPart(
            model,
            "all",
            "list of sysctls",
            (content) => content.sysctls,
            (sysctls, domain, _content, at) => [
                ...Object.entries(NEEDED)
                    .filter(([key, value]) => sysctls[key] !== value)
                    .map(([key, value]) =>
                        violation(
                            `${subjectOf(domain)} ${key}`,
                            `${key} is ${sysctls[key] ?? "not set"}; ${value} is needed`,
                            at,
                        ),
                    ),
                // A line for one interface would undo the one for all.
                ...Object.keys(sysctls)
                    .filter((key) => /^net\.ipv[46]\.conf\.(?!\*\.)/.test(key))
                    .map((key) =>
                        violation(`${subjectOf(domain)} ${key}`, `${key} sets one interface apart`, at),
                    ),
            ],
        ),
};

export default rule;
