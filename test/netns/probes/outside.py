"""Attacks from the external network: host, neighbours, the internet."""

import json
import socket
import struct

import clients
import packet as p
from attack import attack
from inside import from_port, marked
from namespaces import inside, run

IP_RECVERR = 11  # linux/in.h: a connection that is open is told of errors, too
ANSWER = (p.SYN | p.ACK, p.RST, p.RST | p.ACK)


def tcp_answer(f):
    return (
        (f.sport, f.dport)
        if f.proto == 6 and f.flags in ANSWER and f.dport is not None and f.dport > 19999 and f.sport < 10000
        else None
    )


@attack(
    "from outside: SYN to the Gateway's ports, both addresses",
    outer=tcp_answer,
    inner=tcp_answer,
    control=4,
    counter=("outer_in", 12),
    guards=("input-rest", "input-socks", "inet/sallyport/input", "input-outer-established"),
)
def try_port(s):
    for dst in (s.outer_ip, s.inner_ip):
        for port in (22, 80, 9040, 9050, 9051, 9150):
            s.outside.send(s.outside_tcp(port, p.SYN, dst=dst))


@attack(
    "from outside: all 65535 TCP ports", outer=tcp_answer, control=1, slow=True, counter=("outer_in", 65000)
)
def try_port_all(s):
    s.outside.send(*p.every_port(s.outside_tcp(0, p.SYN, sport=0)))


@attack(
    "from outside: UDP and ICMP to the Gateway",
    outer=lambda f: (f.proto, f.raw[34:36], f.sport) if f.proto in (1, 17) else None,
    control=3,
    counter=("outer_in", 8),
    guards=("input-rest", "input-outer-mtu"),
)
def try_port_udp(s):
    flows = [(17, s.web, dst, s.fresh_port(), 5300) for dst in (s.outer_ip, s.inner_ip)]
    for _, src, dst, sport, dport in flows:
        query = p.udp(src, dst, sport, dport, p.dns_query("web.example.test"))
        s.outside.send(
            s.outside_udp(22, dst=dst), s.outside_udp(53, dst=dst), s.from_outside(query, 17, dst=dst)
        )
    s.outside.send(
        s.from_outside(p.icmp(8, 0, b"\0\1\0\1", p.MARK), 1),
        s.from_outside(p.icmp(13, 0, b"\0\1\0\1", b"\0" * 12), 1),
    )
    return flows


@attack(
    "from outside: under a Workstation's address",
    inner=lambda f: f.proto if f.proto == 6 and f.sport == 9050 else None,
    counter=("spoofed_outer", 4),
    guards=("early-outer", "early-outer-spoofed", "early-inner"),
)
def outside_spoofed(s):
    for port in (9050, 9101):
        for mac in (s.route_mac, s.ws[0]["mac"]):
            s.outside.send(s.outside_tcp(port, p.SYN, src=s.ws[0]["address"], dst=s.inner_ip, src_mac=mac))


@attack(
    "from outside: through the Gateway to a Workstation",
    inner=marked,
    control=3,
    guards=("forward-none", "inet/sallyport/forward"),
)
def to_workstation(s):
    dst = s.ws[0]["address"]
    s.outside.send(
        s.outside_tcp(22, p.SYN, dst=dst),
        s.outside_udp(4444, dst=dst),
        s.from_outside(p.icmp(8, 0, b"\0\1\0\1", p.MARK), 1, dst=dst),
    )


@attack(
    "from outside: answers and data of no connection",
    outer=tcp_answer,
    control=2,
    counter=("invalid_in", 2),
    guards=("input-invalid", "input-outer-established", "input-rest"),
)
def outside_stray(s):
    for flags in (p.ACK, p.PSH | p.ACK, p.SYN | p.ACK, p.RST, p.FIN | p.ACK):
        s.outside.send(s.outside_tcp(22, flags), s.outside_tcp(9050, flags, dst=s.inner_ip))


