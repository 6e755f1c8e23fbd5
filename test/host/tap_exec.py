"""tap_exec.py NETNS TAP COMMAND...: becomes COMMAND, in the present network namespace, with descriptor 10
a tap in NETNS.

The tap is born in NETNS, so nothing of it is ever among this machine's own links, and goes when COMMAND
ends (tun(4)).
"""

import ctypes
import fcntl
import os
import struct
import sys

CLONE_NEWNET, TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x40000000, 0x400454CA, 0x0002, 0x1000
NETNS, TAP, *COMMAND = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)


def enter(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


home = os.open("/proc/self/ns/net", os.O_RDONLY)
enter(os.open(f"/run/netns/{NETNS}", os.O_RDONLY))
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", TAP.encode(), IFF_TAP | IFF_NO_PI))
enter(home)
os.dup2(tap, 10, inheritable=True)
os.execvp(COMMAND[0], COMMAND)
