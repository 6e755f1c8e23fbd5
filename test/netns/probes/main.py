"""
main.py SPEC PHASE...: runs phases of probes, one after the other, and prints one JSON object a line:
{"name", "ok", "detail", ...} for a result, {"phase", "seconds"} after each phase, {"figures"} last of all.
"""

import contextlib
import json
import os
import sys
import time

import clients
import duties, gateway, held, inside, outside, workstation as _  # noqa: E401,F401 -- they register their probes
import attack
import socksonly
from controlport import CHECKS as control_checks, CLOSED as CLOSED_CONTROL_PORT, REGISTRY as CONTROL_PORT
from pinned import CHECKS as pinned_checks, REGISTRY as PINNED, every_peer, nowhere_else
import publiclan
import timestamps
import tornet
import tunnel
from control import Control
from stage import Stage
from throughput import measure


def say(name, ok, detail="", **more):
    print(json.dumps({"name": name, "ok": ok, "detail": detail, **more}), flush=True)


def judged(name, job, **more):
    start = time.monotonic()
    try:
        job()
        say(name, True, "", seconds=round(time.monotonic() - start, 2), **more)
        return True
    except (attack.Red, OSError, EOFError, ValueError, RuntimeError) as error:
        say(
            name,
            False,
            "%s%s" % ("" if isinstance(error, attack.Red) else type(error).__name__ + ": ", error),
            seconds=round(time.monotonic() - start, 2),
            **more,
        )
        return False


def ready(s):
    """tor says 100 % over its control socket."""
    end, last = time.monotonic() + 60, "no control socket"
    while time.monotonic() < end:
        try:
            c = Control(s.spec["control"])
            c.login(s.spec["cookie"])
            last = "bootstrapped to %d %%" % c.bootstrapped()
            if last.endswith(" 100 %"):
                return say("tor bootstraps behind the rules", True, last)
        except (OSError, EOFError, ValueError) as error:
            last = str(error)
        time.sleep(0.1)
    return say("tor bootstraps behind the rules", False, last)


def listens(s):
    judged(
        "tor listens on the ports of the table and nothing else listens, before it knows any relay",
        lambda: clients.patiently(lambda: listening(s), 30),
    )


def listening(s):
    """As tornet.listeners, as an error that can be waited for."""
    try:
        tornet.listeners(s)
    except attack.Red as red:
        raise ValueError(str(red)) from red


def tor(s):
    for name, check in tornet.CHECKS:
        judged(name, lambda: check(s))


def onion(s):
    for name, check in tornet.ONION:
        judged(name, lambda: check(s))


def guard(s):
    for probe in attack.REGISTRY:
        if not probe.slow:
            judged(probe.name, lambda: probe.attempt(s))


def sweep(s):
    for probe in attack.REGISTRY:
        if probe.slow:
            judged(probe.name, lambda: probe.attempt(s))


def fast(s):
    """Rules and kernel settings together: the kernel stops much before the rules could count it."""
    for probe in attack.REGISTRY:
        if not probe.slow and not probe.rules_alone:
            judged(probe.name, lambda: probe.attempt(s, counted=False))
    judged(
        "TCP timestamps: none from the Gateway, inside to who offers them, outside in tor's own SYN",
        lambda: timestamps.none(s),
    )
    judged(
        "positive control: with the kernel's default there are TCP timestamps, inside and outside",
        lambda: timestamps.all_with(s),
    )


def flushed(s):
    """
    The ruleset is gone, tor and our kernel settings are there: what a Workstation sends still ends at the
    Gateway. The positive controls are those of an open Gateway, where the kernel is lenient as well.
    """
    judged("without rules: a page over a SocksPort, which needs none", lambda: tornet.page_socks(s))
    judged("without rules: the transparent way is gone, not open", lambda: nothing_transparent(s))
    for probe in attack.REGISTRY:
        if (
            isinstance(probe, attack.Attack)
            and probe.outer
            and not probe.slow
            and probe.send.__module__ == "inside"
        ):
            judged("without rules: " + probe.name, lambda: outside_silent(s, probe))


