"""The built image as files: its manifest, its tree, and changed copies of its disk. No mounts, no loop
devices."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

PARTITION = 1048576
"""Offset of the file system on the disk, in bytes (image/lib/mkdisk, GAP)."""


class Image:
    def __init__(self, folder, work):
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.path = folder / self.manifest["file"]
        self.work = work
        self._tree = None

    def sha256(self):
        digest = hashlib.sha256()
        with open(self.path, "rb") as disk:
            while block := disk.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def raw(self):
        """The disk as a raw file, made once."""
        raw = self.work / "disk.raw"
        if not raw.exists():
            subprocess.run(["qemu-img", "convert", "-O", "raw", self.path, raw], check=True)
        return raw

    def overlay(self, name, base=None, size=None):
        """A new overlay of the image, or of another disk; larger than that when a size is given."""
        overlay = self.work / f"{name}.qcow2"
        backing = [self.path.resolve(), "-F", "qcow2"] if base is None else [base, "-F", "raw"]
        subprocess.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-b", *backing, overlay, *([size] if size else [])],
            check=True,
        )
        return overlay

    def tree(self):
        """The whole tree, unpacked once from the disk's own file system with owners and modes."""
        if self._tree is None:
            tree = self.work / "tree"
            tree.mkdir()
            debugfs(self.raw(), f"rdump / {tree}")
            if not (tree / "etc" / "os-release").exists():
                raise RuntimeError(f"debugfs did not unpack {self.path}")
            self._tree = tree
        return self._tree

    def changed(self, name, *commands, base=None):
        """A copy of the disk, or of another one, after these commands of debugfs(8)."""
        copy = self.work / f"{name}.raw"
        subprocess.run(["cp", "--sparse=always", base or self.raw(), copy], check=True)
        debugfs(copy, *commands, writable=True)
        return copy


def debugfs(raw, *commands, writable=False):
    """Output of debugfs on the disk's file system. @raises RuntimeError when it refuses a command that
    changes something"""
    arguments = ["debugfs", *(["-w"] if writable else []), "-f", "-", f"{raw}?offset={PARTITION}"]
    done = subprocess.run(arguments, input="\n".join(commands), capture_output=True, text=True, check=True)
    if writable and len(done.stderr.splitlines()) > 1:
        raise RuntimeError(f"debugfs: {done.stderr}")
    return "".join(line for line in done.stdout.splitlines(True) if not line.startswith("debugfs: "))


def missing_programs(*programs):
    return [program for program in programs if shutil.which(program) is None]


def text(path: Path):
    """Content of a file, or an empty text when there is none."""
    return path.read_text() if path.exists() else ""
