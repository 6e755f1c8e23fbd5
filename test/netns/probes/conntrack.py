"""Asking the kernel whether it knows a connection (ctnetlink, linux/netfilter/nfnetlink_conntrack.h)."""
import os
import socket
import struct

import packet as p
from namespaces import inside

NETLINK_NETFILTER, GET, REQUEST, ERROR = 12, 0x0101, 1, 2
NESTED = 0x8000
TUPLE_ORIGINAL, TUPLE_IP, TUPLE_PROTO = 1 | NESTED, 1 | NESTED, 2 | NESTED
ENOENT = 2


def _attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def knows(namespace, flow):
    """
    Whether a packet of this flow was let in. Conntrack keeps a connection only when the first packet has come through the
    last hook, so a dropped one leaves nothing behind. There must be rules that track connections.
    @param flow: (protocol, source, destination, source port, destination port), as sent
    """
    proto, src, dst, sport, dport = flow
    addresses = _attribute(TUPLE_IP, _attribute(1, p.ip4(src)) + _attribute(2, p.ip4(dst)))
    ports = _attribute(TUPLE_PROTO, _attribute(1, bytes([proto])) + _attribute(2, struct.pack("!H", sport)) + _attribute(3, struct.pack("!H", dport)))
    body = struct.pack("=BBH", socket.AF_INET, 0, 0) + _attribute(TUPLE_ORIGINAL, addresses + ports)
    with inside(namespace), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as asked:
        asked.sendall(struct.pack("=IHHII", 16 + len(body), GET, REQUEST, 1, 0) + body)
        answer = asked.recv(65536)
    if struct.unpack_from("=H", answer, 4)[0] != ERROR:
        return True
    code = -struct.unpack_from("=i", answer, 16)[0]
    if code != ENOENT:
        raise OSError(code, "conntrack: " + os.strerror(code))
    return False
