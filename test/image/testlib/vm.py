"""A guest under QEMU: a disk, a seed, NICs that nobody or one peer is on, captures of every frame, the
console."""

import json
import os
import re
import select
import socket
import struct
import subprocess
import time

from .frames import octets

LIMIT = 1200
"""Seconds after which nobody waits for this guest any more: one that has not said all by then is hung,
also when it is emulated on a busy machine. Not a measure of anything."""


class Guest:
    def __init__(self, work, name, disk, seed, macs, peers=None, volumes=()):
        """peers: number of a NIC to the Peer on its link; every other NIC is alone on a hub. volumes: path
        and serial of data disks."""
        self.name = name
        self.macs = macs
        self.captures = [work / f"{name}.{i}.pcap" for i in range(len(macs))]
        self.monitor = work / f"{name}.mon"
        self.log = b""
        self.heard = {}
        self.deadline = time.time() + LIMIT
        command = [
            "qemu-system-x86_64",
            "-name",
            name,
            "-machine",
            "q35,hpet=off",
            "-accel",
            "kvm" if os.access("/dev/kvm", os.W_OK) and cpu_virtualises() else "tcg,tb-size=128",
            "-cpu",
            "qemu64",
            "-smp",
            "1",
            "-m",
            "256",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
            "-serial",
            "stdio",
            "-monitor",
            f"unix:{self.monitor},server=on,wait=off",
            "-drive",
            f"file={disk},if=none,id=root,cache=unsafe",
            # As libvirt does it: the root comes first, and is what boots. A drive with if=virtio would come last.
            "-device",
            "virtio-blk-pci,drive=root,bootindex=1",
        ]
        if seed is not None:
            command += ["-drive", f"file={seed},if=none,id=seed,format=raw,readonly=on"]
            command += ["-device", "virtio-blk-pci,drive=seed"]
        for i, (path, serial) in enumerate(volumes):
            command += [
                "-drive",
                f"file={path},if=none,id=v{i},format=raw,cache=unsafe",
                "-device",
                f"virtio-blk-pci,drive=v{i},serial={serial}",
            ]
        for i, mac in enumerate(macs):
            command += [
                "-netdev",
                (
                    f"stream,id=n{i},server=off,addr.type=unix,addr.path={peers[i].path}"
                    if peers and i in peers
                    else f"hubport,id=n{i},hubid={i}"
                ),
                "-device",
                f"virtio-net-pci,netdev=n{i},mac={mac},romfile=",
                "-object",
                f"filter-dump,id=f{i},netdev=n{i},file={self.captures[i]}",
            ]
        self.errors = open(work / f"{name}.qemu", "wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, start_new_session=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.errors.close()

    def read(self, seconds):
        """What the console has written within these seconds at most; False when QEMU has ended."""
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        if readable:
            data = os.read(self.process.stdout.fileno(), 65536)
            self.log += data
            return bool(data)
        return self.process.poll() is None

    def text(self):
        """What the console has shown, without carriage returns and terminal controls."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.log.decode("utf-8", "replace").replace("\r", ""))

    def wait(self, pattern, seconds=LIMIT):
        """Until the console's whole text matches; the match, or None when the guest ended or hung. Notes
        when it was heard."""
        deadline = min(self.deadline, time.time() + seconds)
        while True:
            match = re.search(pattern, self.text(), re.M)
            if match:
                self.heard.setdefault(pattern, time.time())
                return match
            if time.time() > deadline or not self.read(0.2):
                return None

    def stop(self):
        """Ctrl-Alt-Del, once; whether the guest ends by itself then."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.monitor))
            monitor.sendall(b"sendkey ctrl-alt-delete\n")
            while self.read(0.2):
                if time.time() > self.deadline:
                    return False
            return self.process.wait(60) == 0

    def linger(self, seconds):
        deadline = time.time() + seconds
        while time.time() < deadline:
            self.read(0.2)

    def ask(self, line, pattern):
        """Types a line until it is answered: a shell that is just starting throws away what came before
        it."""
        while time.time() < self.deadline:
            self.type(line)
            match = self.wait(pattern, 3)
            if match:
                return match
        return None

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def statuses(self):
        """Every complete status line, as records."""
        return [json.loads(m) for m in re.findall(r"^@sallyport (\{.*\})$", self.text(), re.M)]

    def probe(self):
        """The probe's lines: word to list of the rest."""
        found = {}
        for word, rest in re.findall(r"^@@(\w+) ?(.*)$", self.text(), re.M):
            found.setdefault(word, []).append(rest)
        return found

    def frames(self):
        """(time since 1970, NIC, frame) of every frame that any NIC sent or got."""
        return sorted(
            (at, i, frame) for i, capture in enumerate(self.captures) for at, frame in read_pcap(capture)
        )

    def sent(self, since=0):
        """(NIC, frame) of what the guest itself sent after the first so many frames."""
        return [(i, frame) for _, i, frame in self.frames()[since:] if frame[6:12] == octets(self.macs[i])]


def read_pcap(path):
    """Frames of a classic little-endian pcap file with microseconds, which is what filter-dump writes."""
    data = path.read_bytes()
    (magic,) = struct.unpack_from("<I", data)
    if magic != 0xA1B2C3D4:
        raise ValueError(f"{path} is no pcap file")
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, length, _ = struct.unpack_from("<IIII", data, at)
        frames.append((seconds + micros / 1e6, data[at + 16 : at + 16 + length]))
        at += 16 + length
    if at != len(data):
        raise ValueError(f"{path} ends in the middle of a frame")
    return frames


def cpu_virtualises():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return re.search(r"\b(vmx|svm)\b", info.read()) is not None
