"""Runs parts of image/rootfs/usr/lib/sallyport/set-time against servers of its own on loopback; sets no
clock.

Arguments: the program, then a JSON list of calls; prints a JSON list of results. A call is one of
  ["date", TEXT]  ["head", TEXT]  ["judge", OFFSETS, NOW, BUILT]
  ["round", {"pools": [[ANSWER, ...], ...], "now": SECONDS, "built": SECONDS, "set": BOOL, "rounds": N}]
An ANSWER is what the server behind a name says: seconds that its clock is ahead, or "dead", "refused",
"garbage", "no-date", "two-dates", "cached", "endless", "silent", "hangs-up".
"""

import importlib.machinery
import importlib.util
import json
import socket
import sys
import tempfile
import threading
import time

loader = importlib.machinery.SourceFileLoader("set_time", sys.argv[1])
program = importlib.util.module_from_spec(importlib.util.spec_from_loader("set_time", loader))
loader.exec_module(program)
program.PATIENCE = 2.0


class FakeClock:
    """Stands still but for what is done to it."""

    def __init__(self, now):
        self.time, self.steps, self.slews = now, [], []

    def now(self):
        return self.time

    def step(self, seconds):
        self.steps.append(seconds)
        self.time += seconds

    def slew(self, seconds):
        self.slews.append(seconds)


class Proxy:
    """A SOCKS server that answers for every name itself, as the case asks for, and notes who asked."""

    def __init__(self, answers, now):
        self.answers, self.now, self.users, self.requests = answers, now, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, c):
        try:
            assert c.recv(3) == b"\x05\x01\x02"
            c.sendall(b"\x05\x02")
            auth = c.recv(64)
            user = auth[2 : 2 + auth[1]].decode()
            self.users.append(user)
            c.sendall(b"\x01\x00")
            request = c.recv(300)
            name = request[5 : 5 + request[4]].decode()
            answer = self.answers[name]
            if answer == "refused":
                c.sendall(b"\x05\x04\x00\x01\0\0\0\0\0\0")
                return
            c.sendall(b"\x05\x00\x00\x03\x04host\0\0")
            head = c.recv(4096).decode()
            self.requests.append(head)
            self.answer(c, answer)
        except (OSError, AssertionError):
            pass
        finally:
            c.close()

    def answer(self, c, answer):
        date = lambda ahead: time.strftime(
            "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime(self.now() + ahead)
        )  # noqa: E731
        start = "HTTP/1.1 302 Found\r\nServer: x\r\n"
        if answer == "silent":
            time.sleep(5)
            return
        if answer == "endless":
            while True:
                c.sendall(b"X" * 4096)
        text = {
            "garbage": "SSH-2.0-OpenSSH\r\n\r\n",
            "no-date": start + "\r\n",
            "two-dates": start + date(0) + date(0) + "\r\n",
            "cached": start + date(0) + "Age: 60\r\n\r\n",
            "hangs-up": start,
        }.get(answer)
        c.sendall((start + date(answer) + "\r\n" if text is None else text).encode())


def play(case):
    answers = {
        "p%d-%d.example.test" % (i, j): answer
        for i, pool in enumerate(case["pools"])
        for j, answer in enumerate(pool)
    }
    clock = FakeClock(case["now"])
    proxy = Proxy(answers, lambda: case["now"])
    dead = {name for name, answer in answers.items() if answer == "dead"}
    pools = [
        ["http://p%d-%d.example.test/" % (i, j) for j in range(len(pool))]
        for i, pool in enumerate(case["pools"])
    ]
    closed = socket.create_server(("127.0.0.1", 0))
    nowhere = closed.getsockname()
    closed.close()
    with tempfile.TemporaryDirectory() as folder:
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        heard.bind(folder + "/notify")
        heard.setblocking(False)
        if case.get("set"):
            with open(folder + "/state", "w", encoding="ascii") as file:
                file.write('{"set": true}')
        state = program.State(folder + "/state", folder + "/notify")
        ask = lambda url: program.ask(
            nowhere if url[7:-1] in dead else proxy.listener.getsockname(), url, clock.now
        )  # noqa: E731
        results = [
            program.one_round({"pools": pools}, clock, state, case["built"], ask)
            for _ in range(case.get("rounds", 1))
        ]
        with open(folder + "/state", encoding="ascii") as file:
            record = json.load(file)
        notes = []
        while True:
            try:
                notes.append(heard.recv(64).decode())
            except BlockingIOError:
                break
    return {
        "results": results,
        "state": record,
        "steps": clock.steps,
        "slews": clock.slews,
        "ready": notes,
        "users": proxy.users,
        "requests": proxy.requests,
    }


def call(verb, *args):
    try:
        if verb == "date":
            return program.parse_date(*args)
        if verb == "head":
            return program.parse_head(args[0].encode("latin-1"))
        if verb == "judge":
            return program.judge(*args)
        return play(*args)
    except program.Unusable as error:
        return "unusable: %s" % error


print(json.dumps([call(*c) for c in json.loads(sys.argv[2])]))
