"""The applications of a Workstation, each as it is configured: the one port of the Gateway that it speaks
to, and nothing else."""

from .frames import SYN, parse

HOST = "sallyport.example"
"""A name that nobody has (RFC 2606), and that no one here may ask for: it goes to the proxy as it is."""
APT = "/tmp/apt"

APPLICATIONS = [
    ("curl", "curl", f"curl --silent --max-time 30 https://{HOST}/"),
    ("wget", "wget", f"wget --tries=1 --timeout=30 https://{HOST}/"),
    ("git", "git", f"git ls-remote https://{HOST}/x.git"),
    ("ssh", "ssh", f"ssh -o BatchMode=yes {HOST} true"),
    ("torsocks", "default", f"torsocks curl -q --silent --max-time 30 https://{HOST}/"),
    ("gpg", "gpg", f"gpg --batch --keyserver hkps://{HOST} --recv-keys {'0123456789' * 4}"),
    ("irssi", "irc", f"timeout --foreground 12 irssi --connect={HOST}"),
    (
        "apt",
        "apt",
        f"mkdir -p {APT}/lists/partial {APT}/archives/partial; echo deb https://{HOST}/ x main > {APT}/sources; apt-get update --quiet --option Dir::State={APT}"
        f" --option Dir::Cache={APT} --option Dir::Etc::SourceList={APT}/sources --option Acquire::Retries=0 --option APT::Sandbox::User=",
    ),
]
"""Name, whose port it is in the table, command. None of them is told of a proxy here."""

OTHER_WAYS = [
    (
        "curl without its settings",
        "curl",
        f"mv ~/.curlrc ~/.curlrc.off; curl --silent --max-time 5 https://{HOST}/; mv ~/.curlrc.off ~/.curlrc",
    ),
    (
        "wget without its wrapper",
        "wget",
        f"timeout 5 /usr/lib/sallyport/unwrapped/wget --tries=1 --timeout=5 https://{HOST}/",
    ),
]
"""Negative test: what goes elsewhere is seen to."""


def went(frames, gateway):
    """Where the guest's frames went: what they are and to whom, ARP for the Gateway left out."""
    heard = [parse(frame) for _, frame in frames]
    return {(h.kind, h.target, h.port) for h in heard if not (h.kind == "arp" and h.target == gateway)}


PATIENCE = 60
"""Seconds in which a program's helper may still speak after it: gpg's dirmngr on a busy machine takes a while."""


def played(guest, name, command, heard=lambda frames: True):
    """What the guest sent while this ran, and then until it is heard: not from a login shell, with nothing in
    its environment, not even a path."""
    before = len(guest.frames())
    word = name.replace(" ", "-")
    guest.type(
        f"env -i HOME=$HOME TERM=vt220 sh -c '{command}' > /tmp/said 2>&1; echo @@''ran-{word}; tail -n 2 /tmp/said | cat -v"
    )
    ended = guest.wait(rf"^@@ran-{word}$", 60) is not None
    for _ in range(PATIENCE):
        if heard(guest.sent(before)):
            break
        guest.linger(1)
    guest.linger(0.5)
    return ended, guest.sent(before)


def run(report, guest, peer, seeds):
    """On a guest whose console is at its shell. The peer takes the Gateway's place and refuses every
    connection."""
    gateway = seeds.plan["workstation"][0]["route"]
    peer.awake.set()
    guest.linger(4)  # what waited for the Gateway's MAC until now
    for name, owner, command in APPLICATIONS:
        own = ("tcp", gateway, seeds.plan["ports"][owner])
        ended, frames = played(guest, name, command, lambda frames, own=own: own in went(frames, gateway))
        report.equal(
            f"applications: {name} speaks to its own port of the Gateway and to no other",
            (ended, went(frames, gateway)),
            (True, {own}),
        )
        report.check(
            f"applications: {name} began a connection",
            any(parse(frame).flags & 0x17 == SYN for _, frame in frames),
            guest.text()[-300:],
        )
    for name, owner, command in OTHER_WAYS:
        ended, frames = played(guest, name, command)
        found = went(frames, gateway)
        report.check(
            f"applications: {name} is seen to go elsewhere (negative test)",
            ended and found and found != {("tcp", gateway, seeds.plan["ports"][owner])},
            str(found),
        )
    report.equal("applications: the peer understood every frame", peer.error, None)
