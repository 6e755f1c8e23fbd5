"""tor pinned to a set of places: it works through them, and reaches nothing else, whoever asks."""

import clients
import packet as p
import tornet
from conntrack import remember
from attack import REGISTRY as DEFAULT, Attack, Duty, Red
from gateway import NOBODY, over_loopback, own_tcp, send_raw, to_outside
from namespaces import run


def works(s):
    """A page; pinned or not, a Workstation notices no difference."""
    tornet.page_transparent(s)
    tornet.page_socks(s)


def every_peer(s):
    """The firewall lets tor's user connect to each peer, and send to it: a handshake alone may end without
    its last segment."""
    s.listeners.hits  # takes what waits there: a full backlog answers nobody
    for address, port in s.spec["peers"]:
        connection = clients.connect(s.gw, address, port, uid=s.tor_uid)
        connection.sendall(b"\0")
        clients.arrived(connection)
        connection.close()


def refused(s):
    counters = s.counters()
    return counters["outer_out"] + counters["lan_out"]


def nowhere_else(s):
    """tor's user: relays that are not in the set, other ports of those that are, the web. Peers are the
    positive control."""
    others = [r for r in s.relays if list(r) not in s.spec["peers"]]
    shifted = [(address, port + 1) for address, port in s.spec["peers"]]
    targets = others + shifted + [(s.web, 80), (s.web, 443)]
    s.forget()
    before = refused(s)
    send_raw(s, s.tor_uid, *[own_tcp(s, address, port, p.SYN) for address, port in targets])
    _, outer = s.fence()
    seen = [str(f) for f in outer if to_outside(f)]
    if seen:
        raise Red("left for %s" % "; ".join(seen[:3]))
    if refused(s) - before < len(targets):
        raise Red("not every one of them was counted")
    if s.spec["peers"]:
        s.forget()
        address, port = s.spec["peers"][0]
        send_raw(s, s.tor_uid, own_tcp(s, address, port, p.SYN))
        _, outer = s.fence()
        if not [f for f in outer if to_outside(f)]:
            raise Red("a peer is not reached either: this proves nothing")


def loopback(s):
    """With a pluggable transport loopback is open for tor's user, and for nobody else."""
    for uid, wanted in ((s.tor_uid, s.spec["loopback"]), (0, False), (65534, False)):
        try:
            with clients.hurried(s):
                clients.connect(s.gw, "127.0.0.1", 1, uid=uid)
        except ConnectionRefusedError:
            reached = True
        except OSError:
            reached = False
        if reached != wanted:
            raise Red("user %d %s loopback" % (uid, "reached" if reached else "did not reach"))


def odd_loopback(s):
    """Other addresses, another protocol, and what begins nothing."""
    for src, dst in (("127.0.0.1", "127.0.0.2"), (s.outer_ip, "127.0.0.1")):
        send_raw(s, s.tor_uid, p.ipv4(src, dst, 6, p.tcp(src, dst, s.fresh_port(), 1, p.SYN)))
    here = "127.0.0.1"
    send_raw(s, s.tor_uid, p.ipv4(here, here, 17, p.udp(here, here, s.fresh_port(), 1, p.MARK)))
    send_raw(s, NOBODY, p.ipv4(here, here, 6, p.tcp(here, here, s.fresh_port(), 1, p.ACK)))


def loopback_from_wire(s):
    s.wires[0].send(s.ws_tcp("127.0.0.1", 1, p.SYN, src="127.0.0.1"))


def know_peer_inside(s):
    run(
        s.gw,
        "ip",
        "neigh",
        "replace",
        s.spec["peers"][0][0],
        "lladdr",
        s.ws[0]["mac"],
        "dev",
        "int0",
        "nud",
        "reachable",
    )


def by_inner_link(s):
    address, port = s.spec["peers"][0]
    send_raw(s, s.tor_uid, own_tcp(s, address, port, p.SYN), device="int0")


def begins_nothing(s):
    address, port = s.spec["peers"][0]
    send_raw(s, s.tor_uid, *[own_tcp(s, address, port, flags) for flags in (p.ACK, p.PSH | p.ACK)])


def from_before(s):
    """The rest of a connection that began under other rules, to a place outside the set: conntrack calls
    it established."""
    address, port = [r for r in s.relays if list(r) not in s.spec["peers"]][0]
    sport = s.fresh_port()
    remember(s.gw, s.exit_ip, address, sport, port)
    send_raw(s, s.tor_uid, own_tcp(s, address, port, p.PSH | p.ACK, sport=sport))


LOOPBACK_RULES = ("early-loopback", "input-loopback", "output-loopback", "output-loopback-established")
REGISTRY = [
    Duty("every peer is reached", every_peer, ("output-tor", "output-outer-established")),
    Duty("nothing but the peers is reached", nowhere_else, ("output-tor",)),
    Duty("loopback is open for tor and its transport alone, or shut", loopback, LOOPBACK_RULES),
    Attack(
        "over loopback: other addresses, another protocol, what begins nothing",
        odd_loopback,
        LOOPBACK_RULES,
        state=over_loopback,
        counter=("outer_out", 4),
    ),
    Attack(
        "a Workstation as another host on the Gateway's loopback",
        loopback_from_wire,
        LOOPBACK_RULES,
        counter=("spoofed_inner", 1),
    ),
    Attack(
        "tor's user: to a peer by the link to the Workstations",
        by_inner_link,
        ("output-tor",),
        prepare=know_peer_inside,
        inner=to_outside,
        counter=("inner_out", 1),
    ),
    Attack(
        "tor's user: TCP to a peer that begins nothing", begins_nothing, ("output-tor",), outer=to_outside
    ),
    Attack(
        "tor's user: the rest of a connection from before the rules, to a place outside the set",
        from_before,
        ("output-outer-established",),
        outer=to_outside,
        counter=("outer_out", 1),
    ),
    # No tor is needed for these.
    *[
        x
        for x in DEFAULT
        if not x.slow
        and ({"output-tor", "output-lan"} & set(x.guards) or x.guards == ("output-outer-established",))
        and "input-socks" not in x.guards
    ],
]
"""What notices that a rule for egress is gone."""

CHECKS = (
    ("a page over TransPort and SOCKS", works),
    ("every peer is reached", every_peer),
    ("nothing but the peers is reached, and the rest is counted", nowhere_else),
    ("loopback is open for tor and its transport alone, or shut", loopback),
)
