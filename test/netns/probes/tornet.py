"""What needs tor itself: pages, names, onion services, circuits, and tor going away."""

import json
import os
import signal
import socket
import threading
import time

import clients
import packet as p
from attack import Red
from control import Control, circuits
from namespaces import run

CHECKS = []
ONION = []
"""Checks of an onion service, which takes its time to become known."""


def check(name, checks=CHECKS):
    def register(function):
        checks.append((name, function))
        return function

    return register


def transparent_page(s, path="/t", i=0, host="web.example.test", address=None, port=80, seconds=15):
    connection = clients.connect(s.ws[i]["namespace"], address or s.web, port, seconds)
    try:
        return clients.http_get(connection, host, path)
    finally:
        connection.close()


def socks_page(s, port, path="/s", user=None, i=0, host="web.example.test", to=80, seconds=15):
    connection = clients.connect(s.ws[i]["namespace"], s.inner_ip, port, seconds)
    try:
        clients.socks_open(connection, host, to, user)
        return clients.http_get(connection, host, path)
    finally:
        connection.close()


def http_tunnel_page(s, port, path="/h", host="web.example.test", i=0, credentials=None):
    connection = clients.connect(s.ws[i]["namespace"], s.inner_ip, port, 15)
    try:
        clients.connect_open(connection, host, 80, credentials)
        return clients.http_get(connection, host, path)
    finally:
        connection.close()


def seen_from_exit(s, body):
    source = json.loads(body)["src"].replace("::ffff:", "")
    if source not in {address for address, _ in s.relays}:
        raise Red("the web server saw %s" % source)


@check("a page over TransPort, and the server sees an exit")
def page_transparent(s):
    seen_from_exit(s, clients.patiently(lambda: transparent_page(s)))


@check("a page over SocksPorts, and the server sees an exit")
def page_socks(s):
    for port in (9050, 9101, 9150, 9180):
        seen_from_exit(s, clients.patiently(lambda: socks_page(s, port)))


@check("a page over the HTTP tunnel ports that were asked for, and the server sees an exit")
def page_http_tunnel(s):
    if not s.spec["httpTunnelPorts"]:
        raise Red("the stage asks for none")
    for port in s.spec["httpTunnelPorts"]:
        seen_from_exit(s, clients.patiently(lambda: http_tunnel_page(s, port)))


@check("every SocksPort of the table speaks SOCKS")
def every_port(s):
    for port in s.spec["socksPorts"]:
        connection = clients.connect(s.ws[0]["namespace"], s.inner_ip, port)
        clients.socks_greet(connection)
        connection.close()


@check("tor listens on the ports of the table, on the inner address, and nothing else listens")
def listeners(s):
    found = set()
    for line in run(s.gw, "ss", "-H", "-l", "-n", "-t", "-u").splitlines():
        words = line.split()
        found.add((words[0], words[4]))
    wanted = {("tcp", "%s:%d" % (s.inner_ip, port)) for port in s.spec["tcpListeners"]} | {
        ("udp", "%s:%d" % (s.inner_ip, port)) for port in s.spec["udpListeners"]
    }
    if found != wanted:
        raise Red("ss and the table differ in %s" % sorted(found ^ wanted))


NOTIMP, NOERROR = 4, 0
MX, AAAA, DNSKEY = 15, 28, 48


@check("DNSPort: MX and DNSKEY are refused as not implemented, AAAA is answered by tor")
def record_types(s):
    # What no one answers shows nothing, so the refusal itself must be there.
    found = {
        kind: clients.patiently(
            lambda: clients.rcode(s.ws[0]["namespace"], s.inner_ip, "web.example.test", kind)
        )
        for kind in (MX, DNSKEY, AAAA)
    }
    if found != {MX: NOTIMP, DNSKEY: NOTIMP, AAAA: NOERROR}:
        raise Red("rcodes by record type: %s" % found)


