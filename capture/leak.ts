/**
 * The verdict over a capture of a Gateway's external link: whatever is not named in the allow-list is a
 * finding. Pure: frames and an allow-list in, a verdict out.
 */
import type { ArpFrame, Frame, PortFrame } from "./frame";
import { decodeFrame } from "./frame";
import type { CapturedFrame } from "./pcap";

/** A member of the link. */
interface LinkMember {
    readonly mac: string;
    readonly address: string;
}

/** Where tor's own connections may go: a relay's ORPort. */
interface OrPort {
    readonly address: string;
    readonly port: number;
}

/**
 * Everything that may be seen on the external link. It has two members; a third one's frames are findings.
 */
export interface AllowList {
    /** The Gateway's outer NIC. */
    readonly gateway: LinkMember;
    /** The host's side of the link: the bridge's MAC and the Gateway's default route. */
    readonly host: LinkMember;
    readonly relays: readonly OrPort[];
}

/** How many frames the capture lost; undefined when the capturing program did not say. */
export type Drops = number | undefined;

/** A frame that must not be there. */
export interface Finding {
    /** Position in the capture, from 1. */
    readonly index: number;
    /** Seconds since the epoch. */
    readonly time: number;
    /** The frame in one line. */
    readonly summary: string;
    /** Why it is none of the allowed ones. */
    readonly reason: string;
}

export interface LeakVerdict {
    /**
     * True only when something was captured, nothing was lost, the Gateway was seen and nothing was found.
     */
    readonly ok: boolean;
    /** Frames in the capture. */
    readonly frames: number;
    /** Allowed frames by kind. */
    readonly allowed: { readonly arp: number; readonly fromGateway: number; readonly toGateway: number };
    readonly findings: readonly Finding[];
    /** Reasons for which the capture itself proves nothing. */
    readonly problems: readonly string[];
}

/** One line for people. */
export function summarise(frame: Frame): string {
    const link = `${frame.sourceMac ?? "?"} > ${frame.destinationMac ?? "?"}`;
    switch (frame.kind) {
        case "arp":
            return `${link} ARP ${frame.operation} ${frame.senderAddress} for ${frame.targetAddress}`;
        case "tcp":
        case "udp":
            return `${link} ${frame.kind.toUpperCase()} ${frame.source}:${frame.sourcePort} > ${frame.destination}:${frame.destinationPort}`;
        case "icmp":
            return `${link} ICMP type ${frame.type} code ${frame.code} ${frame.source} > ${frame.destination}`;
        case "fragment":
            return `${link} fragment at ${frame.offset} of protocol ${frame.protocol} ${frame.source} > ${frame.destination}`;
        case "ipv6":
            return `${link} IPv6, next header ${frame.nextHeader}`;
        case "unparsable":
            return `${link} unparsable`;
    }
}

type Judgement = { readonly allowed: keyof LeakVerdict["allowed"] } | { readonly reason: string };

const BROADCAST = "ff:ff:ff:ff:ff:ff";
const NO_MAC = "00:00:00:00:00:00";

function judgeArp(frame: ArpFrame, sender: LinkMember, peer: LinkMember): Judgement {
    if (frame.senderMac !== sender.mac || frame.senderAddress !== sender.address) {
        return { reason: `ARP in the name of ${frame.senderAddress} at ${frame.senderMac}` };
    }
    const target = frame.targetAddress;
    if (target !== peer.address && target !== sender.address) {
        return { reason: `ARP for ${target}, which is no address of this link` };
    }
    const destinations = frame.operation === "request" ? [BROADCAST, peer.mac] : [peer.mac];
    if (
        !destinations.includes(frame.destinationMac) ||
        ![NO_MAC, BROADCAST, peer.mac].includes(frame.targetMac)
    ) {
        return { reason: `ARP ${frame.operation} to ${frame.destinationMac} about ${frame.targetMac}` };
    }
    return { allowed: "arp" };
}

function judgeTcp(frame: PortFrame, fromGateway: boolean, allow: AllowList): Judgement {
    const [inner, outer] = fromGateway
        ? [frame.source, { address: frame.destination, port: frame.destinationPort }]
        : [frame.destination, { address: frame.source, port: frame.sourcePort }];
    if (inner !== allow.gateway.address) {
        return { reason: `${inner} is not the Gateway's address ${allow.gateway.address}` };
    }
    if (!allow.relays.some((relay) => relay.address === outer.address && relay.port === outer.port)) {
        return { reason: `${outer.address}:${outer.port} is no relay's ORPort` };
    }
    return { allowed: fromGateway ? "fromGateway" : "toGateway" };
}

/** Judge one frame by the allow-list. */
function judge(frame: Frame, allow: AllowList): Judgement {
    if (frame.kind === "unparsable") {
        return { reason: `unparsable: ${frame.reason}` };
    }
    const { gateway, host } = allow;
    const fromGateway = frame.sourceMac === gateway.mac;
    if (!fromGateway && frame.sourceMac !== host.mac) {
        return { reason: `${frame.sourceMac} is neither the Gateway's MAC nor the host's` };
    }
    const [sender, peer] = fromGateway ? [gateway, host] : [host, gateway];
    if (frame.kind === "arp") {
        return judgeArp(frame, sender, peer);
    }
    if (frame.destinationMac !== peer.mac) {
        return { reason: `${frame.destinationMac} is not the MAC of the link's other member` };
    }
    if (frame.kind !== "tcp") {
        return { reason: `only TCP to a relay's ORPort and ARP are allowed, this is ${frame.kind}` };
    }
    return frame.options ? { reason: "IP options" } : judgeTcp(frame, fromGateway, allow);
}

const normalise = (allow: AllowList): AllowList => {
    const member = (m: LinkMember): LinkMember => ({ mac: m.mac.toLowerCase(), address: m.address });
    return { gateway: member(allow.gateway), host: member(allow.host), relays: allow.relays };
};

function problemsOf(frames: number, fromGateway: number, drops: Drops): string[] {
    const problems: string[] = [];
    if (frames === 0) {
        problems.push("nothing was captured, which proves nothing");
    } else if (fromGateway === 0) {
        problems.push("not one frame from the Gateway to a relay: the capture did not see its traffic");
    }
    if (drops === undefined) {
        problems.push("the capture does not say how many frames it lost");
    } else if (drops !== 0) {
        problems.push(`the capture lost ${drops} frames`);
    }
    return problems;
}

/** Judge a whole capture. Every frame is matched; the first finding ends nothing. */
export function leakVerdict(
    captured: readonly CapturedFrame[],
    drops: Drops,
    allowList: AllowList,
): LeakVerdict {
    const allow = normalise(allowList);
    const allowed = { arp: 0, fromGateway: 0, toGateway: 0 };
    const findings: Finding[] = [];
    for (const { index, time, data, wireLength } of captured) {
        const frame = decodeFrame(data, wireLength);
        const judgement = judge(frame, allow);
        if ("allowed" in judgement) {
            allowed[judgement.allowed]++;
        } else {
            findings.push({ index, time, summary: summarise(frame), reason: judgement.reason });
        }
    }
    const problems = problemsOf(captured.length, allowed.fromGateway, drops);
    return {
        ok: problems.length === 0 && findings.length === 0,
        frames: captured.length,
        allowed,
        findings,
        problems,
    };
}
