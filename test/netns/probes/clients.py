"""Ordinary programs of a Workstation: TCP, SOCKS5 (RFC 1928, 1929), HTTP, DNS, through the kernel's own
sockets."""

import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import time

import packet as p
from namespaces import as_owner, inside

SIOCOUTQ = 0x5411
"""Bytes that are not acknowledged, sent or not (tcp(7)): a segment that the firewall drops on its way out
counts as not sent."""

_stage = None


@contextlib.contextmanager
def hurried(stage):
    """
    For programs that are expected to fail: in the block nothing is tried again, and that a connection is
    not answered or a packet is lost is not told by a time-out but by the stage, once it has dealt with
    everything that was sent.
    """
    global _stage
    _stage = stage
    try:
        yield
    finally:
        _stage = None


def patience(seconds):
    """Time to wait for what follows from what has been sent: none in a hurry, where the stage has dealt
    with it."""
    return seconds if _stage is None else 0


def _open_at_once(s, target):
    """@raises OSError when nobody has answered by the time that all is settled"""
    s.setblocking(False)
    code = s.connect_ex(target)
    if code == errno.EINPROGRESS:
        _stage.settle()
        if not select.select([], [s], [], 0)[1]:
            raise TimeoutError("no answer to SYN, though what was sent after it has been dealt with")
        code = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code != 0:
        raise OSError(code, os.strerror(code))


def connect(namespace, address, port, seconds=5.0, uid=0):
    """TCP connection from a namespace; for nftables the socket belongs to `uid`."""
    with inside(namespace), as_owner(uid):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if _stage is not None:
            _open_at_once(s, (address, port))
        s.settimeout(seconds)
        if _stage is None:
            s.connect((address, port))
    except OSError:
        s.close()
        raise
    return s


def _unacknowledged(s):
    return struct.unpack("i", fcntl.ioctl(s, SIOCOUTQ, b"\0\0\0\0"))[0] > 0


def _must_have_arrived(s):
    """The other side's kernel acknowledges a connection's first bytes at once, whatever its program is
    doing."""
    _stage.settle()
    if _unacknowledged(s):
        raise TimeoutError(
            "what was sent is not acknowledged, though what was sent after it has been dealt with"
        )


def arrived(s, seconds=10.0):
    """Until all that was sent is acknowledged. @raises TimeoutError when it is not"""
    if _stage is not None:
        return _must_have_arrived(s)
    end = time.monotonic() + seconds
    while _unacknowledged(s):
        if time.monotonic() > end:
            raise TimeoutError("what was sent is not acknowledged")
        time.sleep(0.02)


def read(s, n):
    if _stage is not None:
        _must_have_arrived(s)
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


def connect_open(s, host, port, credentials=None):
    """Ask an HTTP proxy for a stream to host:port (RFC 9110, 9.3.6 and 11.7.2). @raises ValueError with
    its answer"""
    authorization = "" if credentials is None else "Proxy-Authorization: Basic %s\r\n" % credentials
    s.sendall(("CONNECT %s:%d HTTP/1.1\r\n%s\r\n" % (host, port, authorization)).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(s, 1)
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError("CONNECT answer %r" % head[:60])


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


def ask_resolver(namespace, server, name, kind=1, port=53, seconds=8.0):
    """What a resolver, and nobody else, answers: an address or, for other kinds, the message; and the
    question's flow."""
    with inside(namespace):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(seconds)
    try:
        s.connect((server, port))
        flow = (17, s.getsockname()[0], server, s.getsockname()[1], port)
        s.sendall(p.dns_query(name, kind=kind))
        if _stage is not None:
            _stage.settle()
            if not _stage.knows(flow):
                raise TimeoutError("the question was not let in")
        answer = s.recv(4096)
    finally:
        s.close()
    if struct.unpack("!H", answer[6:8])[0] == 0:
        raise ValueError("no answer, rcode %d" % (answer[3] & 15))
    return socket.inet_ntoa(answer[-4:]) if kind == 1 else answer, flow


def resolve(*where, **more):
    """As ask_resolver, without the flow."""
    return ask_resolver(*where, **more)[0]


def rcode(namespace, server, name, kind, seconds=5.0):
    """The resolver's own word on a question (RFC 1035, 4.1.1). @raises TimeoutError when there is none"""
    with inside(namespace):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with s:
        s.settimeout(seconds)
        s.connect((server, 53))
        s.sendall(p.dns_query(name, kind=kind))
        return s.recv(4096)[3] & 15


def patiently(job, seconds=20.0):
    """Tor needs a moment now and then: again until it works or the time is over, then its last error."""
    end = time.monotonic() + seconds
    while True:
        try:
            return job()
        except (OSError, EOFError, ValueError):
            if _stage is not None or time.monotonic() > end:
                raise
            time.sleep(0.2)