@check(
    "DNS over TCP goes through tor like all TCP: no resolver of the Gateway's, the host's or the neighbour's is reached"
)
def tcp_dns(s):
    query = p.dns_query("web.example.test")
    query = len(query).to_bytes(2, "big") + query

    def ask(namespace, server):
        connection = clients.connect(namespace, server, 53, 15)
        try:
            connection.sendall(query)
            return connection.recv(100)
        except ConnectionError:
            return b""
        finally:
            connection.close()

    reached = len(s.listeners.hits)
    for server in (s.inner_ip, s.outer_ip, s.route_ip, s.neighbour, s.web):
        # That it is closed is tor's refusal, or the exit's; a time-out would be an error.
        if ask(s.ws[0]["namespace"], server):
            raise Red("%s answered" % server)
    if len(s.listeners.hits) != reached:
        raise Red("a listener was reached: %s" % (s.listeners.hits[reached:],))
    clients.connect(s.host, s.neighbour, 53).close()
    if len(s.listeners.hits) == reached:
        raise Red("the listeners are deaf: this proves nothing")


@check("hard-coded resolvers are answered by Tor")
def resolvers(s):
    for server in ("8.8.8.8", "1.1.1.1", "9.9.9.9", s.neighbour, "192.0.2.50", s.inner_ip):
        found = clients.patiently(lambda: clients.resolve(s.ws[0]["namespace"], server, "web.example.test"))
        if found != s.web:
            raise Red("%s answered %s" % (server, found))


MEETING = 6
"""Seconds for a page of the onion service. A rendezvous to which it does not come holds every stream for a
minute."""


def with_new_circuits(s, job):
    """Again until it works or 150 s are over, each time with circuits of its own."""

    def attempt():
        try:
            return job()
        except (OSError, EOFError, ValueError):
            control(s).ask("SIGNAL NEWNYM")
            raise

    return clients.patiently(attempt, 150)


@check("an onion service over SOCKS", ONION)
def onion_socks(s):
    with_new_circuits(s, lambda: socks_page(s, 9050, host=s.spec["onion"], seconds=MEETING))


def mappings(s):
    """Lines of tor's table of addresses (control-spec, address-mappings) that are about the onion service."""
    return [line for line in control(s).ask("GETINFO address-mappings/all") if s.spec["onion"] in line]


@check("an onion name that SOCKS was given gets no address, which others could find", ONION)
def onion_unmapped(s):
    if mappings(s):
        raise Red("tor's table holds %s" % mappings(s))


@check("an onion service over DNSPort's automapped address and TransPort", ONION)
def onion_transparent(s):
    def page():
        address = clients.resolve(s.ws[0]["namespace"], s.inner_ip, s.spec["onion"])
        if not 192 <= int(address.split(".")[1]) <= 255 or not address.startswith("10."):
            raise Red("%s is not in 10.192.0.0/10" % address)
        transparent_page(s, address=address, host=s.spec["onion"], seconds=MEETING)

    with_new_circuits(s, page)


@check(
    "an address that Workstation 1 was given for an onion name leads Workstation 2 there as well, as docs/threat-model.md says",
    ONION,
)
def onion_sibling(s):
    with_new_circuits(
        s,
        lambda: socks_page(
            s,
            9050,
            i=1,
            seconds=MEETING,
            host=clients.resolve(s.ws[0]["namespace"], s.inner_ip, s.spec["onion"]),
        ),
    )
    if not mappings(s):
        raise Red("tor's table does not show the address: that it shows none before proves nothing")


@check("host and LAN, live listeners behind them: tor refuses them over TransPort and SOCKS")
def lan(s):
    reached = len(s.listeners.hits)
    for address in (s.route_ip, s.neighbour, s.outer_ip, "127.0.0.1"):
        for port in (22, 80):
            try:
                connection = clients.connect(s.ws[0]["namespace"], s.inner_ip, 9050, 5)
                clients.socks_open(connection, address, port)
            except (ValueError, OSError, EOFError):
                pass
            else:
                raise Red("SOCKS to %s:%d was granted" % (address, port))
            if address == "127.0.0.1":
                continue
            connection = clients.connect(s.ws[0]["namespace"], address, port, 5)
            try:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                if connection.recv(100):
                    raise Red("TransPort to %s:%d gave an answer" % (address, port))
            except OSError:
                pass
    if len(s.listeners.hits) != reached:
        raise Red("a listener was reached: %s" % (s.listeners.hits[reached:],))
    clients.connect(s.host, s.neighbour, 22).close()
    if len(s.listeners.hits) == reached:
        raise Red("the listeners are deaf: this proves nothing")


