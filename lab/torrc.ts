/** torrc of the private network's relays, from typed options (tor(1)). Pure. */
import { RELAYS } from "./addresses";
import type { Relay } from "./addresses";

/** A path: written in quotes, so that spaces in it do no harm. */
interface PathValue {
    readonly path: string;
}

type OptionValue = string | number | PathValue;

/** The options that the lab uses. A misspelt one does not compile. */
type TorOption =
    | "Address"
    | "AssumeReachable"
    | "AuthoritativeDirectory"
    | "ContactInfo"
    | "ControlSocket"
    | "DataDirectory"
    | "DirAuthority"
    | "DirPort"
    | "ExitPolicy"
    | "ExitPolicyRejectPrivate"
    | "ExitRelay"
    | "GeoIPFile"
    | "GeoIPv6File"
    | "Log"
    | "MinUptimeHidServDirectoryV2"
    | "Nickname"
    | "NumCPUs"
    | "ORPort"
    | "OutboundBindAddress"
    | "PathsNeededToBuildCircuits"
    | "ServerDNSDetectHijacking"
    | "ServerDNSResolvConfFile"
    | "ServerDNSTestAddresses"
    | "ShutdownWaitLength"
    | "SocksPort"
    | "TestingDirAuthVoteExit"
    | "TestingDirAuthVoteGuard"
    | "TestingDirAuthVoteHSDir"
    | "TestingMinExitFlagThreshold"
    | "TestingTorNetwork"
    | "TestingV3AuthInitialDistDelay"
    | "TestingV3AuthInitialVoteDelay"
    | "TestingV3AuthInitialVotingInterval"
    | "V3AuthDistDelay"
    | "V3AuthNIntervalsValid"
    | "V3AuthoritativeDirectory"
    | "V3AuthVoteDelay"
    | "V3AuthVotingInterval";

/** One line: the option and its values. */
export type TorLine = readonly [option: TorOption, ...values: OptionValue[]];

/** What the relays of one network have in common. */
export interface TorNetworkSettings {
    /** Values of DirAuthority, one for each authority. */
    readonly dirAuthorities: readonly string[];
    /** resolv.conf for the exits. */
    readonly resolvConf: string;
}

/**
 * How often the authorities vote, in seconds. `forming` is the shortest that tor accepts: a relay that missed
 * the first vote waits no longer than this. `steady` is for a network that is complete: each relay compresses
 * each consensus anew, which takes a quarter of a core when there is one every ten seconds.
 */
export const VOTING_SECONDS = { forming: 10, steady: 300 } as const;

export type VotingPhase = keyof typeof VOTING_SECONDS;

/** An authority's keys, as others must name them. */
export interface AuthorityIdentity {
    /** Fingerprint of the authority's identity key, 40 hexadecimal digits. */
    readonly v3ident: string;
    /** Fingerprint of its relay identity, 40 hexadecimal digits. */
    readonly fingerprint: string;
}

function writeValue(value: OptionValue): string {
    const text = typeof value === "object" ? value.path : String(value);
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x1f\x7f]/.test(text)) {
        throw new Error(
            `torrc: ${JSON.stringify(text)} has a control character; a value must be one line of plain text`,
        );
    }
    if (typeof value === "object") {
        return `"${text.replace(/["\\]/g, "\\$&")}"`;
    }
    if (/[#"\\]/.test(text)) {
        throw new Error(
            `torrc: ${JSON.stringify(text)} has a character with a meaning of its own; pass it as a path`,
        );
    }
    return text;
}

/** The text of a torrc. @throws Error for a value that cannot be written safely */
export function writeTorrc(lines: readonly TorLine[]): string {
    return lines
        .map(([option, ...values]) => `${[option, ...values.map(writeValue)].join(" ").trimEnd()}\n`)
        .join("");
}

/** The value of DirAuthority for an authority; `no-v2` because no authority serves the old directory. */
export function dirAuthority(relay: Relay, identity: AuthorityIdentity): string {
    if (relay.dirPort === undefined) {
        throw new Error(`${relay.nickname} has no directory port, so it is no authority`);
    }
    return `${relay.nickname} orport=${relay.orPort} no-v2 v3ident=${identity.v3ident} ${relay.address}:${relay.dirPort} ${identity.fingerprint}`;
}

