"""
Frames of the Gateway's that a bridge floods, because it does not know where they belong: the filter hands
a Workstation those for itself alone.
"""

import time

import packet as p
from link import Tap
from namespaces import run
from attacker_filter import lifted

NEIGHBOUR = (
    "52:54:00:98:98:63",
    "10.152.152.99",
)  # a place that no Workstation has, so that every port gets it


def of_gateway(spec):
    """Kind to frame, under the Gateway's MAC: for a neighbour of the first Workstation, and for itself."""
    gateway, one = spec["gateway"], spec["workstations"][0]

    def unicast(mac, address):
        datagram = p.udp(gateway["address"], address, 53, 20000, p.MARK)
        return {
            "IPv4": p.ethernet(
                gateway["mac"], mac, p.IPV4, p.ipv4(gateway["address"], address, 17, datagram)
            ),
            "ARP reply": p.ethernet(
                gateway["mac"], mac, p.ARP, p.arp(2, gateway["mac"], gateway["address"], mac, address)
            ),
        }

    flooded = {"%s for a neighbour" % kind: frame for kind, frame in unicast(*NEIGHBOUR).items()}
    flooded["IPv4 broadcast"] = p.ethernet(
        gateway["mac"],
        p.BROADCAST,
        p.IPV4,
        p.ipv4(
            gateway["address"],
            "255.255.255.255",
            17,
            p.udp(gateway["address"], "255.255.255.255", 67, 68, p.MARK),
        ),
    )
    own = {"%s for itself" % kind: frame for kind, frame in unicast(one["mac"], one["address"]).items()}
    own["ARP request"] = p.ethernet(
        gateway["mac"],
        p.BROADCAST,
        p.ARP,
        p.arp(1, gateway["mac"], gateway["address"], "00:00:00:00:00:00", one["address"]),
    )
    return flooded, own


def flooded(spec, port, wire, say, arrived):
    """From a port like the Gateway's, not isolated, which the bridge does not take for the Gateway's."""
    here, one = spec["namespace"], spec["workstations"][0]
    others, own = of_gateway(spec)
    frames = {**others, **own}
    tap = Tap(here, one["port"])
    run(here, "bridge", "link", "set", "dev", port, "isolated", "off", "learning", "off")
    time.sleep(0.2)
    wire.send(*frames.values())
    reached = arrived(tap, frames)
    say(
        "what the bridge floods for a neighbour does not reach a Workstation: %d kinds of frames"
        % len(others),
        not [k for k in reached if k in others],
        "arrived: %s" % reached,
    )
    say(
        "positive control: what the Gateway sends to it does",
        sorted(k for k in reached if k in own) == sorted(own),
        "arrived: %s" % reached,
    )
    with lifted(spec, one["port"]):
        wire.send(*frames.values())
        reached = arrived(tap, frames)
    say(
        "negative test: without the filter it gets its neighbours' frames",
        sorted(reached) == sorted(frames),
        "arrived: %s" % reached,
    )
