"""Gateways whose tor leaves by a bridge or through a tunnel: what runs in the guest, and what is on the
link."""

import base64
import time

from . import farend, probe, settings, volumes
from .faults import SYSCTL
from .frames import SYN, ethernet, datagram, packet, parse
from .peer import Peer
from .seed import write_seed
from .vm import Guest
from .wireguard import Responder

TRANSPORT = """
    tries=0
    until pidof obfs4proxy > /dev/null || [ "$tries" = 60 ]; do sleep 0.5; tries=$((tries + 1)); done
    for pid in $(pidof obfs4proxy); do
        of() { sed -n "s/^$1:[[:space:]]*\\([0-9]*\\).*/\\1/p" "/proc/$2/status"; }
        echo "@@transport $(cat "/proc/$(of PPid "$pid")/comm") $(stat -c %U "/proc/$pid") $(of NoNewPrivs "$pid") $(of Seccomp "$pid")"
    done
"""

TUNNEL = """
    tries=0
    until [ -e /sys/class/net/tun0 ] || [ "$tries" = 60 ]; do sleep 0.5; tries=$((tries + 1)); done
    echo "@@peer $(wg show tun0 peers)"
    echo "@@endpoint $(wg show tun0 endpoints)"
    echo "@@allowed $(wg show tun0 allowed-ips)"
    echo "@@mark $(wg show tun0 fwmark)"
    echo "@@address $(ip -4 -oneline address show tun0 | sed 's/.*inet \\([^ ]*\\).*/\\1/')"
    ip -4 route show | while read -r route; do echo "@@route $route"; done
"""

# Where the seed's private key stands once cloud-init is done: every file that holds it, and as a control a
# copy for everyone. /dev/vdb is the seed itself.
SECRETS = r"""
    key=$(sed -n 's/^PrivateKey=//p' /etc/systemd/network/20-tun0.netdev)
    encoded=$(printf %s "$key" | base64 -w 0)
    printf '%s\n' "$key" > /run/test-copy
    chmod 0644 /run/test-copy
    [ "${#key}" = 44 ] && grep -rlF -e "$key" -e "$encoded" /etc /home /root /run /srv /tmp /usr /var 2> /dev/null | while read -r file; do
        echo "@@secret $(stat -L -c '%a %U:%G' "$file") $file"
    done
    echo "@@seeddisk $(stat -c '%a %U:%G' /dev/vdb)"
"""

OUTER, INNER = 0, 1
PEER_MAC, STRANGER_MAC = "52:54:00:ff:ff:01", "52:54:00:ff:ff:02"


def strays(frames, hop, allowed):
    """What a Gateway sent beyond ARP for its next hop and what is allowed outside, and anything at all
    inside."""

    def fine(nic, heard):
        return nic == OUTER and (
            heard.kind == "arp" and heard.target == hop or (heard.kind, heard.target, heard.port) == allowed
        )

    heard = [(nic, parse(frame)) for nic, frame in frames]
    return [f"NIC {nic}: {h}" for nic, h in heard if not fine(nic, h)]


def judge(report, name, frames, hop, allowed):
    report.equal(
        f"{name}: ARP for the next hop and {allowed[0].upper()} to {allowed[1]}:{allowed[2]} leave, nothing else, and nothing inside",
        strays(frames, hop, allowed),
        [],
    )
    for what, nic, port, target in (
        ("another port", OUTER, allowed[2] + 1, allowed[1]),
        ("another place", OUTER, allowed[2], "203.0.113.99"),
        ("inside", INNER, allowed[2], allowed[1]),
    ):
        planted = [
            *frames,
            (nic, ethernet(PEER_MAC, STRANGER_MAC, datagram("192.0.2.1", 1, target, port, b""))),
        ]
        report.check(
            f"{name}: a datagram to {what} would be seen (negative test)",
            len(strays(planted, hop, ("udp", *allowed[1:])))
            > len(strays(frames, hop, ("udp", *allowed[1:]))),
        )


def until(guest, holds):
    """Whether it holds before the guest's time is over; the console is read meanwhile."""
    while not holds() and time.time() < guest.deadline:
        if not guest.read(0.2):
            break
    return holds()


def booted(image, seeds, work, role, more, datagrams=None):
    """A Gateway with a next hop that answers, and a neighbour inside that may speak."""
    seed = seeds.genuine(role, probe.in_seed(more))
    peers = {
        OUTER: Peer(work / f"{role}.0.sock", PEER_MAC, seeds.plan[role][OUTER]["route"], datagrams),
        INNER: Peer(work / f"{role}.1.sock", STRANGER_MAC, "10.152.152.99"),
    }
    peers[OUTER].awake.set()
    return (
        Guest(
            work,
            role,
            image.overlay(role),
            write_seed(work / f"{role}.iso", seed),
            seeds.macs(role),
            peers,
            volumes.for_seed(work, role, seed),
        ),
        peers,
    )


