/**
 * The Gateway's torrc, from the plan alone. Its values replace those of Debian's tor-service-defaults-torrc.
 */
import { AUTOMAP_SUBNET, INNER_SUBNET } from "../../values/addresses";
import type { GatewayFilesPlan } from "../../plan/guest-plan";
import {
    DNS_FLAGS,
    DNS_PORT,
    TRANS_FLAGS,
    TRANS_PORT,
    httpTunnelPortsOf,
    socksPortsOf,
} from "../../values/ports";
import { egressOf } from "../egress";
import { TOR, TOR_USER } from "../guest";
import { listenerLine, torLine, type Listener, type TorLine } from "./options";

/** Where tor listens: the inner address alone. TransPort and DNSPort only with a transparent proxy. */
export function gatewayListeners(enclave: GatewayFilesPlan): Listener[] {
    const address = enclave.gateway.inner.address;
    const transparent: Listener[] = [
        { kind: "TransPort", address, port: TRANS_PORT, flags: TRANS_FLAGS },
        { kind: "DNSPort", address, port: DNS_PORT, flags: DNS_FLAGS },
    ];
    return [
        ...(enclave.transparentProxy ? transparent : []),
        ...socksPortsOf(enclave).map(({ port, flags }): Listener => ({
            kind: "SocksPort",
            address,
            port,
            flags,
        })),
        ...httpTunnelPortsOf(enclave).map(({ port, flags }): Listener => ({
            kind: "HTTPTunnelPort",
            address,
            port,
            flags,
        })),
    ];
}

const DAEMON: readonly TorLine[] = [
    torLine("User", TOR_USER),
    torLine("DataDirectory", TOR.dataDirectory),
    torLine("PidFile", TOR.pidFile),
    torLine("ControlSocket", TOR.controlSocket, "GroupWritable", "RelaxDirModeCheck"),
    torLine("CookieAuthentication", 1),
    torLine("CookieAuthFile", TOR.cookie),
    torLine("CookieAuthFileGroupReadable", 1),
    torLine("Log", "notice", "syslog"),
    // Nothing that names a destination or a relay reaches a log.
    torLine("SafeLogging", 1),
    torLine("AvoidDiskWrites", 1),
];

const CLIENT: readonly TorLine[] = [
    torLine("ClientOnly", 1),
    torLine("ClientUseIPv4", 1),
    torLine("ClientUseIPv6", 0),
    // A Gateway that dozed off, or was stopped while dozing, would not answer its Workstations.
    torLine("DormantTimeoutEnabled", 0),
    torLine("DormantCanceledByStartup", 1),
    torLine("VirtualAddrNetworkIPv4", AUTOMAP_SUBNET),
    torLine("AutomapHostsOnResolve", 1),
    // Defaults of tor's, written out because TestingTorNetwork turns them off.
    torLine("ClientRejectInternalAddresses", 1),
    torLine("ClientDNSRejectInternalAddresses", 1),
];

/** Debian's obfs4proxy, which the image carries. */
const OBFS4 = "/usr/bin/obfs4proxy";

function bridges(enclave: GatewayFilesPlan): TorLine[] {
    if (enclave.egress?.mode !== "bridges") {
        return [];
    }
    return [
        torLine("UseBridges", 1),
        ...(egressOf(enclave).transport ? [torLine("ClientTransportPlugin", "obfs4", "exec", OBFS4)] : []),
        ...enclave.egress.bridges.map((bridge) => torLine("Bridge", bridge.line)),
    ];
}

/**
 * What the firewall drops tor need not try: without these it takes guards outside the set, and waits for each
 * in vain.
 */
function pinned(enclave: GatewayFilesPlan): TorLine[] {
    if (enclave.egress?.mode !== "relay-set") {
        return [];
    }
    // In an order of their own and each once, as in the firewall's set.
    const places = [
        ...new Set(enclave.egress.relays.map(({ address, port }) => `${address}:${port}`)),
    ].sort();
    return [
        ...places.map((place) => torLine("ReachableAddresses", "accept", place)),
        torLine("ReachableAddresses", "reject", "*:*"),
    ];
}

function proxy({ upstreamProxy }: GatewayFilesPlan): TorLine[] {
    if (upstreamProxy === undefined) {
        return [];
    }
    const { kind, endpoint, user, password } = upstreamProxy;
    const where = `${endpoint.address}:${endpoint.port}`;
    const known = user !== undefined && password !== undefined;
    return kind === "socks5"
        ? [
              torLine("Socks5Proxy", where),
              ...(known
                  ? [torLine("Socks5ProxyUsername", user), torLine("Socks5ProxyPassword", password)]
                  : []),
          ]
        : [
              torLine("HTTPSProxy", where),
              ...(known ? [torLine("HTTPSProxyAuthenticator", `${user}:${password}`)] : []),
          ];
}

function network(enclave: GatewayFilesPlan): TorLine[] {
    if (enclave.torNetwork === undefined) {
        return [];
    }
    return [
        torLine("TestingTorNetwork", 1),
        ...enclave.torNetwork.dirAuthorities.map((authority) => torLine("DirAuthority", authority)),
    ];
}

/**
 * Lines of the Gateway's torrc in a fixed order.
 * @throws Error when a value of the plan could not stand in one line
 */
export function gatewayTorrc(enclave: GatewayFilesPlan): TorLine[] {
    return [
        ...DAEMON,
        ...CLIENT,
        torLine("OutboundBindAddress", egressOf(enclave).source),
        ...gatewayListeners(enclave).map(listenerLine),
        // Second line of defence: tor itself refuses anyone else, should the firewall fail.
        torLine("SocksPolicy", "accept", INNER_SUBNET),
        torLine("SocksPolicy", "reject", "*"),
        ...bridges(enclave),
        ...pinned(enclave),
        ...proxy(enclave),
        ...network(enclave),
    ];
}
