"""
What a probe is, and how it is judged.

An attack sends something and names its witness: the frame, or the change in the Gateway, that shows that
it came through. With the rules loaded the witness must be absent; with the rules gone (the positive
control) the same witness must be there, or the attack proves nothing. A duty is something that must work.
"""


class Red(Exception):
    """The probe found what must not be."""


REGISTRY = []
WORKSTATION = []
HELD = []
"""Probes of a Workstation that waits for its time."""


class Attack:
    """
    The sender returns flows to a program on the Gateway, if there are any: whether one was let in is asked
    of conntrack, for a program's answer takes its time. Frames need no such question: see Stage.fence.
    """

    def __init__(
        self,
        name,
        send,
        guards=(),
        outer=None,
        inner=None,
        state=None,
        counter=None,
        control=1,
        slow=False,
        prepare=None,
        own=None,
        tunnel=None,
        on_workstation=False,
    ):
        """
        outer, inner: frame -> key or None; frames that the Gateway sent on that side. Keys are counted once.
        own: the same for frames that the first Workstation sent; tunnel: for those that went into the tunnel.
        state: stage -> value that must stay as it is.
        counter: (name, least rise) that must be seen when the rules hold.
        control: how many different keys the positive control must show.
        prepare: what must be in place before anything is looked at.
        """
        self.name, self.send, self.guards = name, send, guards
        self.outer, self.inner, self.state, self.counter = outer, inner, state, counter
        self.control, self.slow, self.prepare, self.own = control, slow, prepare, own
        self.tunnel, self.on_workstation = tunnel, on_workstation
        self.rules_alone = False

    @property
    def has_witness(self):
        """Without one there are counters alone, and no positive control."""
        return not (self.outer is self.inner is self.state is self.own is self.tunnel is None)

    def run(self, stage, open_gateway=False):
        """@param open_gateway: there are no rules, so conntrack sleeps, and programs do answer"""
        if self.prepare:
            self.prepare(stage)
        stage.forget()
        where = stage.ws[0]["namespace"] if self.on_workstation else stage.gw
        before = stage.counters(where) if self.counter else {}
        state = self.state(stage) if self.state else None
        flows = self.send(stage) or []
        inner, outer = stage.fence()
        rise = (
            stage.counters(where).get(self.counter[0], -1) - before.get(self.counter[0], 0)
            if self.counter
            else 0
        )
        if open_gateway and flows:
            stage.await_answer(flows, inner, outer)
        own = stage.from_workstation()
        seen = {("inner", self.inner(f)): f for f in inner if self.inner and self.inner(f) is not None}
        seen.update({("own", self.own(f)): f for f in own if self.own and self.own(f) is not None})
        seen.update(
            {
                ("tunnel", self.tunnel(f)): f
                for f in stage.into_tunnel()
                if self.tunnel and self.tunnel(f) is not None
            }
        )
        seen.update({("outer", self.outer(f)): f for f in outer if self.outer and self.outer(f) is not None})
        changed = self.state is not None and self.state(stage) != state
        if not open_gateway:
            seen.update(
                {("flow", flow): "a flow to a program: %s" % (flow,) for flow in flows if stage.knows(flow)}
            )
        return seen, changed, rise, [f for f in outer if not stage.allowed_outside(f)]

    def attempt(self, stage, counted=True):
        """
        @param counted: whether the rules are what stops it, and count; with our kernel settings much does
        not get that far @raises Red when something came through, or was not counted
        """
        seen, changed, rise, strange = self.run(stage)
        if seen:
            raise Red("got through: %s" % "; ".join(str(f) for f in list(seen.values())[:3]))
        if strange:
            raise Red("on the external link: %s" % "; ".join(str(f) for f in strange[:3]))
        if changed:
            raise Red("the Gateway's state changed")
        if counted and self.counter and rise < self.counter[1]:
            raise Red("counter %s rose by %d, not by %d" % (self.counter[0], rise, self.counter[1]))

    def positive(self, stage):
        """@raises Red when nothing comes through an open Gateway either"""
        seen, changed, _, _ = self.run(stage, open_gateway=True)
        if len(seen) + changed < self.control:
            raise Red(
                "the open Gateway shows %d of %d expected signs: the probe proves nothing"
                % (len(seen) + changed, self.control)
            )


class Duty:
    def __init__(self, name, check, guards=(), rules_alone=False):
        """rules_alone: with our kernel settings much does not get as far as the rules, which have nothing
        to do then."""
        self.name, self.check, self.guards, self.slow, self.rules_alone = (
            name,
            check,
            guards,
            False,
            rules_alone,
        )

    def attempt(self, stage, counted=True):
        """@raises Red when it does not work"""
        try:
            self.check(stage)
        except (OSError, EOFError, ValueError, IndexError) as error:
            raise Red("%s: %s" % (type(error).__name__, error)) from error


def attack(name, registry=REGISTRY, **options):
    """Registers the decorated function as an attack's sender."""

    def register(send):
        registry.append(
            Attack(name, send, on_workstation=registry is WORKSTATION or registry is HELD, **options)
        )
        return send

    return register


def duty(name, guards=(), registry=REGISTRY, rules_alone=False):
    """Registers the decorated function as something that must work."""

    def register(check):
        registry.append(Duty(name, check, guards, rules_alone))
        return check

    return register
