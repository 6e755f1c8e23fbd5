"""A LAN of public addresses: a taken-over tor connects to the host's address there and at a neighbour's,
listeners behind both."""

import clients
from attack import Red
from namespaces import run

PORT = 22


def dial(s):
    """Addresses of the LAN that a program of tor's user gets through to."""
    reached = []
    for address in (s.route_ip, s.neighbour):
        try:
            with clients.hurried(s):
                clients.connect(s.gw, address, PORT, uid=s.tor_uid).close()
            reached.append(address)
        except OSError:
            pass
    return reached


def shut(s):
    """Nothing gets there, nobody is even looked for, and the rule for the LAN counts each attempt."""
    for address in (s.route_ip, s.neighbour):
        clients.connect(s.host, address, PORT).close()
    heard, before = len(s.listeners.hits), s.counters()["lan_out"]
    if heard < 2:
        raise Red("the listeners are deaf: this proves nothing")
    run(s.gw, "ip", "neigh", "flush", "dev", "ext0")
    s.forget()
    reached = dial(s)
    _, outer = s.fence()
    if reached or len(s.listeners.hits) != heard or outer:
        raise Red(
            "tor's user reached %s; on the link: %s"
            % (reached or "nobody", "; ".join(str(f) for f in outer[:3]) or "nothing")
        )
    if s.counters()["lan_out"] - before < 2:
        raise Red("the rule for the LAN counted %d of 2" % (s.counters()["lan_out"] - before))


def relay_open(s):
    """The same user reaches a relay: what is shut is the LAN."""
    address, port = s.relays[-1]
    clients.patiently(lambda: clients.connect(s.gw, address, port, uid=s.tor_uid).close())


def open_without(s):
    """Positive control: with the well-known ranges alone in the set, both are reached."""
    heard = len(s.listeners.hits)
    reached = clients.patiently(lambda: both(s), 10)
    if len(s.listeners.hits) - heard < 2:
        raise Red("reached %s, but the listeners heard nobody" % reached)


def both(s):
    reached = dial(s)
    if len(reached) != 2:
        raise ValueError("only %s reached: this proves nothing" % (reached or "nobody"))
    return reached
