"""
The attacker's machine against the host's own stack, behind the filter that libvirt puts on a Workstation's
port, and, as the negative test, without it: Linux then answers for its other addresses on a bridge that has
none.
"""

import contextlib
import json
import socket
import time

import packet as p
from link import Tap
from namespaces import inside, run
from attacker_filter import filtered

NOBODY = "198.51.100.7"  # on the other side of the host's uplink; nobody has it
VLAN = 0x8100
PORT = 4445  # of the host's listener


def addresses(namespace):
    """The host's own addresses, those of its loopback left out, and by interface the MACs."""
    links = json.loads(run(namespace, "ip", "-j", "addr", "show"))
    own = [
        a["local"]
        for link in links
        if "LOOPBACK" not in link["flags"]
        for a in link["addr_info"]
        if a["family"] == "inet"
    ]
    return own, {link["ifname"]: link.get("address") for link in links}


def claims(mac, mine, own, bridge_mac):
    """Kind to frame: all that a Workstation with root can say to the host over its bridge."""

    def ip(proto, payload, src=mine, dst=own, to=bridge_mac):
        return p.ethernet(mac, to, p.IPV4, p.ipv4(src, dst, proto, payload))

    ask = p.arp(1, mac, mine, "00:00:00:00:00:00", own)
    link = "fe80::5054:ff:fe66:6666"
    return {
        "ARP request": p.ethernet(mac, p.BROADCAST, p.ARP, ask),
        "ARP request to the bridge's MAC": p.ethernet(mac, bridge_mac, p.ARP, ask),
        "ARP request in a VLAN": p.ethernet(mac, p.BROADCAST, VLAN, b"\0\0" + b"\x08\x06" + ask),
        "ICMP echo": ip(1, p.icmp(8, 0, b"\0\1\0\1", p.MARK)),
        "UDP": ip(17, p.udp(mine, own, 20000, PORT, p.MARK)),
        "UDP broadcast": ip(
            17,
            p.udp("0.0.0.0", "255.255.255.255", 20001, PORT, p.MARK),
            "0.0.0.0",
            "255.255.255.255",
            p.BROADCAST,
        ),
        "SYN in the name of somebody beyond the uplink": ip(6, p.tcp(NOBODY, own, 20002, 9, p.SYN), NOBODY),
        "IPv6 echo": p.ethernet(
            mac,
            "33:33:00:00:00:01",
            p.IPV6,
            p.ipv6(link, "ff02::1", 58, p.icmp6(link, "ff02::1", 128, 0, b"\0\1\0\1")),
        ),
    }


def signs(spec, port, wire, mac, mine):
    """What comes of it: kinds that the host's stack got, what its program heard, what it answered on the
    port and sent over its uplink."""
    here = spec["namespace"]
    own, macs = addresses(here)
    if not own or spec["uplink"] not in macs:
        raise RuntimeError("the host has no address or no uplink: nothing would be probed")
    with inside(here):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("0.0.0.0", PORT))
    listener.setblocking(False)
    frames = {}
    for address in own:
        frames.update(
            {
                "%s for %s" % (kind, address): frame
                for kind, frame in claims(mac, mine, address, macs[spec["bridge"]]).items()
            }
        )
    stack, answers, out = Tap(here, spec["bridge"]), Tap(here, port), Tap(here, spec["uplink"])
    wire.send(*frames.values())
    time.sleep(1)
    got = [f.raw for incoming, f in stack.drain() if incoming]
    heard = 0
    with contextlib.suppress(BlockingIOError):
        while listener.recv(2048):
            heard += 1
    listener.close()
    return {
        "kinds": len(frames),
        "stack": sorted(
            kind for kind, frame in frames.items() if any(raw[: len(frame)] == frame for raw in got)
        ),
        "heard": heard,
        "told": sum(
            1 for incoming, f in answers.drain() if not incoming and f.src == p.mac(macs[spec["bridge"]])
        ),
        "out": sum(1 for incoming, f in out.drain() if not incoming and f.daddr == NOBODY),
    }


def host(spec, port, wire, say):
    """A port like a Workstation's, and its MAC: the host hears nothing, the Gateway is reached; without
    the filter the host answers."""
    gateway, two = spec["gateway"], spec["workstations"][1]
    mac, mine = two["mac"], two["address"]

    def to_gateway(sender):
        return p.ethernet(
            sender, p.BROADCAST, p.ARP, p.arp(1, sender, mine, "00:00:00:00:00:00", gateway["address"])
        )

    with filtered(spec, port, mac):
        found = signs(spec, port, wire, mac, mine)
        say(
            "nothing that a Workstation sends comes to the host's stack: %d kinds of frames" % found["kinds"],
            not found["stack"] and not found["heard"] and not found["told"] and not found["out"],
            str(found),
        )
        at_gateway = Tap(spec["namespace"], gateway["port"])
        wire.send(to_gateway(mac))
        answered = at_gateway.until(
            lambda incoming, f: incoming and f.kind == p.ARP and f.dst == p.mac(mac), 3
        )[1]
        say("positive control: through the same filter the Gateway answers", answered)
        borrowed = spec["workstations"][0]["mac"]
        wire.send(
            to_gateway(borrowed),
            p.ethernet(
                borrowed,
                gateway["mac"],
                p.IPV4,
                p.ipv4(mine, gateway["address"], 17, p.udp(mine, gateway["address"], 20003, 53, p.MARK)),
            ),
        )
        time.sleep(0.5)
        seen = [
            f
            for incoming, f in at_gateway.drain()
            if not incoming
            and f.src == p.mac(borrowed)
            and (f.sport == 20003 or f.kind == p.ARP and f.raw[28:32] == p.ip4(mine))
        ]
        say(
            "a neighbour's MAC cannot be borrowed, with its address or without",
            not seen,
            "; ".join(str(f) for f in seen[:3]),
        )
    found = signs(spec, port, wire, mac, mine)
    say(
        "negative test: without the filter the host answers for its other addresses, hears and sends",
        found["stack"] and found["heard"] and found["told"] and found["out"],
        str(found),
    )
