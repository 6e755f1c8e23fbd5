"""tor behind a tunnel: into it goes tor's TCP alone, outside the tunnel's own packets alone. A stand-in is
its device."""

import contextlib
import socket
import struct

import clients
import packet as p
from attack import Attack, Duty, Red
from gateway import NOBODY, own_tcp, send_raw, to_outside
from namespaces import inside, run
from outside import IP_RECVERR, own_connection, relay_connection, tcp_answer

REGISTRY = []
MTU = 1000


def attack(name, *guards, **options):
    def register(send):
        REGISTRY.append(Attack(name, send, guards, **options))
        return send

    return register


def duty(name, *guards):
    def register(check):
        REGISTRY.append(Duty(name, check, guards))
        return check

    return register


def own_udp(s, dst, dport, src=None):
    src = src or s.outer_ip
    return p.ipv4(src, dst, 17, p.udp(src, dst, s.fresh_port(), dport, p.MARK))


def place(s):
    return s.places[-1]


def know_next_hops(s):
    run(s.gw, "ip", "neigh", "replace", s.route_ip, "lladdr", s.route_mac, "dev", "ext0", "nud", "reachable")
    for address in (s.web, place(s)[0]):
        run(s.gw, "ip", "neigh", "replace", address, "lladdr", s.route_mac, "dev", "ext0", "nud", "reachable")
        run(
            s.gw,
            "ip",
            "neigh",
            "replace",
            address,
            "lladdr",
            s.ws[0]["mac"],
            "dev",
            "int0",
            "nud",
            "reachable",
        )


@duty(
    "tor's user connects to a relay through the tunnel",
    "early-tunnel",
    "input-outer-established",
    "output-tor",
    "output-outer-established",
    "output-lan",
)
def through(s):
    s.forget()
    own_connection(s)[0].close()
    _, outer = s.fence()
    if any(f.proto == 6 for f in outer):
        raise Red("its connection was seen outside")


@duty("a Workstation is answered", "output-lan")
def inner(s):
    with inside(s.gw):
        listener = socket.create_server((s.inner_ip, 9050))
    try:
        clients.connect(s.ws[0]["namespace"], s.inner_ip, 9050).close()
    finally:
        listener.close()


def tunnel_socket(s):
    """As the kernel's own, by its mark."""
    with inside(s.gw):
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, s.tunnel["mark"])
    own.settimeout(5)
    own.connect(tuple(s.tunnel["endpoint"]))
    return own


@contextlib.contextmanager
def peer_socket(s):
    with inside(s.spec["namespaces"]["internet"]):
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with other:
        other.bind(tuple(s.tunnel["endpoint"]))
        other.setblocking(False)
        yield other


def exchange(s, own):
    """A packet of the tunnel's to its peer, and the peer's answer. @raises TimeoutError when there is none"""
    with peer_socket(s) as other:
        own.send(p.MARK)
        s.settle()
        try:
            other.sendto(*other.recvfrom(100))
        except BlockingIOError:
            raise TimeoutError("nothing reached the tunnel's peer") from None
    s.settle()
    own.setblocking(False)
    try:
        own.recv(100)
    except BlockingIOError:
        raise TimeoutError("no answer from the tunnel's peer") from None


@duty("the tunnel's own packets come and go", "output-tunnel", "input-tunnel")
def own_packets(s):
    with tunnel_socket(s) as own:
        exchange(s, own)


@duty("path MTU discovery works for tor's own connections in the tunnel", "input-outer-mtu")
def path_mtu(s):
    run(s.gw, "ip", "route", "flush", "cache")
    connection, quoted, address = relay_connection(s)
    s.tunnel_wire.send(s.from_tunnel(p.icmp(3, 4, struct.pack("!HH", 0, MTU), quoted), 1))
    s.fence()
    found = run(s.gw, "ip", "-4", "route", "get", address)
    connection.close()
    run(s.gw, "ip", "route", "flush", "cache")
    if "mtu %d" % MTU not in found:
        raise Red("the Gateway did not learn the smaller MTU")


@attack(
    "tor's user around the tunnel: TCP and UDP by the external link",
    "output-tor",
    "output-outer-established",
    "output-tunnel",
    prepare=know_next_hops,
    outer=to_outside,
    counter=("outer_out", 5),
)
def around(s):
    address, port = place(s)
    for src in (s.outer_ip, s.exit_ip):
        send_raw(
            s,
            s.tor_uid,
            own_tcp(s, address, port, p.SYN, src=src),
            own_tcp(s, s.web, 80, p.SYN, src=src),
            device="ext0",
        )
    send_raw(s, s.tor_uid, own_udp(s, *s.tunnel["endpoint"]), device="ext0")


@attack(
    "tor's user into the tunnel: other protocols, another source, what begins nothing",
    "output-tor",
    "output-outer-established",
    tunnel=to_outside,
    counter=("outer_out", 5),
)
def into(s):
    address, port = place(s)
    send_raw(
        s,
        s.tor_uid,
        own_udp(s, s.web, 53, s.exit_ip),
        p.ipv4(s.exit_ip, s.web, 1, p.icmp(8, 0, b"\0\1\0\1", p.MARK)),
        own_tcp(s, address, port, p.SYN, src=s.outer_ip),
        own_tcp(s, address, port, p.SYN, src=s.inner_ip),
        own_tcp(s, s.web, 80, p.ACK),
    )


@attack(
    "the Gateway's other users into the tunnel", "output-tor", tunnel=to_outside, counter=("outer_out", 2)
)
def others(s):
    for uid in (0, NOBODY):
        send_raw(s, uid, own_tcp(s, *place(s), p.SYN))


