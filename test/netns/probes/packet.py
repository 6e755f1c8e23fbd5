"""Frames byte by byte: what no well-behaved program would send."""

import socket
import struct

MARK = b"SALLYPORT-PROBE-"
BROADCAST = "ff:ff:ff:ff:ff:ff"
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
EXPERIMENT = 0x88B5
"""EtherType for experiments (IEEE 802, 12.1): no ruleset of ours and no kernel has anything to do with it."""
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip4(text):
    return socket.inet_aton(text)


def ip6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(src, dst, kind, payload):
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


def ipv4(src, dst, proto, payload, frag=0, ident=0x5350, ttl=64):
    """`frag`: flags and offset as on the wire; 0x4000 don't fragment, 0x2000 more fragments, offset in
    units of 8."""
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, frag, ttl, proto, 0, ip4(src), ip4(dst)
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def _pseudo(src, dst, proto, payload):
    if ":" in src:
        return ip6(src) + ip6(dst) + struct.pack("!II", len(payload), proto) + payload
    return ip4(src) + ip4(dst) + struct.pack("!BBH", 0, proto, len(payload)) + payload


def tcp(src, dst, sport, dport, flags, seq=1000, ack=0, payload=b"", window=8192, options=b""):
    """`options`: as on the wire, a multiple of four bytes."""
    head = (
        struct.pack(
            "!HHIIBBHHH", sport, dport, seq, ack, 0x50 + (len(options) // 4 << 4), flags, window, 0, 0
        )
        + options
    )
    total = checksum(_pseudo(src, dst, 6, head + payload))
    return head[:16] + struct.pack("!H", total) + head[18:] + payload


def udp(src, dst, sport, dport, payload):
    head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    total = checksum(_pseudo(src, dst, 17, head + payload)) or 0xFFFF
    return head[:6] + struct.pack("!H", total) + payload


def icmp(kind, code, rest, payload=b""):
    head = struct.pack("!BBH4s", kind, code, 0, rest)
    return head[:2] + struct.pack("!H", checksum(head + payload)) + head[4:] + payload


def icmp6(src, dst, kind, code, rest, payload=b""):
    head = struct.pack("!BBH4s", kind, code, 0, rest)
    total = checksum(_pseudo(src, dst, 58, head + payload))
    return head[:2] + struct.pack("!H", total) + head[4:] + payload


def ipv6(src, dst, proto, payload, hops=255):
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, hops) + ip6(src) + ip6(dst) + payload


def arp(operation, sender_mac, sender, target_mac, target):
    return (
        struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
        + mac(sender_mac)
        + ip4(sender)
        + mac(target_mac)
        + ip4(target)
    )


def dns_query(name, ident=0x5350, kind=1):
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!HH", kind, 1)


def every_port(template):
    """
    The TCP or UDP frame over IPv4, without options, once for each destination port from 1 to 65535, source
    ports going round; the template's ports are 0. The checksum is carried along (RFC 1624), which is ten
    times as fast as anew.
    """
    head, tail = template[:34], template[38:]
    udp_frame = template[23] == 17
    at = 6 - 4 if udp_frame else 16 - 4
    before, after = tail[:at], tail[at + 2 :]
    base = ~struct.unpack("!H", tail[at : at + 2])[0] & 0xFFFF
    for port in range(1, 65536):
        source = 20001 + port % 11999
        total = base + source + port
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        yield head + struct.pack("!HH", source, port) + before + struct.pack(
            "!H", 0xFFFF if udp_frame and total == 0 else total
        ) + after


class Frame:
    """A captured frame, taken apart when somebody asks, as far as the probes need."""

    def __init__(self, raw):
        self.raw = raw

    def __getattr__(self, name):
        if name == "raw" or "kind" in self.__dict__:
            raise AttributeError(name)
        self._take_apart()
        return getattr(self, name)

    def _take_apart(self):
        raw = self.raw
        self.dst, self.src = raw[0:6], raw[6:12]
        self.kind = struct.unpack("!H", raw[12:14])[0]
        self.proto = self.saddr = self.daddr = self.sport = self.dport = self.flags = None
        if self.kind == IPV4 and len(raw) >= 34:
            start = 14 + (raw[14] & 15) * 4
            self.proto = raw[23]
            self.saddr, self.daddr = socket.inet_ntoa(raw[26:30]), socket.inet_ntoa(raw[30:34])
            later_fragment = struct.unpack("!H", raw[20:22])[0] & 0x1FFF
            if self.proto in (6, 17) and not later_fragment and len(raw) >= start + 4:
                self.sport, self.dport = struct.unpack("!HH", raw[start : start + 4])
                if self.proto == 6 and len(raw) >= start + 14:
                    self.flags = raw[start + 13] & 63
                    self.seq, self.ack = struct.unpack("!II", raw[start + 4 : start + 12])

    def __str__(self):
        where = (
            "%s:%s > %s:%s" % (self.saddr, self.sport, self.daddr, self.dport)
            if self.saddr
            else self.raw[14:40].hex()
        )
        return "%04x proto %s %s" % (self.kind, self.proto, where)
