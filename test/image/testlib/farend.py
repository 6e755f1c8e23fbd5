"""The far end of a tunnel as an attacker: what it sends through the tunnel by itself, and what becomes of
it."""

import json
import re

from .frames import ACK, SYN, datagram, echo, packet, tcp

INNER_ADDRESS, WORKSTATION, STRANGER = "10.152.152.10", "10.152.152.11", "198.51.100.9"
QUESTION = b"\x53\x50\1\0\0\1\0\0\0\0\0\0\3web\7example\4test\0\0\1\0\1"


def attacks(address):
    """Packets that the tunnel's other end may try: to each address of the Gateway, and through it. Counter
    to packets."""
    own = (address, INNER_ADDRESS)
    begun = [
        tcp(STRANGER, 40000 + port, target, port, SYN) for target in own for port in (22, 9040, 9050, 9051)
    ]
    asked = [datagram(STRANGER, 40000, target, port, QUESTION) for target in own for port in (53, 5300)]
    spoofed = [
        tcp(WORKSTATION, 40001, INNER_ADDRESS, 9050, SYN),
        datagram(WORKSTATION, 40001, INNER_ADDRESS, 53, QUESTION),
    ]
    stray = [tcp(STRANGER, 40002, target, 9050, SYN | ACK, 5, 5) for target in own]
    # Forwarding is off in the kernel: this one comes to no counter.
    through = [tcp(STRANGER, 40003, WORKSTATION, 22, SYN)]
    return {
        "other_in": spoofed,
        "invalid_in": stray,
        "outer_in": [*asked, *(echo(STRANGER, target) for target in own), *begun],
        "": through,
    }


def drops(guest):
    """Packets by counter, as the console has told last."""
    totals = {}
    for line in re.findall(r"^@sallyport-drops (\{.*\})\n", guest.text(), re.M):
        totals.update(json.loads(line).get("packets", {}))
    return totals


def attacked(report, name, guest, responder, until, send, address):
    """
    The far end answers tor's own connection, which is taken; what it begins by itself is dropped and told.
    until: waits for a condition; send: puts an IPv4 packet into the tunnel; address: the Gateway's in it
    """

    def acknowledged(heard):
        return (heard.kind, heard.sport, heard.flags & 0x17) == ("tcp", syn.sport, ACK)

    syn = [p for p in map(packet, responder.inside) if p.kind == "tcp" and p.flags & 0x17 == SYN][-1]
    before = drops(guest)
    send(tcp(syn.target, syn.port, syn.source, syn.sport, SYN | ACK, 1, syn.sequence + 1))
    taken = until(lambda: any(acknowledged(packet(data)) for data in responder.inside))
    report.check(
        f"{name}: the peer's answer to tor's own connection is taken (positive control of all that it sends)",
        taken,
        str(list(map(packet, responder.inside))),
    )
    wanted = attacks(address)
    for packets in wanted.values():
        for inner in packets:
            send(inner)
    least = {counter: len(packets) for counter, packets in wanted.items() if counter}
    told = until(lambda: all(drops(guest).get(counter, 0) >= count for counter, count in least.items()))
    report.check(
        f"{name}: nothing was dropped on its input before the peer began something by itself",
        not set(before) & set(least),
        str(before),
    )
    report.check(
        f"{name}: SYN, DNS, ping, stray and spoofed packets from the peer are dropped, and the console tells how many",
        told,
        f"{drops(guest)}, wanted {least}",
    )