def control(s):
    c = Control(s.spec["control"])
    c.login(s.spec["cookie"])
    return c


def attached(c, port, fetch):
    """Circuits that a fetch to the destination port used; the events are subscribed before it."""
    c.collect(0.05)
    clients.patiently(fetch)
    events, end = [], time.monotonic() + 10
    while time.monotonic() < end:
        events += c.collect(0.05)
        found = circuits(events, port)
        if found:
            return found
    raise Red("no stream event was seen, which proves nothing; there were %s" % (events[-3:] or "none"))


def ever_shares(pair):
    """Whether two fetches share a circuit. tor may have lost the first's meanwhile on a slow machine, so
    it is asked again."""
    return any(first & second for first, second in (pair() for _ in range(3)))


@check("circuits: two Workstations, two ports, two SOCKS users, two ways in never share; one client does")
def isolation(s):
    c = control(s)
    c.ask("SETEVENTS STREAM")
    ways = {
        "Workstation 1, 9050": lambda: socks_page(s, 9050),
        "Workstation 2, 9050": lambda: socks_page(s, 9050, i=1),
        "Workstation 1, 9101": lambda: socks_page(s, 9101),
        "user a, 9150": lambda: socks_page(s, 9150, user=b"a"),
        "user b, 9150": lambda: socks_page(s, 9150, user=b"b"),
        "TransPort, Workstation 1": lambda: transparent_page(s),
        "TransPort, Workstation 2": lambda: transparent_page(s, i=1),
    }
    used = {name: attached(c, 80, fetch) for name, fetch in ways.items()}
    for name, circuit in used.items():
        for other, its in used.items():
            if name != other and circuit & its:
                raise Red("%s and %s share circuit %s" % (name, other, circuit & its))
    again = ways["Workstation 1, 9050"]
    if not ever_shares(lambda: (attached(c, 80, again), attached(c, 80, again))):
        raise Red("one client's second fetch took another circuit: ids tell nothing here")


@check("circuits: destination ports share on 9050 and do not on 9101 and 9170")
def isolation_by_destination(s):
    c = control(s)
    c.ask("SETEVENTS STREAM")

    def open_stream(port):
        def go():
            connection = clients.connect(s.ws[0]["namespace"], s.inner_ip, port[0], 15)
            try:
                clients.socks_open(connection, s.web, port[1])
            finally:
                connection.close()

        return attached(c, port[1], go)

    for port, shares in ((9050, True), (9101, False), (9170, False)):
        if ever_shares(lambda: (open_stream((port, 22)), open_stream((port, 443)))) != shares:
            raise Red(
                "port %d: destination ports %s"
                % (port, "never share a circuit" if shares else "share a circuit")
            )


NAMES = ("web.example.test", "other.example.test")
"""Two destinations to tor, which compares what it was asked for; the lab's resolver has the one web server
for each name."""


@check(
    "circuits: destination addresses share on 9050 and 9170 and do not on 9160 and 9180; ports share on 9160 and do not on 9180"
)
def isolation_by_address(s):
    c = control(s)
    c.ask("SETEVENTS STREAM")

    def open_stream(port, host, to):
        def go():
            connection = clients.connect(s.ws[0]["namespace"], s.inner_ip, port, 15)
            try:
                clients.socks_open(connection, host, to)
            finally:
                connection.close()

        return attached(c, to, go)

    one, other = NAMES
    for port, ends, shares in (
        (9050, ((one, 80), (other, 80)), True),
        (9170, ((one, 80), (other, 80)), True),
        (9160, ((one, 80), (other, 80)), False),
        (9180, ((one, 80), (other, 80)), False),
        (9160, ((one, 22), (one, 443)), True),
        (9180, ((one, 22), (one, 443)), False),
    ):
        if ever_shares(lambda: (open_stream(port, *ends[0]), open_stream(port, *ends[1]))) != shares:
            raise Red(
                "port %d: %s:%d and %s:%d %s"
                % (port, *ends[0], *ends[1], "never share a circuit" if shares else "share a circuit")
            )


