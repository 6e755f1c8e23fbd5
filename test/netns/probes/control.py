"""tor's control socket (control-spec): events subscribed before the probe, circuits by their ids."""

import re
import select
import socket
import time


class Control:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.buffer = b""
        self.events = []

    def _line(self, seconds):
        end = time.monotonic() + seconds
        while b"\r\n" not in self.buffer:
            if not select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
                return None
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("tor closed the control socket")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode("ascii", "replace")

    def ask(self, command):
        """Lines of the answer. @raises ValueError when tor refuses"""
        self.socket.sendall(command.encode() + b"\r\n")
        lines = []
        while True:
            line = self._line(10)
            if line is None:
                raise TimeoutError("no answer to " + command.split()[0])
            if line.startswith("650"):
                self.events.append(line)
                continue
            lines.append(line)
            if line[3:4] == " ":
                if not line.startswith("250"):
                    raise ValueError("tor says %s" % line)
                return lines

    def login(self, cookie_path):
        with open(cookie_path, "rb") as cookie:
            self.ask("AUTHENTICATE " + cookie.read().hex())

    def bootstrapped(self):
        found = re.search(r"PROGRESS=(\d+)", "".join(self.ask("GETINFO status/bootstrap-phase")))
        return int(found.group(1)) if found else 0

    def collect(self, seconds):
        """Events up to now, and those of the next moments."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            line = self._line(max(0, end - time.monotonic()))
            if line is not None and line.startswith("650"):
                self.events.append(line)
        events, self.events = self.events, []
        return events


def circuits(events, port):
    """Ids of the circuits over which streams to this destination port asked for their connection."""
    found = set()
    for line in events:
        words = line.split()
        if (
            len(words) >= 5
            and words[:2] == ["650", "STREAM"]
            and words[3] in ("SENTCONNECT", "SUCCEEDED")
            and words[5].endswith(":%d" % port)
        ):
            found.add(words[4])
    return found
