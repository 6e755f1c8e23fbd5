"""An enclave without a transparent proxy: SocksPorts answer, everything else is dropped, nothing dangles."""

import clients
import packet as p
import tornet
from attack import Attack, Red


def by_outer_address(s):
    s.wires[0].send(*[s.ws_tcp(s.outer_ip, port, p.SYN) for port in (9050, 9101, 9150)])


OUTER = Attack(
    "SocksPorts by the Gateway's external address",
    by_outer_address,
    ("input-socks",),
    counter=("inner_in", 3),
    inner=lambda f: f.sport if f.proto == 6 and f.saddr != "10.152.152.10" else None,
)


def works(s):
    """A page and a name through a SocksPort."""
    tornet.page_socks(s)


def only_socks_ports(s):
    """Of all 65535 TCP ports of the Gateway, those of the table answer and no other; the same on the
    external address: none."""
    expected = set(s.spec["socksPorts"]) | set(s.spec["httpTunnelPorts"])
    for address, wanted in ((s.inner_ip, expected), (s.outer_ip, set())):
        s.forget()
        s.wires[0].send(*p.every_port(s.ws_tcp(address, 0, p.SYN, sport=0, payload=b"")))
        inner, _ = s.fence()
        found = {f.sport for f in inner if f.proto == 6 and f.flags == p.SYN | p.ACK}
        if found != wanted:
            raise Red("%s answers on %s, expected %s" % (address, sorted(found ^ wanted), "the table"))


def nothing_else(s):
    """No connection to a public host, no name, no automapped address."""
    for address, port in ((s.web, 80), ("10.192.0.1", 80), (s.web, 9050)):
        try:
            with clients.hurried(s):
                clients.connect(s.ws[0]["namespace"], address, port).close()
        except OSError:
            continue
        raise Red("TCP to %s:%d was answered" % (address, port))
    for server in (s.inner_ip, "8.8.8.8"):
        try:
            with clients.hurried(s):
                clients.resolve(s.ws[0]["namespace"], server, "web.example.test", seconds=10)
        except OSError:
            continue
        raise Red("%s answered a DNS query" % server)