def obfs4(report, image, seeds, work):
    name = "gateway-obfs4"
    bridge = seeds.plan["bridge"]
    allowed = ("tcp", bridge["address"], bridge["port"])
    guest, peers = booted(image, seeds, work, name, TRANSPORT)
    with guest:
        report.check(f"{name}: the probe ran", guest.wait(r"^@@end\n") is not None, guest.text()[-300:])
        report.equal(
            f"{name}: the transport is tor's child, its user's, without new privileges, its system calls filtered",
            guest.probe().get("transport"),
            ["tor debian-tor 1 2"],
        )
        dialled = until(guest, lambda: any(parse(frame).flags & 0x17 == SYN for _, frame in guest.sent()))
        report.check(
            f"{name}: the transport dials the bridge (positive control)", dialled, guest.text()[-300:]
        )
        dropped(report, name, guest, peers[INNER], seeds.plan[name][INNER]["mac"])
        judge(report, name, guest.sent(), seeds.plan[name][OUTER]["route"], allowed)
        report.equal(
            f"{name}: the neighbours understood every frame",
            [peer.error for peer in peers.values()],
            [None, None],
        )


def dropped(report, name, guest, neighbour, mac):
    """A stranger inside speaks once; the console says what the firewall made of it."""
    said = r'^@sallyport-drops \{.*"spoofed_inner":1\b.*\}$'
    report.check(
        f"{name}: no packet counted as spoofed before there is one", "spoofed_inner" not in guest.text()
    )
    neighbour.send(ethernet(mac, STRANGER_MAC, datagram("10.152.152.99", 1, "10.152.152.10", 9050, b"")))
    report.check(
        f"{name}: the console tells, by the counter's name, that it was dropped",
        guest.wait(said, 60) is not None,
        guest.text()[-300:],
    )


# Users whose programs have to read the key: networkd makes the tunnel.
READERS = {"root:root", "root:systemd-network"}


def exposed(secrets):
    """Files with a secret of the seed that somebody may read who has no need to: mode, owner and path of
    each."""

    def others(line):
        mode, owner, _ = line.split(" ", 2)
        return int(mode, 8) & 0o007 or owner not in READERS

    return [line for line in secrets if others(line)]


def kept_from_others(report, name, found):
    """What a seed's secrets leave behind in the guest is for root, and for whom they are meant."""
    secrets = found.get("secret", [])
    places = [line.split(" ", 2)[2] for line in secrets]
    report.check(
        f"{name}: the key stands where networkd reads it, and in what cloud-init keeps of the seed",
        "/etc/systemd/network/20-tun0.netdev" in places
        and any(p.startswith("/var/lib/cloud/instances/") and p.endswith("/user-data.txt") for p in places),
        str(secrets),
    )
    report.equal(
        f"{name}: nobody else may read the key (negative test: the copy that everyone may is found)",
        exposed(secrets),
        ["644 root:root /run/test-copy"],
    )
    report.equal(f"{name}: the seed's disk is root's alone", found.get("seeddisk"), ["600 root:root"])


def tunnel(report, image, seeds, work):
    name = "gateway-tunnel"
    plan = seeds.plan["tunnel"]
    address, port = plan["endpoint"].split(":")
    responder = Responder(base64.b64decode(plan["peerPrivateKey"]))
    guest, peers = booted(image, seeds, work, name, TUNNEL + SECRETS, responder.datagram)
    with guest:
        report.check(f"{name}: the probe ran", guest.wait(r"^@@end\n") is not None, guest.text()[-300:])
        found, outer = guest.probe(), seeds.plan[name][OUTER]
        key = plan["peerPublicKey"]
        settings.judge(
            report,
            name,
            found,
            seeds.files(name)[SYSCTL],
            [nic["interface"] for nic in seeds.plan[name]] + ["tun0"],
        )
        expected = {
            "peer": [key],
            "endpoint": [f"{key}\t{plan['endpoint']}"],
            "allowed": [f"{key}\t0.0.0.0/0"],
            "mark": ["0x5350"],
            "address": [f"{plan['address']}/32"],
        }
        report.equal(
            f"{name}: tun0 has the planned peer, mark and address",
            {word: found.get(word) for word in expected},
            expected,
        )
        routes = [route.split(" proto ")[0].split(" scope ")[0].strip() for route in found.get("route", [])]
        report.equal(
            f"{name}: the default route is the tunnel's, outside there is one to its endpoint",
            sorted(routes),
            sorted(
                [
                    "default dev tun0",
                    f"{address} via {outer['route']} dev ext0",
                    "10.152.152.0/24 dev int0",
                    *(r for r in routes if r.endswith("/24 dev ext0")),
                ]
            ),
        )
        kept_from_others(report, name, found)
        through = until(guest, lambda: bool(responder.inside))
        if through:

            def send(inner):
                peers[OUTER].send(ethernet(outer["mac"], PEER_MAC, responder.sealed(inner)))

            farend.attacked(
                report, name, guest, responder, lambda holds: until(guest, holds), send, plan["address"]
            )
        report.equal(
            f"{name}: the handshake is ours",
            {base64.b64encode(who).decode() for who in responder.handshakes},
            {plan["publicKey"]},
        )
        inside = [packet(data) for data in responder.inside]
        report.check(
            f"{name}: tor's connections come out of the tunnel, and nothing else does, whatever its other end sends",
            through
            and all((p.kind, p.source, p.target) == ("tcp", plan["address"], "203.0.113.11") for p in inside),
            str(inside),
        )
        report.equal(
            f"{name}: the peer understood every datagram", (peers[OUTER].error, responder.strange), (None, [])
        )
        judge(report, name, guest.sent(), outer["route"], ("udp", address, int(port)))
