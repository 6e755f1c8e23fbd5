import { TOR_USER } from "../../../cloud-init/guest";
import { expectedTorrc } from "../../helpers/guest";
import { eachTorrc, keyOf, optionMustBe, wrongLine, wrongTorrc, type Torrc } from "../../helpers/torrc";
import type { Finding, Rule } from "../../rule";
import type { Model } from "../../../model";

const KNOWN = new Set(
    [
        "AutomapHostsOnResolve",
        "AvoidDiskWrites",
        "Bridge",
        "ClientDNSRejectInternalAddresses",
        "ClientOnly",
        "ClientRejectInternalAddresses",
        "ClientTransportPlugin",
        "ClientUseIPv4",
        "ClientUseIPv6",
        "ControlSocket",
        "CookieAuthFile",
        "CookieAuthFileGroupReadable",
        "CookieAuthentication",
        "DNSPort",
        "DataDirectory",
        "DirAuthority",
        "DormantCanceledByStartup",
        "DormantTimeoutEnabled",
        "HTTPSProxy",
        "HTTPSProxyAuthenticator",
        "HTTPTunnelPort",
        "HiddenServiceDir",
        "HiddenServicePort",
        "Log",
        "OutboundBindAddress",
        "PidFile",
        "ReachableAddresses",
        "SafeLogging",
        "Socks5Proxy",
        "Socks5ProxyPassword",
        "Socks5ProxyUsername",
        "SocksPolicy",
        "SocksPort",
        "TestingTorNetwork",
        "TransPort",
        "UseBridges",
        "UseEntryGuards",
        "User",
        "VirtualAddrNetworkIPv4",
    ].map((option) => option.toLowerCase()),
);

/** What is there beside the lines that this project renders for this egress, or is missing from them. */
function differences(model: Model, torrc: Torrc): Finding[] {
    const wanted = expectedTorrc(model, torrc.domain)?.map((line) => `${line.option} ${line.value}`);
    if (wanted === undefined) {
        return [
            wrongTorrc(
                torrc,
                "lines",
                "the Gateway's two NICs, one seed and its network-config are needed to say which " +
                    "lines it should have",
            ),
        ];
    }
    const left = [...wanted];
    const more = torrc.lines.filter((line) => {
        const at = left.indexOf(`${line.option} ${line.value}`);
        left.splice(at, at === -1 ? 0 : 1);
        return at === -1;
    });
    const shuffled =
        more.length + left.length === 0 &&
        torrc.lines.some((line, i) => `${line.option} ${line.value}` !== wanted[i]);
    return [
        ...more.map((line) => wrongLine(torrc, line, "this project renders no such line for this egress")),
        // Values may be secrets: only the option is named.
        ...[...new Set(left.map((line) => line.split(" ")[0] ?? ""))].map((option) =>
            wrongTorrc(torrc, `${option} missing`, `a line ${option} that this project renders is missing`),
        ),
        ...(shuffled
            ? [wrongTorrc(torrc, "order", "its lines are in another order than this project renders")]
            : []),
    ];
}

const rule: Rule = {
    id: "TR-22",
    title: "Every line of torrc is one that this project renders for the Gateway's egress",
    why:
        "tor does not start with an option that it does not know, and an option that this project " +
        "has not reviewed may do anything.",
    severity: "high",
    fix: "Correct the name, or leave torrc to this project's components.",
    limits:
        "Which bridges, proxy, ports and Tor network a Gateway has is read from torrc itself: " +
        "another choice of those is another configuration.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...torrc.lines
                .filter((line) => !KNOWN.has(keyOf(line)) || /^[+/%]/.test(line.option))
                .map((line) => wrongLine(torrc, line, "not a known option")),
            ...optionMustBe(torrc, "User", TOR_USER),
            ...differences(model, torrc),
        ]),
};

export default rule;
