"""Ordinary programs of a Workstation: TCP, SOCKS5 (RFC 1928, 1929), HTTP, DNS, through the kernel's own sockets."""
import contextlib
import socket
import struct
import time

import packet as p
from namespaces import as_owner, inside

_limit = None


@contextlib.contextmanager
def hurried(seconds):
    """No wait in the block is longer than this, and nothing is tried again: for programs that are expected to fail."""
    global _limit
    _limit = seconds
    try:
        yield
    finally:
        _limit = None


def _at_most(seconds):
    return seconds if _limit is None else min(seconds, _limit)


def connect(namespace, address, port, seconds=1.0, uid=0):
    """TCP connection from a namespace; for nftables the socket belongs to `uid`."""
    with inside(namespace), as_owner(uid):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(_at_most(seconds))
    try:
        s.connect((address, port))
    except OSError:
        s.close()
        raise
    return s


def read(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError("closed after %d of %d bytes" % (len(data), n))
        data += more
    return data


def socks_greet(s, user=None):
    """The first step of SOCKS5; nothing but a SOCKS server answers like this."""
    method = 2 if user else 0
    s.sendall(bytes([5, 1, method]))
    if read(s, 2) != bytes([5, method]):
        raise ValueError("no SOCKS5 server")
    if user:
        s.sendall(bytes([1, len(user)]) + user + b"\x01x")
        if read(s, 2) != b"\x01\0":
            raise ValueError("SOCKS5 refused the user")


def socks_open(s, host, port, user=None):
    """Ask for a stream to host:port; the exit resolves the name. @raises ValueError with tor's reply code"""
    socks_greet(s, user)
    s.sendall(b"\x05\x01\0\x03" + bytes([len(host)]) + host.encode() + struct.pack("!H", port))
    _, code, _, kind = read(s, 4)
    read(s, {1: 4, 4: 16}[kind] + 2)
    if code != 0:
        raise ValueError("SOCKS5 reply %d" % code)


def http_get(s, host, path):
    """Body of a page."""
    s.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host)).encode())
    data = b""
    while True:
        more = s.recv(65536)
        if not more:
            break
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError("HTTP answer %r" % head[:60])
    return body


def resolve(namespace, server, name, kind=1, port=53, seconds=8.0):
    """Addresses that a resolver gives for a name."""
    with inside(namespace):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(_at_most(seconds))
    s.sendto(p.dns_query(name, kind=kind), (server, port))
    answer, sender = s.recvfrom(4096)
    s.close()
    if sender[0] != server:
        raise ValueError("the answer came from %s" % sender[0])
    count = struct.unpack("!H", answer[6:8])[0]
    if count == 0:
        raise ValueError("no answer, rcode %d" % (answer[3] & 15))
    return socket.inet_ntoa(answer[-4:]) if kind == 1 else answer


def patiently(job, seconds=20.0):
    """Tor needs a moment now and then: again until it works or the time is over, then its last error."""
    end = time.monotonic() + seconds
    while True:
        try:
            return job()
        except (OSError, EOFError, ValueError):
            if _limit is not None or time.monotonic() > end:
                raise
            time.sleep(0.2)
