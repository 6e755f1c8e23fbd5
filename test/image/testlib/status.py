"""The status program against a tor of our own making: what it says, and what it survives."""

import contextlib
import io
import json
import runpy
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[3] / "image/rootfs/usr/lib/sallyport/status"
PHASE = '250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS={} TAG=x SUMMARY="{}"\r\n250-status/circuit-established={}\r\n250 OK\r\n'


def judgements(report, program):
    judge = program["judge"]

    def verdict(progress, circuit, table):
        lines = PHASE.format(progress, "Doing", circuit).replace("\r\n", "\n").rstrip("\n")
        state = judge(lines, lambda: table)
        return state["phase"], state["bootstrap"], state["ready"]

    report.equal("status: all three hold", verdict(100, 1, True), ("ready", 100, True))
    report.equal("status: 99 % is not ready", verdict(99, 1, True), ("bootstrap", 99, False))
    report.equal("status: without a circuit not ready", verdict(100, 0, True), ("bootstrap", 100, False))
    report.equal("status: without the ruleset failed", verdict(100, 1, False), ("failed", 100, False))
    for name, text in (
        ("empty", ""),
        ("cut off", "250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100"),
        ("strange", "250 OK"),
    ):
        report.equal(
            f"status: an answer that is {name} is not ready", judge(text, lambda: True)["ready"], False
        )


def lines(report, program):
    line = program["render"](
        program["state"]("bootstrap", 45, detail='quote " backslash \\ tab \t ü ' + "x" * 400)
    )
    report.check(
        "status: a line fits in 300 bytes with its CR",
        len(line) <= 299 and line.endswith(b"\n"),
        str(len(line)),
    )
    report.check(
        "status: a line is ASCII and JSON",
        json.loads(line.decode("ascii").split(" ", 1)[1])["bootstrap"] == 45,
    )
    report.check("status: a line begins with the prefix", line.startswith(b"@sallyport {"))
    clocks = {"up": 99999999.99, "boot": 99999999.99, "time": 9999999999.99}
    line = program["render"]({**program["state"]("bootstrap", 100, detail="x" * 400), **clocks})
    report.check(
        "status: with its clocks as well", len(line) <= 299 and json.loads(line[11:])["detail"] > "x" * 99
    )


KEY = "71ABCDEF71ABCDEF71ABCDEF71ABCDEF71ABCDEF"
NAMING = {
    f"host {KEY} at 192.0.2.4:9001)": "host [key] at [address])",
    f"router ${KEY}~harbour at [2001:db8::1]:443": "router [key] at [address]",
    "wanted AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE": "wanted [key]",
    "by 2001:db8::5 or ::1": "by [address] or [address]",
    "(2026-12-01 10:00:00 UTC), 2 hours": "(2026-12-01 10:00:00 UTC), 2 hours",
    'a "quote" and \\ \t \x1b[2J ü': "a  quote  and      [2J  ",
}
"""What tor says, and what of it the host is told."""


def scrubbed(report, program):
    for text, told in NAMING.items():
        report.equal(f"warnings: what names a relay is not told: {told[:30]}", program["scrub"](text), told)


def warnings(report, program):
    """Each kind once in a while, few at once, in short lines."""
    teller = program["Warnings"]()

    def told(text, now, severity="warn"):
        line = teller.line(severity, text, now)
        if line is None:
            return None
        report.check(
            "warnings: a line is short and whole",
            len(line) <= 299 and line.endswith(b"\n") and line.startswith(b"@sallyport-tor {"),
            str(line),
        )
        record = json.loads(line.split(b" ", 1)[1])
        return record["severity"], record["text"]

    report.equal("warnings: one is told", told("Stuck at 5 %", 0), ("warn", "Stuck at 5 %"))
    report.equal("warnings: with another number it is the same", told("Stuck at 10 %", 10), None)
    report.equal("warnings: another one is told", told("Failing", 11, "err"), ("err", "Failing"))
    report.equal(
        "warnings: after a while it is told again", told("Stuck at 14 %", 301), ("warn", "Stuck at 14 %")
    )
    report.equal("warnings: a long one is cut", len(told("y " * 2500, 302)[1]) > 200, True)
    flood = [told(f"{chr(97 + n % 26)}{chr(97 + n // 26)}", 303) for n in range(300)]
    report.equal("warnings: not many at once", sum(line is not None for line in flood) <= 8, True)
    report.equal("warnings: and later there is room again", told("later", 700), ("warn", "later"))