@check("circuits: on an HTTP tunnel port one client shares, two Workstations and two proxy users do not")
def isolation_http(s):
    c = control(s)
    c.ask("SETEVENTS STREAM")
    port = s.spec["httpTunnelPorts"][0]

    def page(**more):
        return attached(c, 80, lambda: http_tunnel_page(s, port, **more))

    # Of the words after "Basic" tor reads none: it compares them.
    for what, one, other, shares in (
        ("one client", {}, {}, True),
        ("two Workstations", {}, {"i": 1}, False),
        ("two users", {"credentials": "YTp4"}, {"credentials": "Yjp4"}, False),
    ):
        if ever_shares(lambda: (page(**one), page(**other))) != shares:
            raise Red(
                "port %d: %s %s" % (port, what, "never share a circuit" if shares else "share a circuit")
            )


def leaves_nothing(s, frames):
    strange = [f for incoming, f in frames if incoming and not s.allowed_outside(f)]
    if strange:
        raise Red("on the external link: %s" % "; ".join(str(f) for f in strange[:3]))


def ends(connection, seconds):
    """Bytes that still came until the other side closed or reset the connection; None when it did not
    within the time."""
    received, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        connection.settimeout(max(0.1, end - time.monotonic()))
        try:
            data = connection.recv(1 << 20)
        except TimeoutError:
            return None
        except ConnectionError:
            return received
        if not data:
            return received
        received += len(data)
    return None


def never_ends_in_vain(s):
    """Negative test: a connection that dangles, and one that goes on, do not count as ended; one that is
    closed does."""
    for what, wanted in (("dangles", None), ("goes on", None), ("is closed", 3), ("is reset", 0)):
        here, there = socket.socketpair(socket.AF_UNIX)
        if what == "goes on":
            threading.Thread(target=pour, args=(there,), daemon=True).start()
        elif what != "dangles":
            if what == "is reset":
                here.sendall(b"unread")
            else:
                there.sendall(b"end")
            there.close()
        found = ends(here, 0.5)
        here.close()
        if found != wanted:
            raise Red("a connection that %s: %s" % (what, found))


def pour(connection):
    try:
        while True:
            connection.sendall(b"x" * 65536)
    except OSError:
        pass  # the reader has had enough


def tor_goes_away(s):
    """Last, because it ends tor: a download stops, FIN and RST of the survivors stay inside, nothing
    answers."""
    idle = clients.connect(s.ws[0]["namespace"], s.web, 80, 10)
    download = clients.connect(s.ws[0]["namespace"], s.web, 80, 10)
    size = 500_000_000
    download.sendall(b"GET /bytes?n=%d HTTP/1.1\r\nHost: web.example.test\r\n\r\n" % size)
    if not download.recv(65536):
        raise Red("the download did not begin: this proves nothing")
    s.forget()
    os.kill(s.spec["torPid"], signal.SIGKILL)
    received = ends(download, 30)
    if received is None or received >= size:
        raise Red(
            "the download went on, or dangles: it was not closed"
            if received is None
            else "the download came to its own end: this proves nothing"
        )
    for connection in (idle, download):
        connection.close()
    # What a Workstation's kernel might still say about them, and what it would try next.
    s.wires[0].send(
        *[s.ws_tcp(s.web, 80, flags) for flags in (p.FIN | p.ACK, p.RST, p.RST | p.ACK, p.ACK, p.SYN)]
    )
    s.wires[0].send(s.ws_udp("8.8.8.8", 53, p.dns_query("web.example.test")))
    s.fence()
    time.sleep(0.3)
    leaves_nothing(s, s.outer.drain())
    for way in (transparent_page, lambda s: socks_page(s, 9050)):
        try:
            way(s)
        except (OSError, EOFError, ValueError):
            continue
        raise Red("a page without tor")