def outside_silent(s, probe):
    seen, changed, _, strange = probe.run(s)
    got = [str(f) for (side, _), f in seen.items() if side == "outer"] + [str(f) for f in strange]
    if got or changed:
        raise attack.Red("; ".join(got[:3]) or "the Gateway's state changed")


def stranger(s):
    judged(
        "without rules: tor closes on who is no Workstation, unanswered, and serves one",
        lambda: socks_policy(s),
    )


def socks_policy(s):
    """From outside the inner subnet: that the connection opens and is closed tells the policy from a way
    that is barred."""
    for port in [9050, 9101, *s.spec["httpTunnelPorts"]]:
        greet = (
            b"CONNECT web.example.test:80 HTTP/1.1\r\n\r\n"
            if port in s.spec["httpTunnelPorts"]
            else b"\5\1\0"
        )
        for namespace, served in ((s.host, False), (s.ws[0]["namespace"], True)):
            connection = clients.connect(namespace, s.inner_ip, port)
            try:
                connection.sendall(greet)
                answer = connection.recv(100)
            except ConnectionError:
                answer = b""
            finally:
                connection.close()
            if bool(answer) != served:
                raise attack.Red(
                    "%s, port %d: %s"
                    % (namespace, port, "answered %r" % answer if answer else "not answered")
                )


def nothing_transparent(s):
    try:
        with clients.hurried(s):
            clients.connect(s.ws[0]["namespace"], s.web, 80).close()
    except OSError:
        return
    raise attack.Red("a connection to the web was accepted")


def recovers(s):
    judged(
        "tor comes back: a page again, over TransPort and SOCKS",
        lambda: (tornet.page_transparent(s), tornet.page_socks(s)),
    )


def control(s, slow=False):
    positives(s, [x for x in attack.REGISTRY if x.slow == slow])


def positives(s, probes):
    for probe in probes:
        if isinstance(probe, attack.Attack) and probe.has_witness:
            judged("positive control: " + probe.name, lambda: probe.positive(s))


def every(s, probes):
    for probe in probes:
        judged(probe.name, lambda: probe.attempt(s))


TRANSPARENT = {"redirect-dns", "redirect-tcp", "input-trans", "input-dns"}
"""Rules that an enclave without a transparent proxy does not have."""


def transparent(probe):
    """Whether it asks for what those rules do."""
    return isinstance(probe, attack.Duty) and bool(TRANSPARENT & set(probe.guards))


def red(s, probe, calm):
    """What a probe notices, and whether it may be the machine's doing: something has not come, or not in
    time. Or None."""
    try:
        with contextlib.nullcontext() if calm else clients.hurried(s):
            probe.attempt(s)
    except (attack.Red, OSError, EOFError, IndexError) as why:
        return "%s (%s)" % (probe.name, why), isinstance(probe, attack.Duty) or not isinstance(
            why, attack.Red
        )
    return None


ATTEMPTS = 3
"""Finds of one probe that may be void, as on a machine that is too busy for it, before it is believed to
notice nothing."""


def red_probe(s, rule, probes, patient, load_sound, load_mutated):
    """
    Name and reason of the first probe that notices; those that guard the rule are asked first, attacks
    before duties. It must notice twice: what came once may be late, and set off by the mutation before.
    Where it has waited in vain, it must be content under the same limit with the real rules back, or what
    it noticed was something else, such as a busy machine. @param patient: nobody is expected to notice, so
    everybody gets the time that a busy machine may need @returns what was noticed or None, and how many
    finds were void
    """
    void = 0
    for probe in sorted(probes, key=lambda x: (rule not in x.guards, isinstance(x, attack.Duty))):
        calm = patient or rule not in probe.guards
        for _ in range(ATTEMPTS):
            found = red(s, probe, calm) and red(s, probe, calm)
            if not found:
                break
            text, by_machine = found
            if not by_machine:
                return text, void
            load_sound()
            innocent = red(s, probe, calm) and red(s, probe, calm)
            load_mutated()
            if not innocent:
                return text, void
            void += 1
    return None, void