def drops(report, program):
    """The firewall's counters: when they are told, and what is told."""
    teller = program["Drops"]()
    totals = {"inner_in": 0, "arp_in": 0}

    def told(now, read=lambda: totals):
        written = teller.lines(now, read)
        report.check(
            "drops: a line is short and whole",
            all(
                len(line) < 299 and line.endswith(b"\n") and line.startswith(b"@sallyport-drops {")
                for line in written
            ),
            str(written),
        )
        return [json.loads(line.split(b" ", 1)[1]) for line in written]

    def fails():
        raise OSError("no nft")

    report.equal("drops: nothing dropped, nothing said", told(0), [])
    totals["inner_in"] = 3
    report.equal("drops: not looked at again at once", told(10), [])
    report.equal(
        "drops: those that changed are told, by name", told(31), [{"v": 1, "packets": {"inner_in": 3}}]
    )
    totals.update(inner_in=4, arp_in=1)
    report.equal("drops: not too often", told(300), [])
    report.equal(
        "drops: totals, not differences", told(332), [{"v": 1, "packets": {"arp_in": 1, "inner_in": 4}}]
    )
    report.equal("drops: unchanged, nothing said", told(700), [])
    report.equal(
        "drops: counters that cannot be read are no silence",
        told(1000, fails),
        [{"v": 1, "detail": "the counters cannot be read"}],
    )
    totals.update({f"a_counter_named_{n:02}": 2**64 - 1 - n for n in range(19)})
    report.equal(
        "drops: all of them, in several lines",
        {name: packets for line in told(2000) for name, packets in line["packets"].items()},
        {name: packets for name, packets in totals.items() if name.startswith("a_")},
    )


def table(report, program):
    """Whether the role's table is loaded, by the real nft in a network namespace of its own."""
    asks = program["table_loaded"]

    def loaded(*tables):
        script = "; ".join([*(f"nft add table {name}" for name in tables), 'exec "$@"'])
        asks.__globals__["output_of"] = lambda command: subprocess.run(
            ["unshare", "--net", "sh", "-ec", script, "sh", *command], check=True, capture_output=True
        ).stdout
        return asks()

    def fails(_):
        raise OSError("no nft")

    report.equal("table: the role's is seen", loaded("inet sallyport"), True)
    report.equal(
        "table: others are not it", loaded("inet sallyport_lockdown", "ip sallyport", "arp sallyport"), False
    )
    report.equal("table: none is none", loaded(), False)
    asks.__globals__["output_of"] = fails
    report.equal("table: what can't be found out is not loaded", asks(), False)


