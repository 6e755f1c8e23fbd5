"""What must work: one short check for each way that rules let through on purpose."""

import select
import socket
import struct
import time

import clients
import packet as p
from attack import Red, duty
from gateway import NOBODY, own_tcp, send_raw
from namespaces import inside, run
from outside import relay_connection


def ws(s, i=0):
    return s.ws[i]["namespace"]


@duty(
    "SocksPort 9050 speaks SOCKS",
    guards=(
        "input-socks",
        "early-inner",
        "redirect-not-socks",
        "input-inner-established",
        "output-inner-established",
        "inet/sallyport/early",
        "early-ipv6",
        "early-fragment",
        "early-flags",
        "input-invalid",
        "output-lan",
    ),
)
def socks(s):
    for port in (9050, 9101, 9150, 9189):
        connection = clients.connect(ws(s), s.inner_ip, port)
        clients.socks_greet(connection)
        connection.close()


@duty(
    "both Workstations are served",
    guards=("early-inner", "output-inner-established", "arp-in-inner", "arp-out-inner"),
)
def both(s):
    for w in s.ws:
        run(s.gw, "ip", "neigh", "flush", "dev", "int0")
        run(w["namespace"], "ip", "neigh", "flush", "dev", "eth0")
        connection = clients.connect(w["namespace"], s.inner_ip, 9050)
        clients.socks_greet(connection)
        connection.close()


@duty(
    "any TCP destination is carried to TransPort, SocksPort numbers and .onion's automapped range too",
    guards=("redirect-tcp", "input-trans", "redirect-not-socks"),
)
def transparent(s):
    for address, port in ((s.web, 80), (s.web, 9050), ("10.192.0.1", 80)):
        clients.connect(ws(s), address, port).close()


@duty(
    "DNS is answered, whichever resolver is asked",
    guards=("redirect-dns", "input-dns", "redirect-not-socks", "output-outer-established"),
)
def dns(s):
    for server in (s.inner_ip, "8.8.8.8"):
        found, flow = clients.patiently(
            lambda: clients.ask_resolver(ws(s), server, "web.example.test", seconds=3), 20
        )
        if found != s.web:
            raise Red("wrong answer from %s" % server)
        # Attacks on programs are judged by the same question.
        if not s.knows(flow):
            raise Red("conntrack does not know a flow that was answered: it proves nothing")


@duty(
    "tor's user connects to a relay",
    guards=(
        "output-tor",
        "output-outer-established",
        "input-outer-established",
        "early-outer",
        "arp-in-outer",
        "arp-out-outer",
        "output-lan",
        "output-ipv6",
        "output-fragment",
        "output-flags",
        "output-invalid",
    ),
)
def relay(s):
    run(s.gw, "ip", "neigh", "flush", "dev", "ext0")
    address, port = s.places[-1]
    clients.connect(s.gw, address, port, uid=s.tor_uid).close()


@duty(
    "path MTU discovery works for tor's own connections",
    guards=("input-outer-mtu", "output-outer-established"),
)
def path_mtu(s):
    connection, quoted, address = relay_connection(s)
    s.outside.send(s.from_outside(p.icmp(3, 4, struct.pack("!HH", 0, 1000), quoted), 1, src=s.route_ip))
    s.fence()
    found = run(s.gw, "ip", "-4", "route", "get", address)
    connection.close()
    run(s.gw, "ip", "route", "flush", "cache")
    if "mtu 1000" not in found:
        raise Red("the Gateway did not learn the smaller MTU")


BESIDES = 8
"""Connections that are tried beyond the limit."""


@duty(
    "a Workstation over its limit of connections is refused, its sibling is served", guards=("input-crowded",)
)
def crowded(s):
    sockets, rules = [], s.nft(s.gw)
    # Earlier probes' connections; and in the end this one's, of which the kernel forgets a few with each new
    # one.
    rules.forget("connections")
    try:
        for _ in range(s.connections + BESIDES):
            with inside(ws(s)):
                one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
            sockets.append(one)
            one.connect_ex((s.inner_ip, 9050))
        s.settle()
        poll = select.poll()
        for one in sockets:
            poll.register(one, select.POLLOUT)
        found = len(poll.poll(0))
        # One that tor has closed meanwhile makes room for another, and still counts as answered.
        if not s.connections <= found < s.connections + BESIDES // 2:
            raise Red("%d of %d connections are open, the limit is %d" % (found, len(sockets), s.connections))
        connection = clients.connect(ws(s, 1), s.inner_ip, 9050)
        clients.socks_greet(connection)
        connection.close()
        before = s.counters()
        s.wires[0].send(s.ws_udp(s.inner_ip, 4444))
        s.fence()
        if s.counters()["inner_in"] == before["inner_in"]:
            raise Red("the limit took what is no connection to tor")
    finally:
        for one in sockets:
            one.close()
        rules.forget("connections")


BURST, SENT = 5, 30
"""Lines that a rule may log in a row (LOG_RATE), and packets that each gets."""


def log_is_bounded(s, namespace, provoke, chains):
    """
    What no rule took is logged by the chain's name, and no more often than it may be. The kernel does not
    print what a namespace logs; the counter between limit and log tells.
    """
    start, before = time.monotonic(), s.nft(namespace).logs()
    for _ in range(SENT):
        provoke()
    s.fence()
    found = s.nft(namespace).logs()
    if set(found) != {"sallyport-drop %s: " % chain for chain in chains}:
        raise Red("rules log by %s" % sorted(found))
    silent = [prefix for prefix, packets in found.items() if packets == 0]
    if silent:
        raise Red("nothing was logged by %s" % silent)
    most = BURST + time.monotonic() - start + 1
    flooded = [
        "%s %d" % (prefix, packets - before[prefix])
        for prefix, packets in found.items()
        if packets - before[prefix] > most
    ]
    if flooded:
        raise Red("logged more than %d times: %s" % (most, flooded))


@duty(
    "what no rule took is logged, and not too often",
    rules_alone=True,
    guards=("early-log", "input-log", "forward-log", "output-log", "arp-in-log", "arp-out-log"),
)
def logs(s):
    def provoke():
        me, other = s.ws
        claim = p.ethernet(
            me["mac"], s.inner_mac, p.ARP, p.arp(1, me["mac"], other["address"], s.inner_mac, s.inner_ip)
        )
        ask = p.ethernet(
            me["mac"], p.BROADCAST, p.ARP, p.arp(1, me["mac"], me["address"], "00:00:00:00:00:00", s.outer_ip)
        )
        s.wires[0].send(
            s.ws_tcp(s.inner_ip, 9050, p.SYN, src="10.152.152.99"),
            s.ws_udp(s.inner_ip, 4444),
            s.ws_udp(s.web, 4444),
            claim,
            ask,
        )
        send_raw(s, NOBODY, own_tcp(s, s.web, 80, p.SYN))

    log_is_bounded(s, s.gw, provoke, ("early", "input", "forward", "output", "arp input", "arp output"))
