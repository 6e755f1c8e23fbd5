"""Attacks from a Workstation whose root is the attacker's: frames straight onto its NIC."""

import re
import struct

import packet as p
from attack import attack
from namespaces import run


def marked(frame):
    """A frame that carries our mark, keyed by what makes it distinct."""
    return (frame.proto, frame.sport, frame.dport, frame.flags) if p.MARK in frame.raw else None


def from_port(*ports):
    """A TCP or UDP frame that the Gateway sent from one of these ports to a probe's, not to a program's."""
    return lambda f: (
        (f.sport, f.dport) if f.sport in ports and f.proto in (6, 17) and 20000 <= f.dport < 32768 else None
    )


def proto(number):
    return lambda f: (f.proto, f.raw[34]) if f.proto == number else None


@attack(
    "all 256 IP protocols to the internet",
    outer=marked,
    control=250,
    counter=("forwarded", 240),
    guards=("forward-none", "inet/sallyport/forward"),
)
def protocols(s):
    for number in range(256):
        s.wires[0].send(s.from_ws(p.MARK + bytes([number]) * 8, s.web, number))


def about(f):
    """An ICMP error of the Gateway's: its kind, and the packet that it is about."""
    return (f.raw[34:36], f.raw[51], f.raw[58:62]) if f.proto == 1 and f.raw[34] in (3, 12) else None


@attack(
    "all 256 IP protocols to the Gateway itself, both addresses",
    inner=about,
    control=470,
    counter=("inner_in", 480),
    guards=("input-inner-rest", "inet/sallyport/input"),
)
def protocols_gateway(s):
    for dst in (s.inner_ip, s.outer_ip):
        for number in range(256):
            s.wires[0].send(s.from_ws(p.MARK + bytes([number]) * 8, dst, number))


@attack("all 65535 TCP ports of a public host, bare SYN", outer=marked, control=60000, slow=True)
def tcp_ports(s):
    s.wires[0].send(*p.every_port(s.ws_tcp(s.web, 0, p.SYN, sport=0)))


@attack(
    "all 65535 UDP ports of a public host",
    outer=marked,
    control=60000,
    slow=True,
    counter=("forwarded", 60000),
)
def udp_ports(s):
    s.wires[0].send(*p.every_port(s.ws_udp(s.web, 0, sport=0)))


@attack(
    "all 65535 UDP ports of the Gateway", inner=proto(1), control=1, slow=True, counter=("inner_in", 60000)
)
def udp_ports_gateway(s):
    s.wires[0].send(*p.every_port(s.ws_udp(s.inner_ip, 0, sport=0)))


@attack(
    "UDP to public hosts: DNS over another port, QUIC, NTP, echo",
    outer=marked,
    control=4,
    counter=("forwarded", 4),
    guards=("forward-none", "redirect-dns"),
)
def udp_some(s):
    for port in (443, 123, 5353, 4444):
        s.wires[0].send(s.ws_udp(s.web, port))


@attack(
    "fragments: a DNS query in two pieces, a SYN in three",
    inner=from_port(53, 5300, 9050),
    outer=marked,
    control=1,
    counter=("fragment_in", 10),
    guards=("early-fragment",),
)
def fragments(s):
    me, first = s.ws[0]["address"], s.fresh_port()
    query = p.udp(me, s.inner_ip, first, 5300, p.dns_query("web.example.test"))
    plain = p.udp(me, s.web, s.fresh_port(), 4444, p.MARK * 3)
    opening = p.tcp(me, s.inner_ip, s.fresh_port(), 9050, p.SYN, payload=p.MARK * 3)
    for payload, dst, proto_, ident in (
        (query, s.inner_ip, 17, 1),
        (plain, s.web, 17, 2),
        (opening, s.inner_ip, 6, 3),
    ):
        for start in range(0, len(payload), 24):
            more = 0x2000 if start + 24 < len(payload) else 0
            s.wires[0].send(
                s.from_ws(
                    payload[start : start + 24], dst, proto_, frag=more | start // 8, ident=ident + s.port
                )
            )
    # A query to the resolver's own port, redirected once it is whole again.
    second = s.fresh_port()
    query = p.udp(me, "8.8.8.8", second, 53, p.dns_query("web.example.test"))
    s.wires[0].send(
        s.from_ws(query[:24], "8.8.8.8", 17, frag=0x2000, ident=s.port),
        s.from_ws(query[24:], "8.8.8.8", 17, frag=3, ident=s.port),
    )
    return [(17, me, s.inner_ip, first, 5300), (17, me, "8.8.8.8", second, 53)]