class FakeTor(threading.Thread):
    """Answers on a control socket: each connection gets the next of these behaviours."""

    def __init__(self, path, behaviours):
        super().__init__(daemon=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.behaviours = behaviours

    def run(self):
        for behaviour in self.behaviours:
            connection, _ = self.server.accept()
            with connection, connection.makefile("r", newline="\r\n") as requests:
                for request in requests:
                    answer = behaviour(request.split()[0])
                    if answer is None:
                        break
                    connection.sendall(answer.encode())


EVENTS = (
    "650 STATUS_CLIENT NOTICE X\r\n650 WARN tor warns\r\n650+ERR\r\ntor fails\r\nfor good\r\n.\r\n650 OK\r\n"
    "650 NOTICE tor notes\r\n"
)
"""Messages of one line and of several, of kinds that are passed on and of others."""


def closes_at_once(_):
    return None


def refuses(word):
    return (
        "515 Authentication failed: wrong length on authentication cookie.\r\n"
        if word == "AUTHENTICATE"
        else "250 OK\r\n"
    )


def answers(word):
    return PHASE.format(100, "Done", 1) if word == "GETINFO" else EVENTS + "250 OK\r\n"


def answers_then_dies(word, seen=[]):  # noqa: B006, one list for the whole conversation
    seen.append(word)
    return None if seen.count("GETINFO") > 1 else answers(word)


CLOCKS = {
    "time": staticmethod(lambda: 1764550000.126),
    "clock_gettime": staticmethod(lambda clock: {time.CLOCK_BOOTTIME: 640.704}[clock]),
    "CLOCK_BOOTTIME": time.CLOCK_BOOTTIME,
}
"""The clocks that a line tells, in a world of our own."""


class Enough(Exception):
    pass


def conversation(report, program):
    """main() itself, with console, tor, ruleset and clock of our own; it ends when tor has been asked
    often enough."""
    with tempfile.TemporaryDirectory() as folder:
        control, cookie, console = (Path(folder) / name for name in ("control", "cookie", "console"))
        console.touch()
        values = program["main"].__globals__
        values.update(
            CONTROL=str(control),
            COOKIE=str(cookie),
            CONSOLE=str(console),
            TOR_FAILED=f"{folder}/tor-failed",
            POLL=0.01,
            BEAT=0.01,
            REPEAT=0.01,
            table_loaded=lambda: True,
            Drops=lambda: type("None", (), {"lines": lambda self, now: []})(),
        )
        pauses = []

        def sleep(_):
            """Each pause after a failure brings the next stage of tor's life."""
            pauses.append(1)
            if len(pauses) == 2:
                cookie.write_bytes(bytes(32))
                FakeTor(control, [closes_at_once, refuses, answers_then_dies]).start()
            if len(pauses) == 6:
                Path(f"{folder}/tor-failed").write_text(f"Failed to parse/validate config\n{KEY}\n")
                control.unlink()
            if len(pauses) == 8:
                raise Enough

        values["time"] = type(
            "Clock", (), {**CLOCKS, "sleep": staticmethod(sleep), "monotonic": staticmethod(time.monotonic)}
        )
        with contextlib.suppress(Enough), contextlib.redirect_stderr(io.StringIO()):
            program["main"]()
        written = console.read_text().splitlines()
        said, warned = (
            [json.loads(line.split(" ", 1)[1]) for line in written if line.startswith(prefix)]
            for prefix in ("@sallyport ", "@sallyport-tor ")
        )
    report.equal(
        "status: passes on what tor warns of, each once",
        [(record["severity"], record["text"]) for record in warned],
        [("warn", "tor warns"), ("err", "tor fails for good")],
    )
    phases = [record["phase"] for record in said]
    report.check("status: says that tor is not there yet", phases[0] == "tor-start", str(phases))
    report.check(
        "status: survives a refusal and says so", any("515" in record["detail"] for record in said), str(said)
    )
    report.check("status: ready when tor answers", "ready" in phases, str(phases))
    after = phases[len(phases) - phases[::-1].index("ready") :] if "ready" in phases else []
    report.check("status: takes ready back when tor goes away", after[:1] == ["tor-start"], str(phases))
    report.check("status: says that tor has failed for good", phases[-1:] == ["failed"], str(phases))
    report.check(
        "status: and what it said last",
        said[-1]["detail"].endswith("again and again: Failed to parse/validate config; [key]"),
        said[-1]["detail"],
    )


def beats(report, program):
    """A line that still holds is said to, while ready, at a known pace, and is written anew after a while."""
    with tempfile.NamedTemporaryFile() as console:
        clock = [100.0]
        values = program["Console"].show.__globals__
        values.update(
            CONSOLE=console.name,
            time=type("Clock", (), {**CLOCKS, "monotonic": staticmethod(lambda: clock[0])}),
            Drops=lambda: type("None", (), {"lines": lambda self, now: []})(),
        )
        shown = program["Console"]()
        half, ready = program["state"]("bootstrap", 50), program["state"]("ready", 100, True)

        def said(record, after):
            clock[0] += after
            before = Path(console.name).stat().st_size
            shown.show(record)
            return Path(console.name).read_text()[before:]

        report.check(
            "beats: a line has the guest's three clocks",
            '"up":100.0,"boot":640.7,"time":1764550000.13}' in said(half, 0),
        )
        report.equal("beats: not while not ready", said(half, 3), "")
        report.check("beats: ready is said at once", '"ready":true' in said(ready, 0.1))
        report.equal("beats: not too often", said(ready, 1), "")
        report.equal(
            "beats: then that it holds still, by the line's own time",
            said(ready, 1.5),
            "@sallyport-still 103.1\n",
        )
        report.equal("beats: and again", said(ready, 2), "@sallyport-still 103.1\n")
        report.check("beats: written anew after a while", '"up":133.6,' in said(ready, 26))
        report.equal("beats: the new line holds", said(ready, 2), "@sallyport-still 133.6\n")
        report.check("beats: what does not hold any more is said at once", '"ready":false' in said(half, 0.1))


def run(report):
    program = runpy.run_path(str(PROGRAM))
    judgements(report, program)
    lines(report, program)
    drops(report, program)
    scrubbed(report, program)
    warnings(report, program)
    conversation(report, program)
    beats(report, runpy.run_path(str(PROGRAM)))
    table(report, runpy.run_path(str(PROGRAM)))
