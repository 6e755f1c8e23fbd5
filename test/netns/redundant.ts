/**
 * Mutations that no probe can notice, because another rule holds as well: second layers that we keep on
 * purpose, each with what stands in front of or behind it. One that is noticed after all fails the tier, as
 * does one that is gone.
 */
const INPUT_ALLOWS =
    "input lets in nothing but what it names: SYN on int0 to tor's ports, and what belongs to a " +
    "known connection";
const OUTPUT_ALLOWS =
    "output lets out nothing but what it names: tor's SYN over IPv4 TCP, and what belongs to a " +
    "known connection";
const SYN_IS_NEW = "the bare SYN that the same rule asks for belongs to no connection yet";
const DNAT_IS_ENOUGH =
    "only the redirects set this status, for packets from int0, to these ports of the inner address";
const INNER_ONLY =
    "connections that input knows on int0 have a Workstation at one end and the inner address at the other";
const ONE_NIC = "a Workstation has no other NIC than eth0, and loopback is accepted anyway";
const KNOWN_OR_NEW =
    "what is not new is known and accepted before, or belongs to no connection and finds no one " +
    "at the Gateway";
const OUTER_ONLY = "connections that output knows on ext0 are tor's: TCP from the outer address";

const CROWD_INSIDE = "what else asks for these ports is dropped by input-rest";
const CROWD_NEW = "what is no new connection was accepted before, or is dropped by input-inner-rest";

export type Reasons = Readonly<Record<string, string>>;

export const REDUNDANT: Reasons = Object.freeze({
    "early-ipv6: accepts": INPUT_ALLOWS,
    "early-flags: accepts": INPUT_ALLOWS,
    "early-outer-spoofed: accepts": INPUT_ALLOWS,
    "early-other: accepts": INPUT_ALLOWS,
    "redirect-not-socks: without iif": INPUT_ALLOWS,
    "redirect-dns: without iif": INPUT_ALLOWS,
    "redirect-tcp: without iif": INPUT_ALLOWS,
    "input-crowded: without iif": CROWD_INSIDE,
    "input-crowded: without ct-state new": CROWD_NEW,
    "input-outer-established: without iif": "input-inner-established accepts the same on int0",
    "input-outer-established: without l4": OUTER_ONLY,
    "input-outer-mtu: without ct-state related": "input-invalid drops ICMP errors about no connection",
    "input-inner-established: without iif": "input-outer-established accepts the same on ext0",
    "input-inner-established: without l4": INNER_ONLY,
    "input-socks: without daddr":
        "redirect-tcp carries every other destination to TransPort, whose port is not among these",
    "input-socks: without ct-state new": SYN_IS_NEW,
    "input-trans: without iif": DNAT_IS_ENOUGH,
    "input-trans: without daddr": DNAT_IS_ENOUGH,
    "input-trans: without dport": DNAT_IS_ENOUGH,
    "input-trans: without ct-state new": DNAT_IS_ENOUGH,
    "input-dns: without iif": DNAT_IS_ENOUGH,
    "input-dns: without daddr": DNAT_IS_ENOUGH,
    "input-dns: without dport": DNAT_IS_ENOUGH,
    "input-dns: without ct-state new": DNAT_IS_ENOUGH,
    "output-ipv6: accepts": OUTPUT_ALLOWS,
    "output-fragment: accepts": "the kernel joins them before output looks at the packet",
    "output-flags: accepts": OUTPUT_ALLOWS,
    "output-outer-established: without saddr": OUTER_ONLY,
    "output-outer-established: without l4": OUTER_ONLY,
    "output-tor: without ct-state new": SYN_IS_NEW,
    "output-inner-established: without oif": "output-lan drops it towards the outside",
    "output-inner-established: without saddr": INNER_ONLY,
    "output-inner-established: without daddr": INNER_ONLY,
    "output-inner-established: without l4": INNER_ONLY,
});

/** The same for the Workstation's rules. */
export const WORKSTATION_REDUNDANT: Reasons = Object.freeze({
    "ws-output-tor: without oif":
        "tor's user has nothing to do on loopback either, for the image starts no tor there",
    "ws-input-established: without iif": ONE_NIC,
    "ws-output-established: without oif": ONE_NIC,
    "ws-output-established: without l4": "nothing but TCP and UDP is ever begun here",
    "ws-output-socks: without oif": ONE_NIC,
    "ws-output-socks: without ct-state new": KNOWN_OR_NEW,
    "ws-output-dns: without oif": ONE_NIC,
    "ws-output-automap: without oif": ONE_NIC,
    "ws-output-automap: without ct-state new": KNOWN_OR_NEW,
    "ws-output-tcp: without oif": ONE_NIC,
    "ws-output-tcp: without ct-state new": KNOWN_OR_NEW,
});

