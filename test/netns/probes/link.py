"""Sending on a NIC and listening on one, in whichever namespace it is."""

import select
import os
import socket
import struct
import time

import packet as p
from namespaces import inside
from packet import Frame

ALL = 0x0003
OUTGOING = 4
LOST_AFTER = 30.0
"""Seconds after which a frame that nothing filters is lost, however busy the machine is."""
SOL_PACKET, PACKET_STATISTICS = 263, 6


class Wire:
    """Sends frames as they are; the sender's own firewall does not see them (packet(7))."""

    def __init__(self, namespace, interface):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.bind((interface, 0))
        self.sent = 0

    def send(self, *frames):
        for frame in frames:
            self.sent += 1
            while True:
                try:
                    self.socket.send(frame.ljust(60, b"\0"))
                    break
                except OSError as error:
                    if error.errno != 105:  # ENOBUFS: the queue is full for a moment
                        raise
                    time.sleep(0.001)


class Tap:
    """Frames on an interface, both directions. Losing one is an error: silence must be silence."""

    def __init__(self, namespace, interface):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 400 << 20)  # SO_RCVBUFFORCE
            self.socket.bind((interface, ALL))
        self.socket.setblocking(False)
        self.kept = []  # read while waiting for something, and left for the next to read

    def drain(self):
        """Everything since the last call, as (from the interface's other end, Frame)."""
        frames, self.kept = self.kept, []
        while True:
            try:
                raw, address = self.socket.recvfrom(65535)
            except BlockingIOError:
                break
            frames.append((address[2] != OUTGOING, Frame(raw)))
        _, lost = struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        if lost:
            raise RuntimeError("the listening socket lost %d frames" % lost)
        return frames

    def until(self, wanted, seconds):
        """Frames up to the first one that is wanted, or all within the time; the second value says which."""
        frames = []
        end = time.monotonic() + seconds
        while True:
            new = self.drain()
            frames += new
            if any(wanted(incoming, frame) for incoming, frame in new):
                return frames, True
            left = end - time.monotonic()
            if left <= 0:
                return frames, False
            select.select([self.socket], [], [], left)


class Sentinel:
    """
    A frame that nothing filters, sent after others on the same way to the Gateway and answered there by
    us. The kernel handles what one CPU sends through veth pairs and bridges in the order of sending
    (netif_rx, one backlog for each CPU), and this process stays on one CPU: once the answer is here,
    everything sent before has been dealt with.
    """

    def __init__(self, wire, tap, gateway, interface, near_mac, gateway_mac, answer_mac):
        """
        wire, tap: our end. gateway, interface: the other end. answer_mac: whom the answer is from; not the
        Gateway's own MAC on a link where all that is from it gets judged.
        """
        self.wire, self.tap = wire, tap
        with inside(gateway):
            self.far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(p.EXPERIMENT))
            self.far.bind((interface, p.EXPERIMENT))
        self.far.settimeout(LOST_AFTER)
        self.token, self.serial = os.urandom(8), 0
        self.mark = struct.pack("!H", p.EXPERIMENT) + self.token
        self.question = lambda body: p.ethernet(near_mac, gateway_mac, p.EXPERIMENT, body).ljust(60, b"\0")
        self.answer = lambda body: p.ethernet(answer_mac, near_mac, p.EXPERIMENT, body).ljust(60, b"\0")

    def ours(self, frame):
        return frame.raw[12:22] == self.mark

    def pass_through(self):
        """There and back; frames that our end sees meanwhile can still be read. @raises RuntimeError when
        it is lost"""
        self.serial += 1
        body = self.token + struct.pack("!Q", self.serial)
        self.wire.socket.send(self.question(body))
        try:
            while self.far.recv(2048)[14:30] != body:
                pass  # an older one
        except TimeoutError:
            raise RuntimeError("a frame that nothing filters did not reach the Gateway") from None
        self.far.send(self.answer(body))
        earlier, self.tap.kept = self.tap.kept, []
        frames, found = self.tap.until(lambda incoming, f: incoming and f.raw[14:30] == body, LOST_AFTER)
        if not found:
            raise RuntimeError("a frame that nothing filters did not come back from the Gateway")
        self.tap.kept = earlier + [(incoming, f) for incoming, f in frames if not self.ours(f)]
