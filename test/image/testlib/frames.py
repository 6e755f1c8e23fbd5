"""Ethernet frames, as far as a neighbour on a guest's link reads and writes them."""

import socket
import struct
from typing import NamedTuple

SYN, RST, ACK = 2, 4, 16


class Frame(NamedTuple):
    """What a frame is: kind arp, tcp, udp or other; addresses as text; ports 0 and payload empty where
    there are none."""

    kind: str
    mac: str
    source: str = ""
    target: str = ""
    sport: int = 0
    port: int = 0
    flags: int = 0
    sequence: int = 0
    payload: bytes = b""


def text(mac):
    return ":".join(f"{byte:02x}" for byte in mac)


def packet(data, mac=""):
    """An IPv4 packet as a frame's record."""
    start = (data[0] & 15) * 4
    (size,) = struct.unpack_from("!H", data, 2)
    source, target = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    if data[9] == 6:
        sport, port, sequence = struct.unpack_from("!HHI", data, start)
        return Frame("tcp", mac, source, target, sport, port, data[start + 13], sequence)
    if data[9] == 17:
        sport, port = struct.unpack_from("!HH", data, start)
        return Frame("udp", mac, source, target, sport, port, payload=data[start + 8 : size])
    return Frame("other", mac, source, target)


def parse(frame):
    """The record of a frame; of ARP, a request's sender and target. Anything unknown is "other"."""
    mac, ethertype = text(frame[6:12]), frame[12:14]
    if ethertype == b"\x08\x06" and frame[14:22] == b"\x00\x01\x08\x00\x06\x04\x00\x01":
        return Frame("arp", mac, socket.inet_ntoa(frame[28:32]), socket.inet_ntoa(frame[38:42]))
    try:
        return packet(frame[14:], mac) if ethertype == b"\x08\x00" else Frame("other", mac)
    except (struct.error, IndexError, OSError):
        return Frame("other", mac)


def octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def arp_reply(request, mac):
    """What answers this ARP request (RFC 826): its target is at mac."""
    sender = octets(request.mac)
    body = (
        struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
        + octets(mac)
        + socket.inet_aton(request.target)
        + sender
        + socket.inet_aton(request.source)
    )
    return sender + octets(mac) + b"\x08\x06" + body + bytes(18)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(protocol, source, target, payload):
    head = struct.pack(
        "!BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(payload),
        0,
        0,
        64,
        protocol,
        0,
        socket.inet_aton(source),
        socket.inet_aton(target),
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ethernet(to, mac, payload):
    return (octets(to) + octets(mac) + b"\x08\x00" + payload).ljust(60, b"\0")


def tcp(source, sport, target, port, flags, sequence=1, acknowledged=0):
    """A TCP packet without options or data."""
    segment = struct.pack(
        "!HHIIBBHHH", sport, port, sequence, acknowledged & 0xFFFFFFFF, 5 << 4, flags, 8192, 0, 0
    )
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!BBH", 0, 6, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    return ipv4(6, source, target, segment)


def refusal(syn):
    """The packet that refuses this connection, as a closed port does (RFC 9293, 3.5.2)."""
    return tcp(syn.target, syn.port, syn.source, syn.sport, RST | ACK, 0, syn.sequence + 1)


def echo(source, target):
    """A ping (RFC 792)."""
    body = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
    return ipv4(1, source, target, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


def datagram(source, sport, target, port, payload):
    """An UDP packet without a checksum, which IPv4 allows (RFC 768)."""
    return ipv4(17, source, target, struct.pack("!HHHH", sport, port, 8 + len(payload), 0) + payload)
