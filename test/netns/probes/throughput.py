"""Throughput through TransPort and a SocksPort, against a tor that a program uses directly on the host:
same relays."""

import statistics
import time

import clients

BYTES, ROUNDS = 20_000_000, 7


def fetch(connection):
    """Megabytes a second of one download; the connection's circuit is there already."""
    path = "/bytes?n=%d" % BYTES
    connection.settimeout(120)
    start = time.monotonic()
    body = clients.http_get(connection, "web.example.test", path)
    if len(body) != BYTES:
        raise ValueError("%d of %d bytes" % (len(body), BYTES))
    return BYTES / 1e6 / (time.monotonic() - start)


def through_socks(namespace, address, port, web):
    connection = clients.connect(namespace, address, port, 20)
    clients.socks_open(connection, web, 80)
    return connection


def measure(s):
    """Medians over interleaved rounds, by name."""
    ws = s.ws[0]["namespace"]
    ways = {
        "tor directly on the host": lambda: through_socks(s.host, "127.0.0.1", s.spec["directPort"], s.web),
        "SocksPort": lambda: through_socks(ws, s.inner_ip, 9050, s.web),
        "TransPort": lambda: clients.connect(ws, s.web, 80, 20),
    }
    speeds = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            speeds[name].append(clients.patiently(lambda: fetch(way()), 60))
    return {name: statistics.median(found) for name, found in speeds.items()}