@attack(
    "from outside: IPv6",
    outer=lambda f: f.raw[54:55] if f.kind == p.IPV6 else None,
    counter=("ipv6_in", 3),
    guards=("early-ipv6",),
)
def outside_ipv6(s):
    src, dst = "fd01::1", "fd01::10"

    def send(payload, proto, to=dst):
        s.outside.send(p.ethernet(s.route_mac, s.outer_mac, p.IPV6, p.ipv6(src, to, proto, payload)))

    option = bytes([1, 1]) + p.mac(s.route_mac)
    send(p.icmp6(src, dst, 135, 0, b"\0" * 4, p.ip6(dst) + option), 58)
    send(p.icmp6(src, dst, 128, 0, b"\0\1\0\1", p.MARK), 58)
    send(p.udp(src, dst, 4444, 4444, p.MARK), 17)


def route_to_web(s):
    return run(s.gw, "ip", "-4", "route", "get", s.web, check=False).split(" uid")[0].split("cache")[0]


def know_next_hops(s):
    run(s.gw, "ip", "neigh", "replace", s.neighbour, "lladdr", s.route_mac, "dev", "ext0", "nud", "reachable")
    run(s.gw, "ip", "route", "flush", "cache")


@attack(
    "from outside: ICMP redirect to a neighbour",
    prepare=know_next_hops,
    state=route_to_web,
    guards=("input-rest", "input-outer-mtu"),
)
def redirect(s):
    # About an echo reply: the one packet that needs no socket for the kernel to believe the redirect
    # (icmp_err).
    quoted = p.ipv4(s.outer_ip, s.web, 1, p.icmp(0, 0, b"\0\1\0\1", p.MARK))
    body = p.icmp(5, 1, p.ip4(s.neighbour), quoted[:28])
    s.outside.send(s.from_outside(body, 1, src=s.route_ip))


def own_connection(s):
    """A connection as tor's own, to a relay, its last frame and the relay's address."""
    address, port = s.places[-1]
    connection = clients.connect(s.gw, address, port, uid=s.tor_uid)
    mine = connection.getsockname()[1]
    # The kernel has sent its ACK before the connection is open here; where a rule has dropped it, none comes.
    s.settle()
    frames, _ = (s.tunnel_tap or s.outer).until(
        lambda incoming, f: incoming and f.sport == mine and f.flags == p.ACK, clients.patience(1)
    )
    return connection, [f for incoming, f in frames if incoming and f.sport == mine][-1], address


def relay_connection(s):
    """The same with what an ICMP error about it must quote."""
    connection, last, address = own_connection(s)
    return (
        connection,
        p.ipv4(s.exit_ip, address, 6, p.tcp(s.exit_ip, address, last.sport, last.dport, p.ACK, seq=last.seq))[
            :28
        ],
        address,
    )


@attack(
    "from outside: an ICMP error other than frag-needed about tor's own connection",
    counter=("outer_in", 2),
    state=lambda s: s.icmp_errors,
    guards=("input-outer-mtu",),
)
def related_icmp(s):
    connection, quoted, _ = relay_connection(s)
    connection.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    for code in (1, 13):
        s.outside.send(s.from_outside(p.icmp(3, code, b"\0" * 4, quoted), 1, src=s.route_ip))
    s.settle(1)
    s.icmp_errors += connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
    connection.close()


def route_to_workstation(s):
    return "mtu" in run(s.gw, "ip", "-4", "route", "get", s.ws[0]["address"])


def forget_paths(s):
    run(s.gw, "ip", "route", "flush", "cache")


@attack(
    "frag-needed from a Workstation about its own connection",
    prepare=forget_paths,
    state=route_to_workstation,
    counter=("inner_in", 1),
    guards=("input-outer-mtu",),
)
def inner_mtu(s):
    connection = clients.connect(s.ws[0]["namespace"], s.inner_ip, 9050)
    mine = connection.getsockname()[1]
    frames, _ = s.inner.until(
        lambda incoming, f: incoming and f.dport == mine and f.flags == p.SYN | p.ACK, clients.patience(10)
    )
    first = [f for incoming, f in frames if incoming and f.dport == mine][0]
    quoted = p.ipv4(
        s.inner_ip,
        s.ws[0]["address"],
        6,
        p.tcp(s.inner_ip, s.ws[0]["address"], 9050, mine, p.ACK, seq=first.seq + 1),
    )[:28]
    s.wires[0].send(s.from_ws(p.icmp(3, 4, struct.pack("!HH", 0, 1000), quoted), s.inner_ip, 1))
    s.fence()
    connection.close()


def arp_reply(*expected):
    """An ARP answer of the Gateway's to anybody but these."""
    return lambda f: (
        f.raw[38:42]
        if f.kind == p.ARP and f.raw[20:22] == b"\0\2" and f.raw[38:42] not in [p.ip4(x) for x in expected]
        else None
    )


