"""
attacker.py SPEC: a machine of an attacker's choosing on the isolated bridge, with a port like a
Workstation's, sends what it likes. Stands in for a Workstation whose root is the attacker's. Prints one
JSON object a line: {"name", "ok", "detail"}.

SPEC: a file with uri (libvirt's), bridge, filter, uplink (the host's interface), namespace, probes (folder
of the netns tier's probes), gateway and two workstations, each with port (on the bridge), mac and address.
"""

import contextlib
import json
import sys
import time

with open(sys.argv[1], encoding="utf-8") as file:
    SPEC = json.load(file)
sys.path.insert(0, SPEC["probes"])

import packet as p  # noqa: E402
from link import Tap, Wire  # noqa: E402
from namespaces import run  # noqa: E402
from attacker_filter import lifted  # noqa: E402
from attacker_flood import flooded  # noqa: E402
from attacker_host import host  # noqa: E402

HERE, MAC, NOWHERE = SPEC["namespace"], "52:54:00:66:66:66", "00:00:00:00:00:00"
PORT, END = "spattack0", "spattack1"
GATEWAY, (ONE, TWO) = SPEC["gateway"], SPEC["workstations"]


def say(name, ok, detail=""):
    print(json.dumps({"name": name, "ok": bool(ok), "detail": detail}), flush=True)


