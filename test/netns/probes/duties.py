"""What must work: one short check for each way that rules let through on purpose."""
import struct

import clients
import packet as p
from attack import Red, duty
from namespaces import run
from outside import relay_connection


def ws(s, i=0):
    return s.ws[i]["namespace"]


@duty("SocksPort 9050 speaks SOCKS", guards=("input-socks", "early-inner", "redirect-not-socks", "input-inner-established",
                                            "output-inner-established", "inet/sallyport/early"))
def socks(s):
    for port in (9050, 9101, 9150, 9189):
        connection = clients.connect(ws(s), s.inner_ip, port)
        clients.socks_greet(connection)
        connection.close()


@duty("both Workstations are served", guards=("early-inner", "output-inner-established", "arp-in-inner", "arp-out-inner"))
def both(s):
    for w in s.ws:
        run(s.gw, "ip", "neigh", "flush", "dev", "int0")
        run(w["namespace"], "ip", "neigh", "flush", "dev", "eth0")
        connection = clients.connect(w["namespace"], s.inner_ip, 9050)
        clients.socks_greet(connection)
        connection.close()


@duty("any TCP destination is carried to TransPort, SocksPort numbers and .onion's automapped range too",
      guards=("redirect-tcp", "input-trans", "redirect-not-socks"))
def transparent(s):
    for address, port in ((s.web, 80), (s.web, 9050), ("10.192.0.1", 80)):
        clients.connect(ws(s), address, port).close()


@duty("DNS is answered, whichever resolver is asked", guards=("redirect-dns", "input-dns", "redirect-not-socks", "output-outer-established"))
def dns(s):
    for server in (s.inner_ip, "8.8.8.8"):
        found, flow = clients.patiently(lambda: clients.ask_resolver(ws(s), server, "web.example.test", seconds=3), 20)
        if found != s.web:
            raise Red("wrong answer from %s" % server)
        # Attacks on programs are judged by the same question.
        if not s.knows(flow):
            raise Red("conntrack does not know a flow that was answered: it proves nothing")


@duty("tor's user connects to a relay", guards=("output-tor", "output-outer-established", "input-outer-established", "early-outer",
                                               "arp-in-outer", "arp-out-outer", "output-lan"))
def relay(s):
    run(s.gw, "ip", "neigh", "flush", "dev", "ext0")
    address, port = s.relays[-1]
    clients.connect(s.gw, address, port, uid=s.tor_uid).close()


@duty("path MTU discovery works for tor's own connections", guards=("input-outer-mtu",))
def path_mtu(s):
    connection, quoted, address = relay_connection(s)
    s.outside.send(s.from_outside(p.icmp(3, 4, struct.pack("!HH", 0, 1000), quoted), 1, src=s.route_ip))
    s.fence()
    found = run(s.gw, "ip", "-4", "route", "get", address)
    connection.close()
    run(s.gw, "ip", "route", "flush", "cache")
    if "mtu 1000" not in found:
        raise Red("the Gateway did not learn the smaller MTU")
