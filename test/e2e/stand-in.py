"""
stand-in.py GATEWAY PORT ADDRESS...: as root in a Workstation's place, sends TCP, UDP and ICMP to each
address at once and waits for answers. Prints one JSON object: {"gateway": whether the Gateway's own port
answered, "answered": who else did}.
"""

import json
import select
import socket
import struct
import sys
import time

GATEWAY, PORT, TARGETS = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
TCP_PORTS, UDP_PORTS, WAIT = (22, 80, 443), (53, 4444), 3.0


def echo_request():
    packet = struct.pack("!BBHHH", 8, 0, 0, 77, 1) + b"stand-in"
    total = sum(struct.unpack("!%dH" % (len(packet) // 2), packet))
    total = (total & 0xFFFF) + (total >> 16)
    return packet[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + packet[4:]


def tcp(address, port):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((address, port))
    return s


def udp(address, port):
    s = socket.socket(type=socket.SOCK_DGRAM)
    s.connect((address, port))
    # A query for web.example.test, which the echo port sends back as well as anything else.
    s.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\3web\7example\4test\0\0\1\0\1")
    return s


def icmp(address):
    s = socket.socket(type=socket.SOCK_RAW, proto=socket.IPPROTO_ICMP)
    s.connect((address, 0))
    s.send(echo_request())
    return s


asked = {tcp(a, p): "TCP %s:%d" % (a, p) for a in TARGETS for p in TCP_PORTS}
asked[tcp(GATEWAY, PORT)] = "gateway"
heard = {udp(a, p): "UDP %s:%d" % (a, p) for a in TARGETS for p in UDP_PORTS}
heard.update({icmp(a): "ICMP %s" % a for a in TARGETS})

answered, end = set(), time.monotonic() + WAIT
while time.monotonic() < end:
    readable, writable, _ = select.select(list(heard), list(asked), [], end - time.monotonic())
    for s in writable:
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            answered.add(asked[s])
        del asked[s]
    for s in readable:
        try:
            s.recv(2048)
            answered.add(heard[s])
        except OSError:
            pass  # an ICMP error, of our own kernel's for want of a neighbour
        del heard[s]
print(json.dumps({"gateway": "gateway" in answered, "answered": sorted(answered - {"gateway"})}))
