"""Sending on a NIC and listening on one, in whichever namespace it is."""
import select
import socket
import struct
import time

from namespaces import inside
from packet import Frame

ALL = 0x0003
OUTGOING = 4
SOL_PACKET, PACKET_STATISTICS = 263, 6


class Wire:
    """Sends frames as they are; the sender's own firewall does not see them (packet(7))."""

    def __init__(self, namespace, interface, burst=0):
        """`burst`: after so many frames a short pause, where a capturing program must keep up."""
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.bind((interface, 0))
        self.burst, self.sent = burst, 0

    def send(self, *frames):
        for frame in frames:
            self.sent += 1
            if self.burst and self.sent % self.burst == 0:
                time.sleep(0.01)
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

    def drain(self):
        """Everything since the last call, as (from the interface's other end, Frame)."""
        frames = []
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