@attack(
    "tor's user towards a LAN through the tunnel", "output-lan", tunnel=to_outside, counter=("lan_out", 4)
)
def lan(s):
    send_raw(
        s,
        s.tor_uid,
        *[own_tcp(s, dst, 22, p.SYN) for dst in ("192.168.1.1", "172.16.0.1", "169.254.169.254", "10.1.2.3")],
    )


@attack(
    "tor's connections by another link than the tunnel",
    "output-outer-established",
    prepare=know_next_hops,
    outer=to_outside,
    inner=to_outside,
    counter=("outer_out", 1),
)
def wrong_link(s):
    connection, last, address = own_connection(s)
    data = p.tcp(
        s.exit_ip, address, last.sport, last.dport, p.ACK | p.PSH, seq=last.seq, ack=last.ack, payload=p.MARK
    )
    for device in ("ext0", "int0"):
        send_raw(s, 0, p.ipv4(s.exit_ip, address, 6, data), device=device)
    connection.close()


def other_than_own(f):
    """The tunnel's own are to its peer's port, from the Gateway's own address."""
    return (f.saddr, f.daddr, f.dport) if f.proto in (6, 17) and p.MARK in f.raw else None


@attack(
    "marked like the tunnel's own, but elsewhere, from elsewhere, or into the tunnel; and without the mark",
    "output-tunnel",
    prepare=know_next_hops,
    outer=other_than_own,
    tunnel=other_than_own,
    inner=other_than_own,
    counter=("outer_out", 5),
)
def like_the_tunnel(s):
    address, port = s.tunnel["endpoint"]
    send_raw(
        s,
        0,
        own_udp(s, address, port + 1),
        own_udp(s, s.web, port),
        own_udp(s, address, port, src="198.51.100.9"),
        device="ext0",
        mark=s.tunnel["mark"],
    )
    send_raw(s, 0, own_udp(s, address, port), device="tun0", mark=s.tunnel["mark"])
    send_raw(s, 0, own_udp(s, address, port), device="ext0")


@attack(
    "from the tunnel: SYN to the Gateway's ports, all its addresses",
    "input-outer-established",
    "input-rest",
    tunnel=tcp_answer,
    inner=tcp_answer,
    counter=("outer_in", 9),
)
def try_port(s):
    for dst in (s.exit_ip, s.outer_ip, s.inner_ip):
        for port in (22, 9040, 9050):
            s.tunnel_wire.send(s.from_tunnel(p.tcp(s.web, dst, s.fresh_port(), port, p.SYN), 6, dst=dst))


@attack(
    "from the tunnel: under a Workstation's address",
    "early-tunnel",
    inner=tcp_answer,
    counter=("other_in", 1),
)
def spoofed(s):
    src = s.ws[0]["address"]
    s.tunnel_wire.send(
        s.from_tunnel(p.tcp(src, s.inner_ip, s.fresh_port(), 9050, p.SYN), 6, src=src, dst=s.inner_ip)
    )


@attack(
    "inside and on a NIC that no one planned: under a public address",
    "early-tunnel",
    counter=("spoofed_inner", 1),
    inner=tcp_answer,
    tunnel=tcp_answer,
)
def public_inside(s):
    s.wires[0].send(s.ws_tcp(s.inner_ip, 9050, p.SYN, src=s.web))


@attack(
    "an ICMP error other than frag-needed about tor's connection in the tunnel",
    "input-outer-mtu",
    state=lambda s: s.icmp_errors,
    counter=("outer_in", 2),
)
def related(s):
    connection, quoted, _ = relay_connection(s)
    connection.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    for code in (1, 13):
        s.tunnel_wire.send(s.from_tunnel(p.icmp(3, code, b"\0" * 4, quoted), 1))
    s.settle(1)
    s.icmp_errors += connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
    connection.close()


def learnt(s):
    return "mtu" in run(s.gw, "ip", "-4", "route", "get", place(s)[0])


def forget_paths(s):
    run(s.gw, "ip", "route", "flush", "cache")


@attack(
    "from outside the tunnel: frag-needed and data about tor's connection in it",
    "input-outer-mtu",
    "input-outer-established",
    "input-tunnel",
    prepare=forget_paths,
    state=learnt,
    counter=("outer_in", 2),
)
def beside(s):
    connection, last, address = own_connection(s)
    quoted = p.ipv4(
        s.exit_ip, address, 6, p.tcp(s.exit_ip, address, last.sport, last.dport, p.ACK, seq=last.seq)
    )[:28]
    forged = p.tcp(address, s.exit_ip, last.dport, last.sport, p.ACK, seq=last.ack, ack=last.seq)
    s.outside.send(
        s.from_outside(p.icmp(3, 4, struct.pack("!HH", 0, MTU), quoted), 1, src=s.route_ip, dst=s.exit_ip),
        s.from_outside(forged, 6, src=address, dst=s.exit_ip),
    )
    s.fence()
    connection.close()


@attack(
    "the tunnel's peer begins something, and answers through its own tunnel",
    "input-tunnel",
    state=lambda s: s.taken,
    counter=("outer_in", 3),
)
def peer(s):
    address, port = s.tunnel["endpoint"]
    with peer_socket(s), tunnel_socket(s) as own:
        own.send(p.MARK)
        mine = own.getsockname()[1]
        s.fence()
        for sport, dport in ((port, mine + 1), (port + 1, mine)):
            s.outside.send(s.from_outside(p.udp(address, s.outer_ip, sport, dport, p.MARK), 17, src=address))
        s.tunnel_wire.send(
            s.from_tunnel(p.udp(address, s.outer_ip, port, mine, p.MARK), 17, src=address, dst=s.outer_ip)
        )
        s.fence()
        own.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            s.taken += len(own.recv(100)) > 0
