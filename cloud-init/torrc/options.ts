/** torrc as typed lines: option names that we know, values that cannot break out of their line. */
import type { IsolationFlag } from "../../values/ports";
import { own } from "../../util/own";
import { TORRC_VALUE_FORM, isTorrcValue } from "../../values/torrc-value";

/** Options of tor(1) that a Gateway may set; anything else does not type-check. */
export type TorOption =
    | "AutomapHostsOnResolve"
    | "AvoidDiskWrites"
    | "Bridge"
    | "ClientDNSRejectInternalAddresses"
    | "ClientOnly"
    | "ClientRejectInternalAddresses"
    | "ClientTransportPlugin"
    | "ClientUseIPv4"
    | "ClientUseIPv6"
    | "ControlSocket"
    | "CookieAuthFile"
    | "CookieAuthFileGroupReadable"
    | "CookieAuthentication"
    | "DNSPort"
    | "DataDirectory"
    | "DirAuthority"
    | "DormantCanceledByStartup"
    | "DormantTimeoutEnabled"
    | "HTTPSProxy"
    | "HTTPSProxyAuthenticator"
    | "HTTPTunnelPort"
    | "Log"
    | "OutboundBindAddress"
    | "PidFile"
    | "ReachableAddresses"
    | "SafeLogging"
    | "Socks5Proxy"
    | "Socks5ProxyPassword"
    | "Socks5ProxyUsername"
    | "SocksPolicy"
    | "SocksPort"
    | "TestingTorNetwork"
    | "TransPort"
    | "UseBridges"
    | "User"
    | "VirtualAddrNetworkIPv4";

/** One line; options may repeat, and their order is kept. */
export interface TorLine {
    readonly option: TorOption;
    readonly value: string;
}

/** Kinds of port that tor listens on for clients. */
type ListenerKind = "TransPort" | "DNSPort" | "SocksPort" | "HTTPTunnelPort";

/** A port of tor's on the isolated network. */
export interface Listener {
    readonly kind: ListenerKind;
    readonly address: string;
    readonly port: number;
    readonly flags: readonly IsolationFlag[];
}

/** Options whose values appear in no message. */
const SECRET: readonly TorOption[] = [
    "Bridge",
    "Socks5ProxyUsername",
    "Socks5ProxyPassword",
    "HTTPSProxyAuthenticator",
];

/**
 * One line of torrc.
 * @throws Error when the value could end the line, begin a comment or a quoted string
 */
export function torLine(option: TorOption, ...words: readonly (string | number)[]): TorLine {
    const value = words.join(" ");
    if (!isTorrcValue(value)) {
        const shown = SECRET.includes(option) ? "(secret)" : JSON.stringify(value);
        throw new Error(`torrc ${option} ${shown}: ${TORRC_VALUE_FORM} are allowed`);
    }
    return { option, value };
}

/** Line of a listener, every flag written out. */
export const listenerLine = (l: Listener): TorLine => torLine(l.kind, `${l.address}:${l.port}`, ...l.flags);

/** The file. */
export const renderTorrc = (lines: readonly TorLine[]): string =>
    lines.map((l) => `${l.option} ${l.value}\n`).join("");

const KINDS: Readonly<Record<string, ListenerKind>> = {
    transport: "TransPort",
    dnsport: "DNSPort",
    socksport: "SocksPort",
    httptunnelport: "HTTPTunnelPort",
};

const LISTENER = /^(\d+\.\d+\.\d+\.\d+):(\d+)((?: [A-Za-z0-9]+)*)$/;

/**
 * The listeners of a configuration. A port that is not `address:port flags…` is an error, not skipped: tor
 * would bind it somewhere (a bare port to loopback, "auto" anywhere).
 * @throws Error naming the line
 */
export function listenersOf(lines: readonly TorLine[]): Listener[] {
    return lines.flatMap(({ option, value }) => {
        const kind = own(KINDS, option.toLowerCase());
        if (kind === undefined) {
            return [];
        }
        const found = LISTENER.exec(value);
        if (found === null) {
            throw new Error(`torrc ${option} ${value}: expected an address, a port and flags`);
        }
        const [, address = "", port = "", flags = ""] = found;
        return [
            {
                kind,
                address,
                port: Number(port),
                flags: flags.trim().split(" ").filter(Boolean) as IsolationFlag[],
            },
        ];
    });
}
