"""TCP timestamps tell how long a machine has been up and how fast its clock runs: the Gateway's have none,
whoever offers them."""

import struct

import clients
import packet as p
from attack import Red
from namespaces import run

TIMESTAMP = 8
"""Option of TCP (RFC 7323, 3.2)."""
KEY = "net.ipv4.tcp_timestamps"


def options(frame):
    """Kinds of a TCP frame's options, in their order."""
    start = 14 + (frame.raw[14] & 15) * 4
    data, kinds = frame.raw[start + 20 : start + (frame.raw[start + 12] >> 4) * 4], []
    while data and data[0] != 0:
        kinds.append(data[0])
        data = data[1:] if data[0] == 1 else data[max(data[1], 2) :]
    return kinds


def offer(s, sport, dst, dport):
    """A Workstation's SYN that offers timestamps."""
    me = s.ws[0]["address"]
    kinds = bytes([1, 1, TIMESTAMP, 10]) + struct.pack("!II", 1234, 0)
    return s.from_ws(p.tcp(me, dst, sport, dport, p.SYN, options=kinds), dst, 6)


def inside(s):
    """Options of the Gateway's answers to SYNs that offer timestamps: to a SocksPort, and to a public host
    by way of TransPort."""
    found = []
    for dst, dport in ((s.inner_ip, 9050), (s.web, 80)):
        sport = s.fresh_port()
        s.forget()
        s.wires[0].send(offer(s, sport, dst, dport))
        answer = (
            lambda incoming, f, sport=sport: incoming
            and f.proto == 6
            and f.dport == sport
            and f.flags == p.SYN | p.ACK
        )
        frames, came = s.inner.until(answer, 10)
        if not came:
            raise Red("no answer to a SYN for %s:%d: this proves nothing" % (dst, dport))
        found += [options(f) for incoming, f in frames if answer(incoming, f)]
    return found


def outside(s):
    """Options of the SYN with which tor's user begins a connection to a relay."""
    address, port = s.relays[-1]
    s.forget()
    clients.connect(s.gw, address, port, uid=s.tor_uid).close()
    begins = (
        lambda incoming, f: incoming
        and f.proto == 6
        and f.flags == p.SYN
        and (f.daddr, f.dport) == (address, port)
    )
    frames, came = s.outer.until(begins, 10)
    if not came:
        raise Red("no SYN was seen outside: this proves nothing")
    return [options(f) for incoming, f in frames if begins(incoming, f)]


def none(s):
    """With our kernel settings none has a timestamp."""
    for where, found in (("inside", inside(s)), ("outside", outside(s))):
        if any(TIMESTAMP in kinds for kinds in found):
            raise Red("%s: options %s" % (where, found))


def all_with(s):
    """Positive control: the same frames of a kernel as it is by default."""
    run(s.gw, "sysctl", "-qw", KEY + "=1")
    try:
        found = inside(s) + outside(s)
    finally:
        run(s.gw, "sysctl", "-qw", KEY + "=0")
    if not all(TIMESTAMP in kinds for kinds in found):
        raise Red("options %s: the probe sees no timestamp that is there" % found)