def never_innocent(s):
    def in_vain(_):
        raise TimeoutError("a machine that is too busy")

    found, void = red_probe(
        s, "a rule", [attack.Duty("in vain", in_vain, ("a rule",))], False, lambda: None, lambda: None
    )
    if found is not None or void != ATTEMPTS:
        raise attack.Red("noticed %s, %d void" % (found, void))


def mutate(s):
    mutations(s, s.gw, attack.REGISTRY, "ruleset")


def mutate_workstation(s):
    mutations(s, s.ws[0]["namespace"], attack.WORKSTATION, "workstationRuleset")


def mutate_held(s):
    mutations(s, s.ws[0]["namespace"], attack.HELD, "workstationRuleset")


def mutations(s, namespace, registry, ruleset):
    probes = [x for x in registry if not x.slow]
    # A probe that is red already would notice everything. They hurry as they will.
    with clients.hurried(s):
        sound = [x for x in probes if judged("before the mutations: " + x.name, lambda: x.attempt(s))]
    judged(
        "negative test: a probe that waits in vain whatever the rules are notices no mutation",
        lambda: never_innocent(s),
    )
    for mutation in s.spec["mutations"]:
        try:
            s.nft(namespace).load(mutation["file"])
        except RuntimeError as error:
            # Then the rules before it are still in place, and nothing has been shown.
            say(mutation["id"], False, "nft refuses it: %s" % str(error).split("\n")[0], noticed=False)
            continue
        second_layer = mutation["id"] in s.spec["redundant"]
        # Behind another rule: those that guard this one are asked whether that still holds.
        asked = [x for x in sound if mutation["rule"] in x.guards] if second_layer else sound
        found, void = red_probe(
            s,
            mutation["rule"],
            asked,
            second_layer,
            lambda: s.nft(namespace).load(s.spec[ruleset]),
            lambda: s.nft(namespace).load(mutation["file"]),
        )
        # Noticing nothing is only right where another rule is known to hold.
        say(
            mutation["id"],
            (found is None) == second_layer,
            (found or "no probe noticed") + (", %d void" % void if void else ""),
            noticed=found is not None,
        )
    s.nft(namespace).load(s.spec[ruleset])
    # Nor is one that has become red on the way: what it noticed last may have been something else.
    for x in sound:
        judged("after the mutations: " + x.name, lambda: x.attempt(s))


def workstation(s, registry=attack.WORKSTATION):
    """The rules hold; then, without them, the same attacks show."""
    for probe in registry:
        judged(probe.name, lambda: probe.attempt(s))
    s.nft(s.ws[0]["namespace"]).flush()
    for probe in registry:
        if isinstance(probe, attack.Attack) and probe.has_witness:
            judged("positive control: " + probe.name, lambda: probe.positive(s))
    s.nft(s.ws[0]["namespace"]).load(s.spec["workstationRuleset"])


def gone(s):
    judged(
        "negative test: a download that dangles or goes on has not ended", lambda: tornet.never_ends_in_vain(s)
    )
    judged(
        "tor is killed in mid-download: the download ends, nothing leaks, nothing answers",
        lambda: tornet.tor_goes_away(s),
    )


def pinned(s):
    for name, check in pinned_checks:
        judged(name, lambda: check(s))


def shut(s):
    judged("tor's user reaches no relay and nothing else", lambda: nowhere_else(s))


def reopened(s):
    judged("tor's user reaches every peer", lambda: every_peer(s))


def public_lan(s):
    judged(
        "a LAN of public addresses: tor's user reaches neither host nor neighbour there, listeners behind them",
        lambda: publiclan.shut(s),
    )
    judged("a LAN of public addresses: tor's user reaches a relay", lambda: publiclan.relay_open(s))


def public_lan_open(s):
    judged(
        "positive control: a LAN of public addresses whose subnet the rules do not name is reached",
        lambda: publiclan.open_without(s),
    )