/** Timing and thresholds of a network that must stand within seconds and has seven relays only. */
const TESTING: readonly TorLine[] = [
    ["TestingTorNetwork", 1],
    ["AssumeReachable", 1],
    ["PathsNeededToBuildCircuits", 0.67],
    ["TestingDirAuthVoteExit", "*"],
    ["TestingDirAuthVoteGuard", "*"],
    ["TestingDirAuthVoteHSDir", "*"],
    ["TestingMinExitFlagThreshold", 0],
    // The first ones are valid for a minute: on a busy machine votes come late, and clients must not lose the
    // network for it.
    ["V3AuthNIntervalsValid", 6],
];

const AUTHORITY: readonly TorLine[] = [
    ["AuthoritativeDirectory", 1],
    ["V3AuthoritativeDirectory", 1],
    ["ExitPolicy", "reject *:*"],
    // 5 s is the shortest first interval that tor accepts, with 2 s for votes and 2 s for signatures.
    ["TestingV3AuthInitialVotingInterval", 5],
    ["TestingV3AuthInitialVoteDelay", 2],
    ["TestingV3AuthInitialDistDelay", 2],
    ["V3AuthVoteDelay", 2],
    ["V3AuthDistDelay", 2],
    ["MinUptimeHidServDirectoryV2", 0],
];

function exitLines(settings: TorNetworkSettings): readonly TorLine[] {
    return [
        ["ExitRelay", 1],
        ["ExitPolicyRejectPrivate", 0],
        ["ExitPolicy", "accept *:*"],
        ["ServerDNSResolvConfFile", { path: settings.resolvConf }],
        // The lab's resolver answers whatever it is asked, so tor's probes for lying resolvers would only
        // confuse.
        ["ServerDNSDetectHijacking", 0],
        ["ServerDNSTestAddresses"],
    ];
}

/** torrc of one relay. `dataDirectory` holds its keys already when it is an authority. */
export function relayTorrc(
    relay: Relay,
    dataDirectory: string,
    settings: TorNetworkSettings,
    phase: VotingPhase = "forming",
): readonly TorLine[] {
    return [
        ...TESTING,
        ...settings.dirAuthorities.map((line): TorLine => ["DirAuthority", line]),
        ["DataDirectory", { path: dataDirectory }],
        ["Log", "notice stdout"],
        ["Nickname", relay.nickname],
        ["ContactInfo", `${relay.nickname}@test.invalid`],
        ["Address", relay.address],
        ["OutboundBindAddress", relay.address],
        ["ORPort", `${relay.address}:${relay.orPort}`],
        ...(relay.dirPort === undefined ? [] : [["DirPort", `${relay.address}:${relay.dirPort}`] as const]),
        ["SocksPort", 0],
        ["ControlSocket", 0],
        ["NumCPUs", 1],
        // Countries mean nothing here, and the tables take a second and 15 MB in each relay.
        ["GeoIPFile", { path: "/dev/null" }],
        ["GeoIPv6File", { path: "/dev/null" }],
        // Otherwise a relay keeps its ports for half a minute after SIGTERM.
        ["ShutdownWaitLength", 0],
        ...(relay.kind === "authority"
            ? [...AUTHORITY, ["V3AuthVotingInterval", VOTING_SECONDS[phase]] as const]
            : exitLines(settings)),
    ];
}

/**
 * torrc for asking tor for a relay's fingerprint (`--list-fingerprint`), which creates the keys.
 * TestingTorNetwork insists on an authority, so a nonsensical one is named.
 */
export function fingerprintTorrc(relay: Relay, dataDirectory: string): readonly TorLine[] {
    const nobody = "0".repeat(40);
    return [
        ["TestingTorNetwork", 1],
        ["DirAuthority", `nobody orport=1 no-v2 v3ident=${nobody} ${relay.address}:1 ${nobody}`],
        ["DataDirectory", { path: dataDirectory }],
        ["Nickname", relay.nickname],
        ["Address", relay.address],
        ["ORPort", `${relay.address}:${relay.orPort}`],
        ["SocksPort", 0],
    ];
}

/** What a client of the network must have in its torrc. */
export function clientLines(dirAuthorities: readonly string[]): readonly TorLine[] {
    return [["TestingTorNetwork", 1], ...dirAuthorities.map((line): TorLine => ["DirAuthority", line])];
}

/** The authorities among the relays. */
export const AUTHORITIES: readonly Relay[] = RELAYS.filter((relay) => relay.kind === "authority");
