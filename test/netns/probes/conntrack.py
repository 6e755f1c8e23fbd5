"""Asking the kernel whether it knows a connection (ctnetlink, linux/netfilter/nfnetlink_conntrack.h)."""

import os
import socket
import struct

import packet as p
from namespaces import inside

NETLINK_NETFILTER, NEW, GET, REQUEST, ERROR = 12, 0x0100, 0x0101, 1, 2
ACK, CREATE = 4, 0x400
NESTED = 0x8000
TUPLE_ORIGINAL, TUPLE_REPLY, TUPLE_IP, TUPLE_PROTO = 1 | NESTED, 2 | NESTED, 1 | NESTED, 2 | NESTED
STATUS, PROTOINFO, PROTOINFO_TCP, TIMEOUT = 3, 4 | NESTED, 1 | NESTED, 7
SEEN_REPLY_ASSURED_CONFIRMED = 0x2 | 0x4 | 0x8
TCP_ESTABLISHED = 3
ENOENT = 2


def _attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def _tuple(proto, src, dst, sport, dport):
    addresses = _attribute(TUPLE_IP, _attribute(1, p.ip4(src)) + _attribute(2, p.ip4(dst)))
    ports = (
        _attribute(1, bytes([proto]))
        + _attribute(2, struct.pack("!H", sport))
        + _attribute(3, struct.pack("!H", dport))
    )
    return addresses + _attribute(TUPLE_PROTO, ports)


def _ask(namespace, kind, flags, attributes):
    """@returns the error's number, 0 for none; None where the answer is a connection"""
    body = struct.pack("=BBH", socket.AF_INET, 0, 0) + attributes
    with inside(namespace), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as asked:
        asked.sendall(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = asked.recv(65536)
    return (
        -struct.unpack_from("=i", answer, 16)[0] if struct.unpack_from("=H", answer, 4)[0] == ERROR else None
    )


def remember(namespace, src, dst, sport, dport):
    """Makes the kernel know an open TCP connection, as one that began under other rules. @raises OSError
    when it refuses"""
    state = _attribute(PROTOINFO, _attribute(PROTOINFO_TCP, _attribute(1, bytes([TCP_ESTABLISHED]))))
    code = _ask(
        namespace,
        NEW,
        REQUEST | ACK | CREATE,
        _attribute(TUPLE_ORIGINAL, _tuple(6, src, dst, sport, dport))
        + _attribute(TUPLE_REPLY, _tuple(6, dst, src, dport, sport))
        + _attribute(STATUS, struct.pack("!I", SEEN_REPLY_ASSURED_CONFIRMED))
        + _attribute(TIMEOUT, struct.pack("!I", 60))
        + state,
    )
    if code != 0:
        raise OSError(code or 0, "conntrack: the connection was not taken")


def knows(namespace, flow):
    """
    Whether a packet of this flow was let in. Conntrack keeps a connection only when the first packet has
    come through the last hook, so a dropped one leaves nothing behind. There must be rules that track
    connections. @param flow: (protocol, source, destination, source port, destination port), as sent
    """
    code = _ask(namespace, GET, REQUEST, _attribute(TUPLE_ORIGINAL, _tuple(*flow)))
    if code is None:
        return True
    if code != ENOENT:
        raise OSError(code, "conntrack: " + os.strerror(code))
    return False