BAD = [
    f for f in range(64) if f & 0x17 not in (p.SYN, p.SYN | p.ACK, p.ACK, p.FIN | p.ACK, p.RST, p.RST | p.ACK)
]


@attack(
    "bad flags: every combination of the six that no connection has",
    inner=from_port(9050),
    outer=marked,
    control=8,
    counter=("bad_flags_in", 2 * len(BAD)),
    guards=("early-flags",),
)
def bad_flags(s):
    for flags in BAD:
        s.wires[0].send(s.ws_tcp(s.inner_ip, 9050, flags), s.ws_tcp(s.web, 80, flags))


@attack(
    "all 64 flag combinations to a public host",
    outer=marked,
    inner=from_port(81),
    control=60,
    guards=("forward-none", "redirect-tcp"),
)
def all_flags(s):
    for flags in range(64):
        if flags & 0x17 != p.SYN:
            s.wires[0].send(s.ws_tcp(s.web, 81, flags))


@attack(
    "answers and resets of no connection",
    inner=from_port(9050, 9151),
    outer=marked,
    control=3,
    counter=("invalid_in", 2),
    guards=("input-invalid", "input-socks"),
)
def stray(s):
    for flags in (p.SYN | p.ACK, p.RST, p.RST | p.ACK, p.ACK, p.FIN | p.ACK, p.PSH | p.ACK):
        s.wires[0].send(
            s.ws_tcp(s.inner_ip, 9050, flags), s.ws_tcp(s.inner_ip, 9151, flags), s.ws_tcp(s.web, 80, flags)
        )


@attack(
    "TransPort and DNSPort by name",
    inner=from_port(9040, 5300),
    control=2,
    counter=("inner_in", 2),
    guards=("input-trans", "input-dns", "input-inner-rest"),
)
def direct_ports(s):
    port = s.fresh_port()
    s.wires[0].send(
        s.ws_tcp(s.inner_ip, 9040, p.SYN),
        s.ws_udp(s.inner_ip, 5300, p.dns_query("web.example.test"), sport=port),
    )
    return [(17, s.ws[0]["address"], s.inner_ip, port, 5300)]


@attack(
    "ICMP echo, timestamp, mask and router solicitation to the Gateway, both addresses",
    inner=proto(1),
    control=2,
    counter=("inner_in", 3),
    guards=("input-inner-rest",),
)
def icmp(s):
    for dst in (s.inner_ip, s.outer_ip, s.web):
        s.wires[0].send(s.from_ws(p.icmp(8, 0, b"\x12\x34\0\1", p.MARK), dst, 1))
    s.wires[0].send(s.from_ws(p.icmp(13, 0, b"\x12\x34\0\1", b"\0" * 12), s.inner_ip, 1))
    s.wires[0].send(s.from_ws(p.icmp(10, 0, b"\0" * 4), "224.0.0.2", 1))


@attack(
    "the Gateway's external address: UDP and stray TCP",
    inner=lambda f: (f.proto, f.sport) if f.proto in (1, 6, 17) else None,
    control=2,
    counter=("inner_in", 3),
    guards=("input-inner-rest",),
)
def outer_address(s):
    for port in (22, 4444, 9050):
        s.wires[0].send(s.ws_udp(s.outer_ip, port), s.ws_tcp(s.outer_ip, port, p.ACK))


@attack(
    "host and neighbour on the external network, live listeners behind them",
    outer=marked,
    control=8,
    state=lambda s: len(s.listeners.hits),
    guards=("forward-none",),
)
def lan(s):
    for dst in (s.route_ip, s.neighbour):
        s.wires[0].send(
            s.ws_udp(dst, 53),
            s.ws_udp(dst, 67),
            s.ws_tcp(dst, 22, p.ACK),
            s.from_ws(p.icmp(8, 0, b"\0\0\0\1", p.MARK), dst, 1),
        )


