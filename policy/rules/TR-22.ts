import { TOR_USER } from "../../cloud-init/guest";
import { eachTorrc, keyOf, optionMustBe, wrongLine } from "../families/torrc";
import type { Rule } from "../rule";

const KNOWN = new Set([
    "AutomapHostsOnResolve", "AvoidDiskWrites", "Bridge", "ClientDNSRejectInternalAddresses", "ClientOnly", "ClientRejectInternalAddresses", "ClientTransportPlugin",
    "ClientUseIPv4", "ClientUseIPv6", "ControlSocket", "CookieAuthFile", "CookieAuthFileGroupReadable", "CookieAuthentication", "DNSPort", "DataDirectory",
    "DirAuthority", "DormantCanceledByStartup", "DormantTimeoutEnabled", "HTTPSProxy", "HTTPSProxyAuthenticator", "HTTPTunnelPort", "HiddenServiceDir",
    "HiddenServicePort", "Log", "OutboundBindAddress", "PidFile", "SafeLogging", "Socks5Proxy", "Socks5ProxyPassword", "Socks5ProxyUsername", "SocksPolicy",
    "SocksPort", "TestingTorNetwork", "TransPort", "UseBridges", "UseEntryGuards", "User", "VirtualAddrNetworkIPv4",
].map((option) => option.toLowerCase()));

const rule: Rule = {
    id: "TR-22",
    title: "Every option of torrc is one that this project knows",
    why: "tor does not start with an option that it does not know, and an option that nobody here reviewed may do anything.",
    severity: "high",
    fix: "Correct the name, or add the option to cloud-init/torrc/options.ts and to this rule.",
    scope: "seed",
    check: (model) => eachTorrc(model, (torrc) => [
        ...torrc.lines.filter((line) => !KNOWN.has(keyOf(line)) || /^[+/%]/.test(line.option)).map((line) => wrongLine(torrc, line, "not a known option")),
        ...optionMustBe(torrc, "User", TOR_USER),
    ]),
};

export default rule;
