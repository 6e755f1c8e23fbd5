"""Sockets and short jobs in other network namespaces. A socket stays in the namespace that it was made in."""

import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(namespace):
    """Everything in the block happens in the network namespace of that name."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        _setns(there)
        yield
    finally:
        _setns(own)
        os.close(own)
        os.close(there)


@contextlib.contextmanager
def as_owner(uid):
    """Sockets made in the block belong to this user for nftables (meta skuid), while raw sockets stay
    allowed."""
    _libc.setfsuid(uid)
    try:
        yield
    finally:
        _libc.setfsuid(0)


def run(namespace, *command, check=True):
    """Output of a program that runs in the network namespace. It sees the caller's /sys: ask by netlink,
    not there."""
    with inside(namespace):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.strip() or done.stdout.strip()))
    return done.stdout