const TCP_ALONE = "nothing but TCP is ever begun here";

/** The same for a Workstation that waits for its time. */
export const HELD_REDUNDANT: Reasons = Object.freeze({
    "held-input-established: without iif": ONE_NIC,
    "held-output-established: without oif": ONE_NIC,
    "held-output-established: without l4": TCP_ALONE,
    "held-output-time: without oif": ONE_NIC,
    "held-output-time: without ct-state new": KNOWN_OR_NEW,
});

/**
 * Of the Gateway's ruleset without a transparent proxy: the default's, but for what the redirects stand
 * behind.
 */
export const CLOSED_REDUNDANT: Reasons = Object.freeze(
    Object.fromEntries(
        Object.entries(REDUNDANT).filter(
            ([id]) => !/^(redirect|input-trans|input-dns)\b/.test(id) && id !== "input-socks: without daddr",
        ),
    ),
);

/** Of a ruleset that pins tor to a place in a LAN. */
export const LAN_REDUNDANT: Reasons = Object.freeze({
    "output-outer-established: without saddr": OUTER_ONLY,
    "output-outer-established: without l4": "the condition on its destination asks for TCP as well",
    "output-tor: without ct-state new": SYN_IS_NEW,
});

/** Of one that pins it to places elsewhere: the very same rule is noticed with a proxy in a LAN. */
export const PINNED_REDUNDANT: Reasons = Object.freeze({
    ...LAN_REDUNDANT,
    "output-lan: without tcp-destination": "none of these places is in a LAN",
});

const LOOPBACK_BEFORE = "output lets nothing onto loopback but 127.0.0.1 to itself, over TCP";
const LOOPBACK_STAYS =
    "the kernel puts nothing from or for 127.0.0.0/8 on any other link, and takes nothing of it from there";
const LOOPBACK_KNOWN = "connections that output knows on loopback are tor's: TCP, from 127.0.0.1 to itself";

/** Of the rules for loopback beside a pluggable transport. */
export const LOOPBACK_REDUNDANT: Reasons = Object.freeze({
    "early-loopback: without saddr": LOOPBACK_BEFORE,
    "early-loopback: without daddr": LOOPBACK_BEFORE,
    "input-loopback: without iif": LOOPBACK_STAYS,
    "input-loopback: without saddr": LOOPBACK_BEFORE,
    "input-loopback: without daddr": LOOPBACK_BEFORE,
    "input-loopback: without l4": LOOPBACK_BEFORE,
    "output-loopback: without oif": LOOPBACK_STAYS,
    "output-loopback-established: without oif": LOOPBACK_STAYS,
    "output-loopback-established: without saddr": LOOPBACK_KNOWN,
    "output-loopback-established: without daddr": LOOPBACK_KNOWN,
    "output-loopback-established: without l4": LOOPBACK_KNOWN,
});

const IN_TUNNEL_ONLY = "connections that output knows on tun0 are tor's: TCP from the tunnel's address";

/** Of the rules of a tunnel. */
export const TUNNEL_REDUNDANT: Reasons = Object.freeze({
    "input-outer-established: without l4": IN_TUNNEL_ONLY,
    "input-outer-mtu: without ct-state related": "input-invalid drops ICMP errors about no connection",
    "input-tunnel: without l4":
        "the route to the tunnel's peer leads past the tunnel, so tor never has a connection there",
    "input-tunnel: without saddr":
        "output lets the kernel's own UDP go to the tunnel's peer alone, so nobody else can answer",
    "output-outer-established: without saddr": IN_TUNNEL_ONLY,
    "output-outer-established: without l4": IN_TUNNEL_ONLY,
    "output-tor: without ct-state new": SYN_IS_NEW,
});

const EARLY_BEFORE = "early takes a Workstation's address from int0 alone";
const OTHERS_REDIRECTED =
    "every other SYN from inside is redirected to TransPort, whose port is not this one";

/** Of the rules for the control port, with a transparent proxy. */
export const CONTROL_REDUNDANT: Reasons = Object.freeze({
    "redirect-not-control: without iif": EARLY_BEFORE,
    "redirect-not-control: without tcp-syn": "nothing but a SYN is redirected either",
    "input-control: without iif": EARLY_BEFORE,
    "input-control: without saddr": OTHERS_REDIRECTED,
    "input-control: without daddr": OTHERS_REDIRECTED,
    "input-crowded: without iif": CROWD_INSIDE,
    "input-crowded: without ct-state new": CROWD_NEW,
});

/** The same without one. */
export const CLOSED_CONTROL_REDUNDANT: Reasons = Object.freeze({
    "input-control: without iif": EARLY_BEFORE,
    "input-crowded: without iif": CROWD_INSIDE,
    "input-crowded: without ct-state new": CROWD_NEW,
});