@attack(
    "ARP inside: asking under addresses of the external network",
    counter=("arp_in", 2),
    control=2,
    inner=arp_reply("10.152.152.11", "10.152.152.12"),
    guards=("arp-in-inner", "arp-in-outer", "arp-in-rest"),
)
def arp_inside(s):
    w = s.ws[0]
    for claimed in (s.route_ip, s.web):
        ask = p.arp(1, w["mac"], claimed, "00:00:00:00:00:00", s.inner_ip)
        s.wires[0].send(p.ethernet(w["mac"], p.BROADCAST, p.ARP, ask))


@attack(
    "ARP outside: asking under a Workstation's address, and odd operations",
    counter=("arp_in", 4),
    control=2,
    outer=lambda f: (
        f.raw[38:42]
        if f.kind == p.ARP and f.raw[20:22] == b"\0\2" and f.raw[38:41] == b"\x0a\x98\x98"
        else None
    ),
    guards=("arp-in-outer", "arp-in-inner", "arp-in-rest"),
)
def arp_outside(s):
    for claimed in (s.ws[0]["address"], s.ws[1]["address"]):
        ask = p.arp(1, s.ws[0]["mac"], claimed, "00:00:00:00:00:00", s.outer_ip)
        s.outside.send(p.ethernet(s.ws[0]["mac"], p.BROADCAST, p.ARP, ask))
    for operation in (3, 9):
        odd = p.arp(operation, s.route_mac, s.route_ip, s.outer_mac, s.outer_ip)
        s.outside.send(p.ethernet(s.route_mac, s.outer_mac, p.ARP, odd))


@attack(
    "ARP outside: asking for the Gateway's inner address",
    counter=("arp_out", 1),
    outer=lambda f: f.raw[28:32] if f.kind == p.ARP and f.raw[28:32] == p.ip4("10.152.152.10") else None,
    guards=("arp-out-inner", "arp-out-outer", "arp-out-rest"),
)
def arp_for_inner(s):
    ask = p.arp(1, s.route_mac, s.route_ip, "00:00:00:00:00:00", s.inner_ip)
    s.outside.send(p.ethernet(s.route_mac, p.BROADCAST, p.ARP, ask))


@attack(
    "frag-needed about no connection",
    prepare=forget_paths,
    state=lambda s: "mtu" in run(s.gw, "ip", "-4", "route", "get", s.web),
    counter=("invalid_in", 2),
    guards=("input-outer-mtu", "input-invalid"),
)
def unrelated_mtu(s):
    # For TCP the kernel asks for a socket; for an echo reply it believes (icmp_err).
    for proto, about in (
        (6, p.tcp(s.outer_ip, s.web, 5555, 80, p.ACK)),
        (1, p.icmp(0, 0, b"\0\1\0\1", p.MARK)),
    ):
        quoted = p.ipv4(s.outer_ip, s.web, proto, about)[:28]
        s.outside.send(s.from_outside(p.icmp(3, 4, struct.pack("!HH", 0, 900), quoted), 1, src=s.route_ip))


@attack(
    "a NIC that no one planned: SYN to a SocksPort",
    counter=("other_in", 1),
    outer=lambda f: f.flags if f.proto == 6 and f.sport == 9050 and f.daddr == "198.51.100.7" else None,
    guards=("early-other", "inet/sallyport/early"),
)
def unplanned_nic(s):
    run(s.gw, "ip", "link", "add", "odd0", "type", "veth", "peer", "name", "odd1")
    try:
        run(s.gw, "ip", "link", "set", "odd0", "up")
        run(s.gw, "ip", "link", "set", "odd1", "up")
        with inside(s.gw):
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            wire.bind(("odd1", 0))
        mac = json.loads(run(s.gw, "ip", "-j", "link", "show", "odd0"))[0]["address"]
        segment = p.tcp("198.51.100.7", s.inner_ip, s.fresh_port(), 9050, p.SYN)
        wire.send(
            p.ethernet("52:54:00:00:00:99", mac, p.IPV4, p.ipv4("198.51.100.7", s.inner_ip, 6, segment))
        )
        s.settle(1)
    finally:
        run(s.gw, "ip", "link", "delete", "odd0")
