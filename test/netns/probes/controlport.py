"""The filtered control port: the few allowed lines, everything else refused, for the Workstation that has
it alone."""

import clients
import packet as p
import tornet
from attack import REGISTRY as DEFAULT, Attack, Duty, Red
from inside import from_port

PORT = 9051
REFUSED = [
    "GETINFO address",
    "GETINFO config-text",
    "GETINFO circuit-status",
    "GETINFO stream-status",
    "GETINFO ns/all",
    "GETINFO version address",
    "GETINFO status/bootstrap-phase",
    "getinfo ADDRESS",
    "GETCONF DataDirectory",
    "GETCONF Bridge",
    "SETCONF SocksPort=0.0.0.0:9050",
    "RESETCONF SocksPolicy",
    "LOADCONF",
    "SAVECONF",
    "MAPADDRESS 1.2.3.4=5.6.7.8",
    "EXTENDCIRCUIT 0",
    "ATTACHSTREAM 1 1",
    "CLOSECIRCUIT 1",
    "SIGNAL SHUTDOWN",
    "SIGNAL HALT",
    "SIGNAL RELOAD",
    "SIGNAL DUMP",
    "SIGNAL NEWNYM HALT",
    "ADD_ONION NEW:BEST Port=80",
    "HSFETCH x",
    "TAKEOWNERSHIP",
    "DROPGUARDS",
    "RESOLVE example.test",
    "GETINFO version\tGETINFO address",
    "USEFEATURE VERBOSE_NAMES",
    "",
]


class Session:
    def __init__(self, s, i=0):
        self.socket = clients.connect(s.ws[i]["namespace"], s.inner_ip, PORT, 5)

    def ask(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        data = b""
        while not data.endswith(b"\r\n") or data.split(b"\r\n")[-2][3:4] != b" ":
            more = self.socket.recv(4096)
            if not more:
                raise EOFError("closed after %r" % data)
            data += more
        return data.decode()


def allowed(s):
    c = clients.patiently(lambda: Session(s))
    for line, wanted in (
        ("PROTOCOLINFO 1", "METHODS=NULL"),
        ("AUTHENTICATE \"x\"", "250 OK"),
        ("GETINFO version", "250-version=0."),
        ("GETINFO status/circuit-established", "circuit-established=1"),
        ("GETINFO net/listeners/socks", s.inner_ip + ":9150"),
        ("SIGNAL NEWNYM", "250 OK"),
        ("SETEVENTS STREAM CIRC", "250 OK"),
    ):
        answer = c.ask(line)
        if wanted not in answer:
            raise Red("%s: %r" % (line, answer))


def refused(s):
    # Positive control: tor itself would answer.
    if not tornet.control(s).ask("GETINFO circuit-status"):
        raise Red("tor's own socket says nothing: this proves nothing")
    c = Session(s)
    for line in REFUSED:
        answer = c.ask(line)
        if not answer.startswith("510 "):
            raise Red("%r was answered %r" % (line, answer))
        if s.outer_ip in answer:
            raise Red("%r told the Gateway's address" % line)
    # Several lines at once are several lines, not one that hides another.
    c.socket.sendall(b"GETINFO version\r\nGETINFO address\r\n")
    answer = b""
    while b"510 " not in answer:
        more = c.socket.recv(4096)
        if not more:
            raise Red("a second line in one packet: %r" % answer)
        answer += more


def others(s):
    """The Workstation without it, and too long a line."""
    try:
        Session(s, 1).ask("GETINFO version")
    except (OSError, EOFError):
        pass
    else:
        raise Red("the other Workstation was served")
    c = Session(s)
    c.socket.sendall(b"A" * 5000)
    try:
        while c.socket.recv(4096):
            pass
    except ConnectionResetError:
        pass
    Session(s).ask("GETINFO version")


def quiet(s):
    """Events that were asked for never come, whatever tor does. Positive control: who asks tor itself gets
    them."""
    c, own = Session(s), tornet.control(s)
    c.ask("SETEVENTS STREAM CIRC ADDRMAP")
    own.ask("SETEVENTS STREAM")
    tornet.attached(own, 80, lambda: tornet.page_socks(s))
    c.socket.settimeout(0.5)
    try:
        raise Red("an event came: %r" % c.socket.recv(4096))
    except TimeoutError:
        pass


def first_answer(s):
    answer = Session(s).ask("PROTOCOLINFO 1")
    if "METHODS=NULL" not in answer:
        raise Red(repr(answer))


def number_is_any_other(s):
    """Where it does not mean the filter, TransPort answers: for other Workstations, other hosts, other
    ports."""
    for i, address, port in ((1, s.inner_ip, PORT), (0, s.web, PORT), (0, s.inner_ip, 22)):
        clients.connect(s.ws[i]["namespace"], address, port).close()


def stray(s):
    for flags in (p.ACK, p.PSH | p.ACK):
        s.wires[0].send(s.ws_tcp(s.inner_ip, PORT, flags))


def astray(s):
    """Nothing redirects here: the other Workstation, the Gateway's external address, a port that nobody
    opened."""
    s.wires[0].send(s.ws_tcp(s.outer_ip, PORT, p.SYN), s.ws_tcp(s.inner_ip, 22, p.SYN))
    s.wires[1].send(s.ws_tcp(s.inner_ip, PORT, p.SYN, i=1))


ANSWERED = Duty(
    "control port: the Workstation that has it is answered",
    first_answer,
    ("redirect-not-control", "input-control"),
)
STRAY = Attack(
    "control port: what begins nothing",
    stray,
    ("input-control",),
    inner=from_port(PORT),
    counter=("inner_in", 2),
)
REGISTRY = [
    ANSWERED,
    STRAY,
    Duty(
        "control port: for others, and elsewhere, its number is any other",
        number_is_any_other,
        ("redirect-not-control", "input-control"),
    ),
    *[x for x in DEFAULT if {"input-crowded", "input-trans"} & set(x.guards)],
]
"""What notices that a rule for the control port is gone."""

CLOSED = [
    ANSWERED,
    STRAY,
    Attack(
        "control port, SocksPorts only: others, other places",
        astray,
        ("input-control",),
        inner=lambda f: (f.sport, f.daddr) if f.proto == 6 and f.dport < 32768 else None,
        counter=("inner_in", 3),
    ),
    *[x for x in DEFAULT if "input-crowded" in x.guards],
]
"""The same where there is no transparent proxy."""

CHECKS = (
    ("control port: what Tor Browser needs is answered", allowed),
    ("control port: everything else is refused", refused),
    ("control port: only for the Workstation that has it; long lines end the connection", others),
    ("control port: no events", quiet),
)