def throughput(s):
    """Figures; whether the ratio is enough is the benchmark's own business, not a test's."""
    medians = measure(s)
    direct = medians["tor directly on the host"]
    for name, speed in medians.items():
        say(
            "throughput: " + name,
            True,
            "%.1f MB/s, ratio %.2f" % (speed, speed / direct),
            ratio=speed / direct,
        )


def control_port(s):
    for name, check in control_checks:
        judged(name, lambda: check(s))


def socks_only(s):
    judged("a page", lambda: socksonly.works(s))
    judged(socksonly.OUTER.name, lambda: socksonly.OUTER.attempt(s))
    judged("of 65535 TCP ports those of the table answer", lambda: socksonly.only_socks_ports(s))
    judged("no other TCP, no DNS", lambda: socksonly.nothing_else(s))
    judged("tor listens on those and nothing else listens", lambda: tornet.listeners(s))


def counters(s):
    """After all probes, every counter that the ruleset declares has counted."""
    found = s.counters()
    if not found:
        say("counters are readable", False, "there is none")
    for name, packets in sorted(found.items()):
        say("counter %s is readable and counted" % name, packets > 0, str(packets))


PHASES = {
    "listens": listens,
    "ready": ready,
    "tor": tor,
    "onion": onion,
    "guard": guard,
    "fast": fast,
    "control": control,
    "mutate": mutate,
    "counters": counters,
    "recovers": recovers,
    "flushed": flushed,
    "stranger": stranger,
    "socks-only": socks_only,
    "pinned": pinned,
    "control-port": control_port,
    "throughput": throughput,
    "sweep": sweep,
    "sweep-control": lambda s: control(s, slow=True),
    "gone": gone,
    "mutate-pinned": lambda s: mutations(s, s.gw, PINNED, "ruleset"),
    "tunnel": lambda s: every(s, tunnel.REGISTRY),
    "mutate-tunnel": lambda s: mutations(s, s.gw, tunnel.REGISTRY, "ruleset"),
    "tunnel-control": lambda s: positives(s, tunnel.REGISTRY),
    "mutate-socks-only": lambda s: mutations(
        s, s.gw, [socksonly.OUTER, *[x for x in attack.REGISTRY if not transparent(x)]], "ruleset"
    ),
    "mutate-closed-control-port": lambda s: mutations(s, s.gw, CLOSED_CONTROL_PORT, "ruleset"),
    "mutate-control-port": lambda s: mutations(s, s.gw, CONTROL_PORT, "ruleset"),
    "shut": shut,
    "open": reopened,
    "public-lan": public_lan,
    "public-lan-open": public_lan_open,
    "workstation": workstation,
    "mutate-workstation": mutate_workstation,
    "held-workstation": lambda s: workstation(s, attack.HELD),
    "mutate-held-workstation": mutate_held,
}


def stay(cpu):
    """This process and what it starts run on one CPU: Sentinel says why."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[cpu % len(cpus)]})


def main():
    spec_file, *phases = sys.argv[1:]
    with open(spec_file, encoding="utf-8") as file:
        spec = json.load(file)
    if spec["cpu"] is not None:
        stay(spec["cpu"])
    stage = Stage(spec, watch_workstation=any("workstation" in phase for phase in phases))
    for phase in phases:
        start = time.monotonic()
        PHASES[phase](stage)
        print(json.dumps({"phase": phase, "seconds": round(time.monotonic() - start, 3)}), flush=True)
    tell(stage)


def tell(s):
    """Figures for the report, last of all."""
    probes = attack.REGISTRY + attack.WORKSTATION + attack.HELD + tunnel.REGISTRY
    attacks = [x for x in probes if isinstance(x, attack.Attack)]
    controls = [x for x in attacks if x.has_witness]
    print(
        json.dumps(
            {
                "figures": {
                    "framesSent": sum(w.sent for w in [*s.wires, s.outside]),
                    "attacks": len(attacks),
                    "duties": len(probes) - len(attacks),
                    "positiveControls": len(controls),
                }
            }
        ),
        flush=True,
    )


main()
