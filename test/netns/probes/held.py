"""The Workstation's rules until its time is set: the time service to its SocksPort, nobody else anywhere."""

import clients
from attack import HELD, attack, duty
from inside import marked
import workstation as ws

TIME_PORT = 9108


@attack(
    "Until the time is set: TCP of any program, to SocksPorts, the time's among them, and through TransPort",
    registry=HELD,
    own=ws.syn,
    control=4,
    counter=("held_out", 4),
    guards=(
        "held-output-rest",
        "held-output-time",
        "held-output-established",
        "held-output-lo",
        "inet/sallyport/output",
    ),
)
def programs(s):
    ws.try_tcp(s, (s.inner_ip, 9050), (s.inner_ip, TIME_PORT), (s.web, 80))
    ws.try_tcp(s, (s.inner_ip, 9150), uid=1000)


@attack(
    "Until the time is set: the time service anywhere else",
    registry=HELD,
    own=ws.syn,
    control=3,
    counter=("held_out", 3),
    guards=("held-output-rest", "held-output-time"),
)
def time_service_elsewhere(s):
    ws.try_tcp(s, (s.inner_ip, 9050), (s.web, TIME_PORT), (s.web, 80), uid=int(s.spec["timeUser"]))


@attack(
    "Until the time is set: DNS and other UDP of anybody",
    registry=HELD,
    own=marked,
    control=3,
    counter=("held_out", 3),
    guards=("held-output-rest", "held-output-established"),
)
def udp(s):
    ws.send_udp(s, (s.inner_ip, 53), (s.web, 123))
    ws.send_udp(s, (s.inner_ip, 53), uid=int(s.spec["timeUser"]))


attack(
    "Until the time is set: its neighbour connects, a listener behind it",
    registry=HELD,
    own=ws.answers,
    control=2,
    counter=("dropped_in", 3),
    guards=("held-input-rest", "held-input-established", "held-input-lo", "inet/sallyport/input"),
)(ws.try_port)
attack(
    "Until the time is set: as another's router",
    registry=HELD,
    counter=("forwarded", 1),
    guards=("held-forward-none", "inet/sallyport/forward"),
    own=ws.routed,
)(ws.route)


@duty(
    "Until the time is set: the time service reaches its SocksPort",
    registry=HELD,
    guards=("held-output-time", "held-output-established", "held-input-established"),
)
def time_service_works(s):
    connection = clients.connect(ws.me(s), s.inner_ip, TIME_PORT, uid=int(s.spec["timeUser"]))
    clients.socks_greet(connection)
    connection.close()


duty(
    "Until the time is set: what no rule took is logged, and not too often",
    registry=HELD,
    guards=("held-input-log", "held-forward-log", "held-output-log"),
)(ws.log_bounded)
duty(
    "Until the time is set: programs talk over loopback",
    registry=HELD,
    guards=("held-input-lo", "held-output-lo"),
)(ws.loopback_works)