@contextlib.contextmanager
def plugged_in():
    """A port of the bridge, isolated as libvirt isolates a Workstation's."""
    run(HERE, "ip", "link", "add", PORT, "type", "veth", "peer", "name", END)
    try:
        for name in (PORT, END):
            run(HERE, "sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % name)
        run(HERE, "ip", "link", "set", PORT, "master", SPEC["bridge"], "up")
        run(HERE, "bridge", "link", "set", "dev", PORT, "isolated", "on")
        run(HERE, "ip", "link", "set", END, "up")
        time.sleep(0.2)
        yield Wire(HERE, END)
    finally:
        run(HERE, "ip", "link", "delete", PORT)


def to_neighbour():
    """Kind to frame: everything that one machine can do to another on a link, ARP poisoning among it."""
    mine, his = "10.152.152.99", ONE["address"]

    def ip(proto, payload, dst=ONE["mac"]):
        return p.ethernet(MAC, dst, p.IPV4, p.ipv4(mine, his, proto, payload))

    link = "fe80::5054:ff:fe66:6666"
    advertisement = p.icmp6(link, "ff02::1", 134, 0, b"\x40\x00\x07\x08" + bytes(8))
    return {
        "ARP request": p.ethernet(MAC, p.BROADCAST, p.ARP, p.arp(1, MAC, mine, NOWHERE, his)),
        "ARP reply that claims to be the Gateway": p.ethernet(
            MAC, ONE["mac"], p.ARP, p.arp(2, MAC, GATEWAY["address"], ONE["mac"], his)
        ),
        "ARP request that claims to be the Gateway": p.ethernet(
            MAC, p.BROADCAST, p.ARP, p.arp(1, MAC, GATEWAY["address"], NOWHERE, GATEWAY["address"])
        ),
        "ICMP echo": ip(1, p.icmp(8, 0, b"\0\1\0\1", p.MARK)),
        "TCP SYN": ip(6, p.tcp(mine, his, 20000, 22, p.SYN)),
        "UDP": ip(17, p.udp(mine, his, 20000, 4444, p.MARK)),
        "UDP broadcast": ip(17, p.udp(mine, "255.255.255.255", 67, 68, p.MARK), p.BROADCAST),
        "IPv6 router advertisement": p.ethernet(
            MAC, "33:33:00:00:00:01", p.IPV6, p.ipv6(link, "ff02::1", 58, advertisement)
        ),
    }


def arrived(tap, frames):
    """Which kinds were handed to the guest behind this port."""
    time.sleep(0.3)
    got = [f.raw for incoming, f in tap.drain() if not incoming]
    return [kind for kind, frame in frames.items() if any(raw[: len(frame)] == frame for raw in got)]


def neighbours(wire):
    """Nothing reaches a Workstation from a port like its own: the isolated port and the filter each hold;
    without both all of it does."""
    frames = to_neighbour()
    taps = [Tap(HERE, w["port"]) for w in (ONE, TWO)]
    gateway = Tap(HERE, GATEWAY["port"])
    wire.send(*frames.values())
    reached = [arrived(tap, frames) for tap in taps]
    say(
        "nothing of a neighbour's reaches a Workstation: %d kinds of frames" % len(frames),
        reached == [[], []],
        "arrived: %s" % reached,
    )
    seen = arrived(gateway, frames)
    say(
        "positive control: its broadcasts did leave it, the Gateway's port has them",
        len(seen) >= 3,
        "seen: %s" % seen,
    )
    with lifted(SPEC, ONE["port"]):
        wire.send(*frames.values())
        reached = arrived(taps[0], frames)
        say("the isolated port alone holds, without the filter", reached == [], "arrived: %s" % reached)
        run(HERE, "bridge", "link", "set", "dev", PORT, "isolated", "off")
        wire.send(*frames.values())
        reached = arrived(taps[0], frames)
        # The Workstation has believed it. Tell it the truth again, once it takes another answer (arp(7),
        # locktime).
        time.sleep(1.5)
        wire.send(
            p.ethernet(
                MAC,
                ONE["mac"],
                p.ARP,
                p.arp(2, GATEWAY["mac"], GATEWAY["address"], ONE["mac"], ONE["address"]),
            )
        )
        time.sleep(0.3)
    say(
        "positive control: without both every one of them reaches it",
        sorted(reached) == sorted(frames),
        "arrived: %s" % reached,
    )
    taps[0].drain()
    try:
        wire.send(*frames.values())
        reached = arrived(taps[0], frames)
    finally:
        run(HERE, "bridge", "link", "set", "dev", PORT, "isolated", "on")
    say("the filter alone holds, from a port that is not isolated", reached == [], "arrived: %s" % reached)


def syn(pair, sport):
    """A SYN to the default SocksPort with another guest's source."""
    mac, address = pair
    segment = p.tcp(address, GATEWAY["address"], sport, 9050, p.SYN)
    return p.ethernet(mac, GATEWAY["mac"], p.IPV4, p.ipv4(address, GATEWAY["address"], 6, segment))


def ask(pair, operation=1):
    mac, address = pair
    return p.ethernet(
        mac,
        p.BROADCAST if operation == 1 else GATEWAY["mac"],
        p.ARP,
        p.arp(operation, mac, address, NOWHERE if operation == 1 else GATEWAY["mac"], GATEWAY["address"]),
    )


def from_gateway(tap, wanted):
    time.sleep(1)
    return [f for incoming, f in tap.drain() if incoming and wanted(f)]


def spoofing(wire):
    """The Gateway answers nobody but its Workstations, each under its own pair of MAC and address."""
    gateway, mine = Tap(HERE, GATEWAY["port"]), Tap(HERE, END)
    mac = p.mac(MAC)
    strangers = {
        "its own address": (MAC, "10.152.152.99"),
        "a Workstation's address": (MAC, ONE["address"]),
        "the other Workstation's address": (MAC, TWO["address"]),
        "the Gateway's address": (MAC, GATEWAY["address"]),
        "a public address": (MAC, "198.51.100.7"),
        "no address": (MAC, "0.0.0.0"),
    }
    for i, pair in enumerate(strangers.values()):
        wire.send(syn(pair, 21000 + i), ask(pair), ask(pair, 2))
    said = from_gateway(
        gateway,
        lambda f: f.dst == mac
        or (f.dport or 0) in range(21000, 21100)
        or (f.kind == p.ARP and f.raw[32:38] == mac),
    )
    got = [f for incoming, f in mine.drain() if incoming and f.src == p.mac(GATEWAY["mac"]) and f.dst == mac]
    say(
        "the Gateway answers no spoofed source, TCP or ARP: %d kinds" % len(strangers),
        not said and not got,
        "; ".join(str(f) for f in (said + got)[:3]),
    )
    genuine = (TWO["mac"], TWO["address"])
    wire.send(ask(genuine), syn(genuine, 22000))
    answers = from_gateway(
        gateway, lambda f: f.dport == 22000 or (f.kind == p.ARP and f.dst == p.mac(TWO["mac"]))
    )
    kinds = {
        "ARP" if f.kind == p.ARP else "SYN-ACK"
        for f in answers
        if f.kind == p.ARP or f.flags == p.SYN | p.ACK
    }
    say(
        "positive control: it answers a Workstation's own pair",
        kinds == {"ARP", "SYN-ACK"},
        "answers: %s" % kinds,
    )


def poisoned(wire):
    """While a Workstation speaks, its neighbour keeps claiming to be it. Ends when standard input does."""
    mine = Tap(HERE, END)
    pair, mac, rounds = (MAC, ONE["address"]), p.mac(MAC), 0
    import select  # noqa: PLC0415

    while rounds == 0 or not select.select([sys.stdin], [], [], 0.1)[0]:
        wire.send(ask(pair), ask(pair, 2))
        rounds += 1
        if rounds == 1:
            print(json.dumps({"started": True}), flush=True)
    stolen = [f for incoming, f in mine.drain() if incoming and f.dst == mac]
    say(
        "what is meant for a Workstation does not come to the neighbour who claims to be it",
        rounds > 0 and not stolen,
        "%d claims; %s" % (rounds, "; ".join(str(f) for f in stolen[:3])),
    )


with plugged_in() as wire_:
    {
        "host": lambda wire: host(SPEC, PORT, wire, say),
        "flooded": lambda wire: flooded(SPEC, PORT, wire, say, arrived),
        "neighbours": neighbours,
        "spoofing": spoofing,
        "poisoned": poisoned,
    }[sys.argv[2]](wire_)
