"""The Workstation's own rules: its programs as any user, its neighbour on the isolated network."""

import socket
import threading

import clients
import packet as p
from attack import Red, WORKSTATION, attack, duty
from duties import log_is_bounded
from inside import marked
from namespaces import as_owner, inside

PORT = 8000


def me(s):
    return s.ws[0]["namespace"]


def send_udp(s, *targets, family=socket.AF_INET, uid=0):
    with inside(me(s)), as_owner(uid):
        out = socket.socket(family, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for target in targets:
        try:
            out.sendto(p.MARK, target)
        except OSError:
            pass  # refused at once
    out.close()


def try_tcp(s, *targets, uid=0):
    for address, port in targets:
        with inside(me(s)), as_owner(uid):
            out = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        out.setblocking(False)
        out.connect_ex((address, port))
        out.close()


def syn(f):
    return (f.daddr, f.dport) if f.proto == 6 and f.flags == p.SYN else None


@attack(
    "Workstation: UDP anywhere but to the Gateway's resolver",
    registry=WORKSTATION,
    own=marked,
    control=4,
    counter=("rejected_out", 4),
    guards=("ws-output-rest", "ws-output-dns", "ws-output-established", "inet/sallyport/output"),
)
def udp_out(s):
    send_udp(
        s,
        ("8.8.8.8", 53),
        (s.web, 443),
        (s.inner_ip, 5300),
        (s.ws[1]["address"], 4444),
        ("10.152.152.255", 67),
    )


@attack(
    "Workstation: ICMP",
    registry=WORKSTATION,
    own=marked,
    control=1,
    counter=("rejected_out", 1),
    guards=("ws-output-rest", "ws-output-tcp", "ws-output-automap"),
)
def icmp_out(s):
    with inside(me(s)):
        out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    for dst in (s.inner_ip, s.web, "10.192.0.1"):
        try:
            out.sendto(p.icmp(8, 0, b"\0\1\0\1", p.MARK), (dst, 0))
        except OSError:
            pass
    out.close()


@attack(
    "Workstation: TCP to private networks, its neighbour, the Gateway's other ports",
    registry=WORKSTATION,
    own=syn,
    control=4,
    counter=("rejected_out", 4),
    guards=("ws-output-rest", "ws-output-tcp", "ws-output-socks", "ws-output-automap"),
)
def tcp_out(s):
    try_tcp(
        s,
        ("192.168.1.1", 9050),
        ("172.16.0.1", 80),
        (s.ws[1]["address"], 9050),
        (s.inner_ip, 22),
        (s.inner_ip, 9040),
    )


@attack(
    "Workstation: tor inside tor",
    registry=WORKSTATION,
    own=syn,
    control=2,
    counter=("tor_over_tor", 2),
    guards=("ws-output-tor",),
)
def tor_over_tor(s):
    try_tcp(s, (s.inner_ip, 9050), (s.web, 9001), uid=s.tor_uid)


@attack(
    "Workstation: IPv6",
    registry=WORKSTATION,
    counter=("rejected_out", 1),
    guards=("ws-output-rest", "inet/sallyport/output"),
    own=lambda f: f.raw[54:55] if f.kind == p.IPV6 else None,
)
def ipv6_out(s):
    with inside(me(s)):
        index = socket.if_nametoindex("eth0")
    send_udp(s, ("ff02::1", 4444, 0, index), ("fd00::10", 53, 0, 0), family=socket.AF_INET6)


def answers(f):
    return (f.proto, f.sport) if f.proto in (1, 6, 17) and f.daddr == "10.152.152.12" else None


@attack(
    "Workstation: its neighbour connects, a listener behind it",
    registry=WORKSTATION,
    own=answers,
    control=2,
    counter=("dropped_in", 3),
    guards=("ws-input-rest", "ws-input-established", "ws-input-lo", "inet/sallyport/input"),
)
def try_port(s):
    with inside(me(s)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", PORT))
        listener.listen()
    neighbour, mine = s.ws[1], s.ws[0]
    for payload, proto in (
        (p.tcp(neighbour["address"], mine["address"], s.fresh_port(), PORT, p.SYN), 6),
        (p.udp(neighbour["address"], mine["address"], s.fresh_port(), PORT, p.MARK), 17),
        (p.icmp(8, 0, b"\0\1\0\1", p.MARK), 1),
    ):
        s.wires[1].send(
            p.ethernet(
                neighbour["mac"],
                mine["mac"],
                p.IPV4,
                p.ipv4(neighbour["address"], mine["address"], proto, payload),
            )
        )
    s.fence()
    listener.close()


def routed(f):
    return f.proto if p.MARK in f.raw and f.saddr == "10.152.152.12" else None


@attack(
    "Workstation: as another's router",
    registry=WORKSTATION,
    counter=("forwarded", 1),
    guards=("ws-forward-none", "inet/sallyport/forward"),
    own=routed,
)
def route(s):
    neighbour, mine = s.ws[1], s.ws[0]
    data = p.udp(neighbour["address"], s.web, s.fresh_port(), 4444, p.MARK)
    s.wires[1].send(
        p.ethernet(neighbour["mac"], mine["mac"], p.IPV4, p.ipv4(neighbour["address"], s.web, 17, data))
    )


@duty(
    "Workstation: SocksPorts, any public TCP and automapped addresses",
    registry=WORKSTATION,
    guards=(
        "ws-output-socks",
        "ws-output-tcp",
        "ws-output-automap",
        "ws-output-established",
        "ws-input-established",
    ),
)
def tcp_works(s):
    connection = clients.connect(me(s), s.inner_ip, 9050)
    clients.socks_greet(connection)
    connection.close()
    for address in (s.web, "10.192.0.1"):
        clients.connect(me(s), address, 80).close()


@duty(
    "Workstation: DNS from the Gateway",
    registry=WORKSTATION,
    guards=("ws-output-dns", "ws-input-established"),
)
def dns_works(s):
    if (
        clients.patiently(lambda: clients.resolve(me(s), s.inner_ip, "web.example.test", seconds=3), 20)
        != s.web
    ):
        raise Red("wrong answer")


@duty(
    "Workstation: programs talk over loopback", registry=WORKSTATION, guards=("ws-input-lo", "ws-output-lo")
)
def loopback_works(s):
    with inside(me(s)):
        listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    threading.Thread(target=listener.accept, daemon=True).start()
    clients.connect(me(s), "127.0.0.1", listener.getsockname()[1]).close()
    listener.close()


def log_bounded(s):
    def provoke():
        send_udp(s, ("8.8.8.8", 4444))
        neighbour, mine = s.ws[1], s.ws[0]
        for dst in (mine["address"], s.web):
            data = p.udp(neighbour["address"], dst, s.fresh_port(), 4444, p.MARK)
            s.wires[1].send(
                p.ethernet(neighbour["mac"], mine["mac"], p.IPV4, p.ipv4(neighbour["address"], dst, 17, data))
            )

    log_is_bounded(s, me(s), provoke, ("input", "forward", "output"))


duty(
    "Workstation: what no rule took is logged, and not too often",
    registry=WORKSTATION,
    guards=("ws-input-log", "ws-forward-log", "ws-output-log"),
)(log_bounded)
