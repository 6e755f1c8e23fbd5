"""Attacks from within the Gateway: other users' programs, and a tor that has been taken over (raw sockets
as its user)."""

import json
import socket

import packet as p
from attack import attack
from namespaces import as_owner, inside, run
from outside import own_connection

NOBODY = 65534


def send_raw(s, uid, *packets, device=None, mark=0):
    """IP packets, header included, from a socket of this user's, by one device or as routed. A refusal by
    the firewall is silent here."""
    with inside(s.gw), as_owner(uid):
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    if device:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
    for packet in packets:
        try:
            raw.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
        except PermissionError:
            pass  # the output hook dropped it
    raw.close()


def own_tcp(s, dst, dport, flags, src=None, sport=None, **more):
    src = src or s.exit_ip
    return p.ipv4(src, dst, 6, p.tcp(src, dst, sport or s.fresh_port(), dport, flags, payload=p.MARK, **more))


def to_outside(f):
    return (
        (f.proto, f.saddr, f.daddr, f.sport, f.dport, f.flags)
        if f.kind == p.IPV4 and p.MARK in f.raw
        else None
    )


@attack(
    "the Gateway's other users: TCP to a relay and to the web",
    outer=to_outside,
    control=4,
    counter=("outer_out", 4),
    guards=("output-tor", "output-rest", "inet/sallyport/output"),
)
def other_users(s):
    address, port = s.places[-1]
    for uid in (0, NOBODY):
        send_raw(s, uid, own_tcp(s, address, port, p.SYN), own_tcp(s, s.web, 80, p.SYN))


@attack(
    "tor's user: every IP protocol but TCP",
    outer=to_outside,
    control=250,
    counter=("outer_out", 240),
    guards=("output-tor", "output-rest"),
)
def tor_protocols(s):
    send_raw(
        s, s.tor_uid, *[p.ipv4(s.outer_ip, s.web, n, p.MARK + bytes([n]) * 4) for n in range(256) if n != 6]
    )


@attack(
    "tor's user: UDP and ICMP",
    outer=to_outside,
    control=3,
    counter=("outer_out", 3),
    guards=("output-tor", "output-rest"),
)
def tor_udp(s):
    send_raw(
        s,
        s.tor_uid,
        *[p.ipv4(s.outer_ip, s.web, 17, p.udp(s.outer_ip, s.web, 5000, port, p.MARK)) for port in (53, 443)],
        p.ipv4(s.outer_ip, s.web, 1, p.icmp(8, 0, b"\0\1\0\1", p.MARK)),
    )


@attack(
    "tor's user: TCP that begins nothing",
    outer=to_outside,
    control=2,
    guards=("output-tor", "output-outer-established", "output-invalid"),
)
def tor_midstream(s):
    send_raw(
        s,
        s.tor_uid,
        *[own_tcp(s, s.web, port, flags) for port in (80, 81) for flags in (p.ACK, p.PSH | p.ACK)],
    )


@attack(
    "tor's user: FIN and RST of unknown connections",
    outer=to_outside,
    counter=("invalid_out", 2),
    guards=("output-invalid",),
)
def tor_invalid(s):
    send_raw(s, s.tor_uid, *[own_tcp(s, s.web, 80, flags) for flags in (p.RST, p.RST | p.ACK, p.SYN | p.ACK)])


@attack(
    "tor's user: bad flags",
    outer=to_outside,
    control=2,
    counter=("bad_flags_out", 3),
    guards=("output-flags",),
)
def tor_flags(s):
    send_raw(s, s.tor_uid, *[own_tcp(s, s.web, 80, flags) for flags in (p.SYN | p.FIN, p.SYN | p.RST, 0)])


@attack(
    "tor's user: fragments",
    outer=lambda f: f.proto if f.kind == p.IPV4 and f.daddr == "198.51.100.80" else None,
    control=1,
    counter=("fragment_out", 2),
    guards=("output-fragment",),
)
def tor_fragments(s):
    data = p.udp(s.outer_ip, s.web, 5000, 4444, p.MARK * 3)
    ident = s.fresh_port()
    send_raw(
        s,
        s.tor_uid,
        p.ipv4(s.outer_ip, s.web, 17, data[:24], frag=0x2000, ident=ident),
        p.ipv4(s.outer_ip, s.web, 17, data[24:], frag=3, ident=ident),
    )


def know_next_hop(s):
    """Otherwise the kernel asks for it under the first packet's source address, and the rules for ARP
    refuse that already."""
    run(s.gw, "ip", "neigh", "replace", s.route_ip, "lladdr", s.route_mac, "dev", "ext0", "nud", "reachable")


