"""The other end of a guest's link: answers ARP for one address, refuses every connection, hands datagrams
on."""

import socket
import struct
import threading

from .frames import SYN, arp_reply, ethernet, parse, refusal


class Peer(threading.Thread):
    """
    QEMU connects to its socket ("-netdev stream": each frame after its length). Asleep until somebody
    wakes it: then the link is as if nobody were on it. What the guest sends is captured by QEMU whether it
    is awake or not.
    """

    def __init__(self, path, mac, address, datagrams=None):
        """datagrams: called with each UDP frame's record; what it returns (packets, IPv4) is sent back."""
        super().__init__(daemon=True)
        self.path, self.mac, self.address, self.datagrams = path, mac, address, datagrams
        self.awake = threading.Event()
        self.error = None
        self.link = None
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(1)
        self.start()

    def run(self):
        self.link, _ = self.server.accept()
        with self.link, self.link.makefile("rb") as frames:
            while len(size := frames.read(4)) == 4:
                frame = frames.read(struct.unpack("!I", size)[0])
                if not self.awake.is_set():
                    continue
                try:
                    self.answer(parse(frame))
                except Exception as error:  # noqa: BLE001, told by whoever asks; a thread's own goes nowhere
                    self.error = error

    def answer(self, heard):
        if heard.kind == "arp" and heard.target == self.address and heard.source != self.address:
            self.send(arp_reply(heard, self.mac))
        elif heard.kind == "tcp" and heard.flags & 0x17 == SYN:
            self.send(ethernet(heard.mac, self.mac, refusal(heard)))
        elif heard.kind == "udp" and self.datagrams is not None:
            for packet in self.datagrams(heard):
                self.send(ethernet(heard.mac, self.mac, packet))

    def send(self, frame):
        self.link.sendall(struct.pack("!I", len(frame)) + frame)

    def close(self):
        self.server.close()