def syn_ack(f):
    """An answer to a SYN, or the question of where to send it."""
    if f.proto == 6 and f.flags == p.SYN | p.ACK and f.sport == 9050:
        return ("syn-ack", f.daddr, f.dport)
    return (
        ("arp", f.raw[38:42])
        if f.kind == p.ARP and f.raw[20:22] == b"\0\1" and f.raw[38:42] == p.ip4("10.152.152.99")
        else None
    )


@attack(
    "spoofed sources: the other Workstation, nobody, a public host, own address with another MAC",
    inner=syn_ack,
    outer=syn_ack,
    control=3,
    counter=("spoofed_inner", 6),
    guards=("early-inner", "early-inner-spoofed", "inet/sallyport/early"),
)
def spoofed(s):
    for src in (s.ws[1]["address"], "10.152.152.99", s.web, s.outer_ip, s.inner_ip, "127.0.0.1"):
        s.wires[0].send(s.ws_tcp(s.inner_ip, 9050, p.SYN, src=src))
    s.wires[0].send(s.ws_tcp(s.inner_ip, 9050, p.SYN, src_mac="52:54:00:00:00:99"))


@attack(
    "UDP under another Workstation's address",
    outer=marked,
    inner=from_port(53),
    control=1,
    counter=("spoofed_inner", 2),
    guards=("early-inner", "early-inner-spoofed"),
)
def spoofed_udp(s):
    s.wires[0].send(
        s.ws_udp(s.web, 4444, src=s.ws[1]["address"]),
        s.ws_udp(s.inner_ip, 53, p.dns_query("web.example.test"), src=s.ws[1]["address"]),
    )


def neighbour_of(s):
    return re.findall(
        "lladdr ([0-9a-f:]+)", run(s.gw, "ip", "neigh", "show", s.ws[1]["address"], "dev", "int0")
    )


def know_neighbour(s):
    run(
        s.gw,
        "ip",
        "neigh",
        "replace",
        s.ws[1]["address"],
        "lladdr",
        s.ws[1]["mac"],
        "dev",
        "int0",
        "nud",
        "stale",
    )


@attack(
    "ARP: one Workstation claims to be the other",
    prepare=know_neighbour,
    state=neighbour_of,
    counter=("arp_in", 2),
    guards=("arp-in-inner", "arp-in-rest", "arp/sallyport/input"),
)
def arp_poison(s):
    me, other = s.ws[0], s.ws[1]
    for operation in (1, 2):
        claim = p.arp(operation, me["mac"], other["address"], s.inner_mac, s.inner_ip)
        s.wires[0].send(p.ethernet(me["mac"], s.inner_mac, p.ARP, claim))


@attack(
    "ARP: asking inside for the Gateway's external address",
    counter=("arp_out", 1),
    inner=lambda f: f.raw[28:32] if f.kind == p.ARP and f.raw[28:32] != p.ip4("10.152.152.10") else None,
    guards=("arp-out-rest", "arp-out-inner", "arp/sallyport/output"),
)
def arp_outer(s):
    w = s.ws[0]
    s.wires[0].send(
        p.ethernet(
            w["mac"], p.BROADCAST, p.ARP, p.arp(1, w["mac"], w["address"], "00:00:00:00:00:00", s.outer_ip)
        )
    )


@attack(
    "ARP: operations other than request and reply",
    counter=("arp_in", 3),
    guards=("arp-in-inner", "arp-in-rest"),
)
def arp_operations(s):
    w = s.ws[0]
    for operation in (3, 8, 9):
        s.wires[0].send(
            p.ethernet(
                w["mac"],
                s.inner_mac,
                p.ARP,
                p.arp(operation, w["mac"], w["address"], s.inner_mac, s.inner_ip),
            )
        )


ROUTED = "198.51.100.199"
"""A place that the Gateway would reach through a Workstation, had somebody told it so: only a router's
redirects are believed."""


def routed_by_workstation(s):
    know_neighbour(s)
    run(s.gw, "ip", "route", "replace", ROUTED, "via", s.ws[0]["address"], "dev", "int0", "onlink")
    run(s.gw, "ip", "route", "flush", "cache")


@attack(
    "ICMP redirect to the other Workstation",
    prepare=routed_by_workstation,
    counter=("invalid_in", 1),
    guards=("input-invalid",),
    state=lambda s: s.ws[1]["address"] in run(s.gw, "ip", "-4", "route", "get", ROUTED),
)
def redirect_inside(s):
    # About an echo reply, as from outside (outside.redirect).
    quoted = p.ipv4(s.inner_ip, ROUTED, 1, p.icmp(0, 0, b"\0\1\0\1", p.MARK))
    s.wires[0].send(s.from_ws(p.icmp(5, 1, p.ip4(s.ws[1]["address"]), quoted[:28]), s.inner_ip, 1))