@attack(
    "tor's user: under another source address",
    prepare=know_next_hop,
    outer=to_outside,
    control=2,
    guards=("output-tor",),
)
def tor_spoofed(s):
    address, port = s.places[-1]
    send_raw(
        s,
        s.tor_uid,
        own_tcp(s, address, port, p.SYN, src=s.inner_ip),
        own_tcp(s, address, port, p.SYN, src="198.51.100.9"),
    )


@attack(
    "tor's user: host, neighbour and other private networks",
    control=2,
    counter=("lan_out", 6),
    guards=("output-lan",),
    outer=lambda f: (
        (f.proto, f.daddr, f.dport)
        if p.MARK in f.raw and f.daddr != "198.51.100.80"
        else f.raw[38:42] if f.kind == p.ARP and f.raw[38:42] == p.ip4("10.0.0.1") else None
    ),
)
def tor_lan(s):
    targets = [
        s.route_ip,
        s.neighbour,
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.251",
    ]
    send_raw(s, s.tor_uid, *[own_tcp(s, dst, 22, p.SYN) for dst in targets])


def know_workstation(s):
    """Nothing that is sent has to ask for it first, under an address that the rules for ARP may not like."""
    run(
        s.gw,
        "ip",
        "neigh",
        "replace",
        s.ws[0]["address"],
        "lladdr",
        s.ws[0]["mac"],
        "dev",
        "int0",
        "nud",
        "reachable",
    )


@attack(
    "anyone on the Gateway towards a Workstation",
    prepare=know_workstation,
    inner=to_outside,
    control=3,
    counter=("inner_out", 4),
    guards=("output-inner-rest", "output-inner-established", "output-tor", "inet/sallyport/output"),
)
def towards_workstation(s):
    for uid in (0, s.tor_uid):
        send_raw(
            s,
            uid,
            *[own_tcp(s, s.ws[0]["address"], 22, p.SYN, src=src) for src in (s.inner_ip, s.outer_ip)],
            p.ipv4(
                s.inner_ip, s.ws[0]["address"], 17, p.udp(s.inner_ip, s.ws[0]["address"], 53, 4444, p.MARK)
            ),
        )


def know_relay_inside(s):
    run(
        s.gw,
        "ip",
        "neigh",
        "replace",
        s.places[-1][0],
        "lladdr",
        s.ws[0]["mac"],
        "dev",
        "int0",
        "nud",
        "reachable",
    )


@attack(
    "tor's own connection by the link to the Workstations",
    prepare=know_relay_inside,
    inner=to_outside,
    counter=("inner_out", 1),
    guards=("output-outer-established",),
)
def wrong_link(s):
    connection, last, address = own_connection(s)
    send_raw(
        s,
        0,
        p.ipv4(
            s.exit_ip,
            address,
            6,
            p.tcp(
                s.exit_ip,
                address,
                last.sport,
                last.dport,
                p.ACK | p.PSH,
                seq=last.seq,
                ack=last.ack,
                payload=p.MARK,
            ),
        ),
        device="int0",
    )
    connection.close()


@attack(
    "tor's user: an inner address that is no Workstation's",
    counter=("inner_out", 1),
    guards=("output-inner-established", "output-inner-rest"),
    inner=lambda f: (
        "arp"
        if f.kind == p.ARP and f.raw[38:42] == p.ip4("10.152.152.77") and f.raw[20:22] == b"\0\1"
        else None
    ),
)
def towards_nobody(s):
    send_raw(s, s.tor_uid, own_tcp(s, "10.152.152.77", 22, p.SYN, src=s.inner_ip))


@attack(
    "the Gateway's own IPv6: echo, UDP, neighbour discovery",
    counter=("ipv6_out", 2),
    guards=("output-ipv6",),
    outer=lambda f: f.raw[54:55] if f.kind == p.IPV6 else None,
    inner=lambda f: f.raw[54:55] if f.kind == p.IPV6 else None,
)
def own_ipv6(s):
    for target in ("fd01::1", "fd00::11"):
        with inside(s.gw), as_owner(s.tor_uid):
            out = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        try:
            out.sendto(p.MARK, (target, 4444))
        except OSError:
            pass  # refused at once
        out.close()


def over_loopback(s):
    return json.loads(run(s.gw, "ip", "-j", "-s", "link", "show", "lo"))[0]["stats64"]["rx"]["packets"]


@attack(
    "loopback of the Gateway: no port of tor's is reached by its own users",
    state=over_loopback,
    counter=("outer_out", 1),
    guards=("output-rest",),
)
def loopback(s):
    send_raw(
        s,
        NOBODY,
        p.ipv4("127.0.0.1", "127.0.0.1", 6, p.tcp("127.0.0.1", "127.0.0.1", s.fresh_port(), 9050, p.SYN)),
    )