def dhcp_offer():
    return struct.pack("!BBBB", 2, 1, 6, 0) + b"\0" * 232 + b"\x63\x82\x53\x63" + bytes([53, 1, 2, 255])


@attack(
    "rogue DHCP offers and router advertisements over IPv4",
    inner=proto(1),
    counter=("inner_in", 2),
    guards=("input-inner-rest",),
)
def rogue_dhcp(s):
    s.wires[0].send(
        s.ws_udp("255.255.255.255", 68, dhcp_offer(), sport=67),
        s.ws_udp(s.inner_ip, 68, dhcp_offer(), sport=67),
        s.from_ws(p.icmp(9, 0, bytes([1, 2, 0, 60]), p.ip4(s.ws[0]["address"]) + b"\0" * 4), "224.0.0.1", 1),
    )


def any_ipv6(f):
    return (f.raw[20], f.raw[54:55]) if f.kind == p.IPV6 else None


LINK = "fe80::5054:ff:fe98:980b"


@attack(
    "IPv6 of every kind: neighbour discovery, echo, UDP, TCP, DHCPv6, MLD, extension headers, other protocols",
    inner=any_ipv6,
    outer=any_ipv6,
    control=3,
    counter=("ipv6_in", 20),
    guards=("early-ipv6", "output-ipv6", "inet/sallyport/early"),
)
def ipv6(s):
    w, mine, theirs, web = s.ws[0], "fd00::11", "fd00::10", s.spec["web6"]

    def send(src, dst, proto_, payload, to=None):
        s.wires[0].send(p.ethernet(w["mac"], to or s.inner_mac, p.IPV6, p.ipv6(src, dst, proto_, payload)))

    option = bytes([1, 1]) + p.mac(w["mac"])
    send(
        mine,
        "ff02::1:ff00:10",
        58,
        p.icmp6(mine, "ff02::1:ff00:10", 135, 0, b"\0" * 4, p.ip6(theirs) + option),
        "33:33:ff:00:00:10",
    )
    send(mine, theirs, 58, p.icmp6(mine, theirs, 128, 0, b"\0\1\0\1", p.MARK))
    for src, dst in ((mine, theirs), (mine, web), (LINK, "ff02::1"), (LINK, "ff02::2")):
        send(src, dst, 58, p.icmp6(src, dst, 128, 0, b"\0\1\0\2", p.MARK))
        send(src, dst, 17, p.udp(src, dst, 4444, 4444, p.MARK))
        send(src, dst, 6, p.tcp(src, dst, 4444, 80, p.SYN))
    send(LINK, "ff02::1:2", 17, p.udp(LINK, "ff02::1:2", 546, 547, p.MARK))
    send(LINK, "ff02::1", 58, p.icmp6(LINK, "ff02::1", 130, 0, b"\0\1\0\0", b"\0" * 16))
    for number in (0, 43, 44, 47, 50, 51, 60, 132):
        send(mine, web, number, bytes([59, 0]) + b"\0" * 6 + p.MARK)


@attack(
    "rogue IPv6 router advertisement and redirect",
    state=lambda s: run(s.gw, "ip", "-6", "route", "show").count("default via"),
    counter=("ipv6_in", 2),
    guards=("early-ipv6",),
)
def rogue_ra(s):
    w = s.ws[0]
    ra = struct.pack("!II", 0, 0) + bytes([1, 1]) + p.mac(w["mac"])
    body = p.icmp6(LINK, "ff02::1", 134, 0, struct.pack("!BBH", 64, 0, 1800), ra)
    s.wires[0].send(p.ethernet(w["mac"], "33:33:00:00:00:01", p.IPV6, p.ipv6(LINK, "ff02::1", 58, body)))
    redirect = p.icmp6(LINK, "fd00::10", 137, 0, b"\0" * 4, p.ip6(LINK) + p.ip6(s.spec["web6"]))
    s.wires[0].send(p.ethernet(w["mac"], s.inner_mac, p.IPV6, p.ipv6(LINK, "fd00::10", 58, redirect)))
