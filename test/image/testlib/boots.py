"""Boots: the program's own seeds reach their goal and are heard; whatever is wrong leaves every NIC down
and says why."""

import re
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import applications, probe, volumes, ways
from .faults import ROLE, RULES, SYSCTL, corrupt, instead, without
from .image import debugfs
from .peer import Peer
from .seed import write_seed
from .settings import judge as judge_settings
from .vm import Guest

IFF_UP = 1
GATEWAY_PROCESSES = {
    "systemd",
    "systemd-journal",
    "systemd-udevd",
    "systemd-network",
    "tor",
    "python3",
    "(udev-worker)",
    "sh",
    "cat",
    "runcmd",
}  # the last three are the probe's own
LOADED = r'^@sallyport \{.*"detail":"ruleset loaded"\}$'


def nics_up(found):
    """Names of the NICs that are up, by the probe; loopback left out."""
    nics = dict(line.split() for line in found.get("nic", []))
    return sorted(name for name, flags in nics.items() if name != "lo" and int(flags, 16) & IFF_UP)


def arp_request(frame, mac, sender, target):
    """Whether a frame is this ARP request and nothing else (RFC 826)."""
    own = bytes.fromhex(mac.replace(":", ""))
    wanted = (
        b"\xff" * 6
        + own
        + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
        + own
        + socket.inet_aton(sender)
        + bytes(6)
        + socket.inet_aton(target)
    )
    return frame[: len(wanted)] == wanted and not any(frame[len(wanted) :])


def shut(report, name, guest, reason):
    """What holds for every boot that must fail."""
    failed = guest.wait(r'^@sallyport \{.*"phase":"failed".*\}$')
    report.check(f"{name}: the probe ran", guest.wait(r"^@@end\n") is not None, guest.text()[-300:])
    found = guest.probe()
    detail = guest.statuses()[-1]["detail"] if guest.statuses() else guest.text()[-300:]
    report.check(
        f"{name}: the status line says why",
        failed is not None and re.search(reason, detail),
        f"found: {detail}; cloud-init: {found.get('seed')}",
    )
    report.check(
        f"{name}: no NIC is up",
        len(found.get("nic", [])) == 1 + len(guest.captures) and nics_up(found) == [],
        f"NICs: {found.get('nic')}",
    )
    report.check(
        f"{name}: neither tor nor the network runs",
        "process" in found and not {"tor", "systemd-network"} & set(found["process"]),
        str(found.get("process")),
    )
    report.equal(f"{name}: no frame was sent", len(guest.frames()), 0)
    report.check(
        f"{name}: failed is the last word",
        guest.statuses()
        and guest.statuses()[-1]["phase"] == "failed"
        and not any(s["ready"] for s in guest.statuses()),
        str(guest.statuses()),
    )


def fail_closed(image, seeds):
    """Name, disk, seed, reason: see role.py for more faults, without a boot. The disk carries the probe,
    which runs although the seed may not be read at all."""
    disk = probe.on_disk(image)
    good = seeds.files("gateway")
    seeds_by_name = [
        ("corrupt ruleset", seeds.broken("gateway", corrupt(good)), r"ruleset refused"),
        ("role missing", seeds.broken("gateway", without(ROLE)(good)), r"no /etc/sallyport/role"),
        (
            "role unknown",
            seeds.broken("gateway", instead(ROLE, "gateway or so\n")(good)),
            r"neither gateway nor workstation",
        ),
        (
            "sysctl failing",
            seeds.broken("gateway", instead(SYSCTL, good[SYSCTL] + "net.ipv4.ip_forwrad = 0\n")(good)),
            r"sysctl: .*ip_forwrad",
        ),
        (
            "no network-config",
            {k: v for k, v in seeds.genuine("gateway").items() if k != "network-config"},
            r"network-config|only static addresses",
        ),
        ("no seed", None, r"no /etc/sallyport/role"),
    ]
    genuine = seeds.genuine("gateway")
    expecting = seeds.genuine("gateway", data=volumes.EXPECTED["gateway"])
    return [
        *((name, image.overlay(slug(name), disk), seed, reason) for name, seed, reason in seeds_by_name),
        (
            "nft missing",
            image.changed("nft", "rm /usr/sbin/nft", base=disk),
            genuine,
            r"nft program is missing",
        ),
        (
            "tor's user missing",
            image.changed(
                "user", "rm /etc/passwd", f"write {without_user(image, 'debian-tor')} /etc/passwd", base=disk
            ),
            genuine,
            r"user debian-tor is missing",
        ),
        *(
            (name, image.overlay(slug(name), disk), expecting, reason, attached)
            for name, attached, reason in (
                ("data volume missing", [], r"^sallyport-state: no disk with this serial"),
                (
                    "data volume of others",
                    [(volumes.foreign(image.work / "others", "precious"), volumes.STATE)],
                    r"^sallyport-state: its file system has the label precious",
                ),
            )
        ),
    ]


def without_user(image, user):
    """The image's /etc/passwd without this user, as a file. @raises ValueError when there is no such user:
    the fault would be none"""
    lines = (image.tree() / "etc/passwd").read_text().splitlines(True)
    others = [line for line in lines if not line.startswith(f"{user}:")]
    if len(others) != len(lines) - 1:
        raise ValueError(f"/etc/passwd holds no user {user}")
    path = image.work / "passwd"
    path.write_text("".join(others))
    path.chmod(0o644)
    return path


def slug(name):
    return re.sub(r"\W+", "-", name)


LOG = "sallyport-drop output: "
DROPPED = f"""    python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.9", 9))' 2> /dev/null
    echo "@@logged $(dmesg | grep -c '{LOG}.*DST=192.0.2.9 ')"
    echo "@@tracked $(cat /proc/sys/net/netfilter/nf_conntrack_max)"
    grep ' /var/lib/tor ' /proc/self/mounts | sed 's/^/@@mount /'
    grep -c sallyport/volume /proc/self/mounts | sed 's/^/@@volume /'
    echo "@@owner $(stat -c '%U:%G %a' /var/lib/tor)"
    echo "@@root $(($(stat -f -c '%b * %S / 1073741824' /)))"
    echo "@@size $(($(stat -f -c '%b * %S / 1048576' /var/lib/tor)))"
    echo "@@kept $(stat -c '%U:%G' /var/lib/tor/kept) $(cat /var/lib/tor/kept)"
    if ! [ -e /var/lib/tor/kept ]; then echo once > /var/lib/tor/kept; chown debian-tor: /var/lib/tor/kept; fi
    echo "@@files $(systemctl show --property=LimitNOFILE --value tor@default.service)"
"""
"""For the Gateway's probe: something that its firewall drops, and what bounds the connections of
Workstations."""


def gateway(report, image, seeds, work):
    """The image as it is with the program's seed; only the probe is added at its end. Its root is larger
    than the image, its volume blank."""
    seed = seeds.genuine("gateway", probe.in_seed(DROPPED), volumes.EXPECTED["gateway"])
    state = volumes.blank(work / "state", 256)
    outer, _ = seeds.plan["gateway"]
    with Guest(
        work,
        "gateway",
        image.overlay("gateway", size="6G"),
        write_seed(work / "gateway.iso", seed),
        seeds.macs("gateway"),
        volumes=[(state, volumes.STATE)],
    ) as guest:
        report.check(
            "gateway: says that its ruleset is loaded", guest.wait(LOADED) is not None, guest.text()[-300:]
        )
        report.check(
            "gateway: tor starts and its bootstrap is reported",
            guest.wait(r'"phase":"bootstrap","bootstrap":[0-9]+') is not None,
            guest.text()[-300:],
        )
        report.check("gateway: the probe ran", guest.wait(r"^@@end\n") is not None, guest.text()[-300:])
        phases = [s["phase"] for s in guest.statuses()]
        report.check(
            "gateway: phases come in order",
            phases == sorted(phases, key=["role", "tor-start", "bootstrap"].index),
            str(phases),
        )
        report.check(
            "gateway: never ready without a Tor network", not any(s["ready"] for s in guest.statuses())
        )
        report.check(
            "gateway: every line is short",
            all(len(l) < 299 for l in guest.text().split("\n") if l.startswith("@sallyport")),
        )
        report.check(
            "gateway: no login on its console", "login:" not in guest.text() and "$ " not in guest.text()
        )
        settled(report, guest.probe(), seeds)
        bounded(report, guest.probe(), seeds)
        report.check(
            "gateway: what the firewall logs stays off its console",
            LOG not in guest.text(),
            guest.text()[-300:],
        )
        guest.linger(2)
        frames = guest.frames()
        report.check(
            "gateway: frames are seen on the external NIC (positive control of every silence)",
            len(frames) > 0,
        )
        loaded = guest.heard.get(LOADED, float("inf"))
        early = [f"{at - loaded:.2f} s" for at, _, _ in frames if at < loaded]
        report.equal("gateway: silence from power-on until the ruleset is loaded", early, [])
        strange = [
            f"NIC {nic}: {frame.hex()}"
            for _, nic, frame in frames
            if nic != 0 or not arp_request(frame, outer["mac"], outer["address"], outer["route"])
        ]
        report.equal(
            "gateway: first boot sends ARP requests for its next hop and nothing else, nothing at all inside",
            strange,
            [],
        )
        found = guest.probe()
        kept(report, "gateway", found, 256)
        report.equal("gateway: nothing was kept before", found.get("kept"), [" "])
        report.equal("gateway: its root is as large as its disk", found.get("root"), ["5"])
        halted(report, "gateway", guest, state, 256)
    gateway_anew(report, image, seeds, work, seed, state)


def kept(report, name, found, mib):
    """tor's folder is the volume's, and is tor's."""
    mounts = [line.split() for line in found.get("mount", [])]
    options = mounts[0][3].split(",") if mounts else []
    report.check(
        f"{name}: tor's folder is on the volume, without programs",
        len(mounts) == 1 and mounts[0][2] == "ext4" and {"nosuid", "nodev", "noexec"} <= set(options),
        str(mounts),
    )
    report.equal(f"{name}: the volume itself is nowhere mounted", found.get("volume"), ["0"])
    report.equal(f"{name}: tor's folder is tor's", found.get("owner"), ["debian-tor:debian-tor 2700"])
    size = int(found.get("size", ["0"])[0])
    report.check(f"{name}: it has the volume's size", mib * 0.8 < size <= mib, str(size))


def halted(report, name, guest, volume, mib):
    """Ctrl-Alt-Del ends a guest, and leaves its volume as one that was unmounted."""
    report.check(f"{name}: Ctrl-Alt-Del powers it off", guest.stop(), guest.text()[-300:])
    label = volumes.STATE if "gateway" in name else volumes.HOME
    report.equal(f"{name}: its volume was unmounted", volumes.inspect(volume), (label, True, mib))
    report.check(f"{name}: and is sound", volumes.sound(volume))


def gateway_anew(report, image, seeds, work, seed, state):
    """A new root beside the volume, which was grown meanwhile and then cut off: the file system is checked
    and tor finds what it left."""
    saved = volumes.stat(state, "tor/state")
    report.check("gateway: tor left its state when it was stopped", saved is not None)
    volumes.resized(state, 320)
    volumes.torn(state)
    name = "gateway anew"
    with Guest(
        work,
        slug(name),
        image.overlay(slug(name)),
        work / "gateway.iso",
        seeds.macs("gateway"),
        volumes=[(state, volumes.STATE)],
    ) as guest:
        report.check(f"{name}: the probe ran", guest.wait(r"^@@end\n") is not None, guest.text()[-300:])
        found = guest.probe()
        kept(report, name, found, 320)
        report.equal(
            f"{name}: what was kept is there, and whose it was",
            found.get("kept"),
            ["debian-tor:debian-tor once"],
        )
        report.equal(f"{name}: a root of the image's size stays as it is", found.get("root"), ["3"])
        halted(report, name, guest, state, 320)
    report.equal(f"{name}: tor's state is still tor's", volumes.stat(state, "tor/state"), saved)


def settled(report, found, seeds):
    planned = sorted(nic["interface"] for nic in seeds.plan["gateway"])
    report.equal("gateway: NICs have the seed's names and are up", nics_up(found), planned)
    judge_settings(report, "gateway", found, seeds.files("gateway")[SYSCTL], planned)
    report.equal("gateway: no IPv6 in the kernel", found.get("ipv6"), ["none"])
    report.equal("gateway: host name", found.get("hostname"), ["host"])
    tables = set(found.get("tables", [""])[0].rstrip(";").split(";"))
    report.check(
        "gateway: the role's table is loaded, the lockdown is gone",
        "table inet sallyport" in tables and not any("lockdown" in t for t in tables),
        str(tables),
    )
    report.equal("gateway: the kernel is not tainted", found.get("tainted"), ["0"])
    listed = found.get("unit", [])
    report.check(
        "gateway: the role's unit is listed as active (positive control of what is not)",
        "active sallyport-role.service" in listed,
        str(listed),
    )
    report.equal("gateway: no unit has failed", [unit for unit in listed if unit.startswith("failed ")], [])
    report.equal("gateway: no timer is armed", [unit for unit in listed if unit.endswith(".timer")], [])
    processes = set(found.get("process", []))
    report.check(
        "gateway: no process that is not expected",
        "tor" in processes and processes <= GATEWAY_PROCESSES,
        str(processes - GATEWAY_PROCESSES),
    )
    listeners = sorted(f"{line.split()[0]} {line.split()[4]}" for line in found.get("socket", []))
    report.equal(
        "gateway: tor's planned listeners alone are open, and no raw or packet socket",
        listeners,
        sorted(seeds.plan["listeners"]),
    )


def bounded(report, found, seeds):
    """The limit of a Workstation's connections leaves room in what they share, and what is dropped is in
    the kernel's log."""
    limits = seeds.plan["limits"]
    logged, tracked, files = (int(found.get(word, ["0"])[0]) for word in ("logged", "tracked", "files"))
    report.equal("gateway: what its firewall drops is in the kernel's log", logged, 1)
    report.check(
        "gateway: one Workstation at its limit has at most a quarter of the connections that the kernel tracks",
        tracked >= 4 * limits["connections"],
        f"{tracked} are tracked",
    )
    report.check(
        "gateway: tor may open more files than all Workstations together have connections",
        files > limits["connections"] * limits["workstations"],
        f"{files} files",
    )


STOPS = (
    "for c in 'systemctl poweroff' 'systemctl start ctrl-alt-del.target' 'shutdown -h now' 'reboot -f' 'kill -INT 1' 'init 0'; "
    "do $c > /dev/null 2>&1 && echo -n \"$c works \"; done"
)
"""What would stop the guest if the Workstation's user could."""

LOCAL_TOR = " ".join(f"tcp LISTEN 0 4096 127.0.0.1:{port} 0.0.0.0:*" for port in (9050, 9150))
COMMANDS = {
    "id": "id",
    "zone": "date +%Z",
    "lang": "echo $LANG $(locale charmap)",
    "hostname": "hostname",
    "machine": "wc -c < /etc/machine-id",
    "nic": "cat /sys/class/net/eth0/flags",
    "sudo": "command -v sudo pkexec doas",
    "programs": "for p in curl git gpg irssi ssh torsocks wget; do command -v $p > /dev/null || echo -n $p; done",
    "sockets": "ss --no-header --listening --tcp --udp --raw --packet --numeric | sort",
    "setuid": "find / -xdev -perm /6000 -type f",
    "tor": "for p in tor obfs4proxy; do $p --version > /dev/null 2>&1; echo $?; done",
    "homes": "grep -c -e ' /home ext4 .*nosuid' -e ' /srv/work ext4 .*nosuid' /proc/mounts; stat -c %U:%a ~ /srv/work; ls -A ~",
    "stop": STOPS,
    "speak": "timeout 3 bash -c '< /dev/tcp/10.152.152.10/9050' 2> /dev/null; echo spoke",
}


def workstation(report, image, seeds, work):
    """The image as it is, with the program's seed as it is."""
    iso = write_seed(
        work / "workstation.iso", seeds.genuine("workstation", data=volumes.EXPECTED["workstation"])
    )
    disk = image.overlay("workstation")
    home = volumes.blank(work / "home", 64)
    [nic] = seeds.plan["workstation"]
    peer = Peer(work / "workstation.sock", "52:54:00:98:98:0a", nic["route"])
    with Guest(
        work, "workstation", disk, iso, seeds.macs("workstation"), {0: peer}, volumes=[(home, volumes.HOME)]
    ) as guest:
        report.check(
            "workstation: logs its user in on the console",
            guest.wait(r"user@host:~\$") is not None,
            guest.text()[-300:],
        )
        report.equal(
            "workstation: no frame from power-on until somebody does something", len(guest.frames()), 0
        )
        report.check(
            "workstation: the console takes commands",
            guest.ask("echo @@''here", r"^@@here\nuser@host:~\$") is not None,
            guest.text()[-300:],
        )
        for word, command in COMMANDS.items():
            if word == "speak":
                guest.linger(2)
                report.equal("workstation: still no frame: it says nothing by itself", len(guest.frames()), 0)
            guest.type(f"echo @@''{word} $({command}) @@")
            guest.wait(rf"^@@{word} .*@@\nuser@host:~\$", 40)
        found = {word: rest[-1].removesuffix("@@").strip() for word, rest in guest.probe().items()}
        for word, expected in (
            ("id", "uid=1000(user) gid=1000(user) groups=1000(user)"),
            ("zone", "UTC"),
            ("lang", "en_US.UTF-8 UTF-8"),
            ("hostname", "host"),
            ("machine", "33"),
            ("sudo", ""),
            ("programs", ""),
            ("sockets", LOCAL_TOR),
            ("setuid", ""),
            ("homes", "2 user:700 user:755 .bash_logout .bashrc .curlrc .profile"),
            ("stop", ""),
            ("tor", "126 126"),
        ):
            report.equal(f"workstation: {word}", found.get(word), expected)
        report.check("workstation: eth0 is up", int(found.get("nic") or "0", 16) & IFF_UP)
        report.check(
            "workstation: frames are seen when it speaks (positive control)",
            found.get("speak") == "spoke" and len(guest.frames()) > 0,
        )
        strange = [
            frame.hex()
            for _, _, frame in guest.frames()
            if not arp_request(frame, nic["mac"], nic["address"], nic["route"])
        ]
        report.equal("workstation: what it sends into the void is ARP requests for its Gateway", strange, [])
        applications.run(report, guest, peer, seeds)
        report.check("workstation: no status line", not guest.statuses(), str(guest.statuses()))
        guest.type(
            "echo mine > ~/kept; echo ours > /srv/work/kept; cat /dev/zero > ~/fill 2> /dev/null; echo @@''full $?"
        )
        report.check("workstation: its home can be filled", guest.wait(r"^@@full 1$") is not None)
        halted(report, "workstation", guest, home, 64)
    workstation_again(report, seeds, work, disk, iso, home)


def cut_off(work, disk):
    """The root as a power cut in the first boot may leave it: cloud-init's marks are there, and not all that it
    wrote."""
    raw = work / "cut-off.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", disk, raw], check=True)
    seeded = (ROLE, RULES, "/etc/systemd/network/10-cloud-init-eth0.network")
    debugfs(raw, *(f"rm {file}" for file in seeded), f"write /dev/null {RULES}", writable=True)
    return raw


def workstation_again(report, seeds, work, disk, iso, home):
    """The same root once more, without what its seed wrote, and with a home that is full."""
    name = "workstation again"
    disk = cut_off(work, disk)
    command = (
        "stat -c %U:%s ~/kept /srv/work/kept; cat ~/kept /srv/work/kept; df --output=avail ~ | tail -n 1"
    )
    with Guest(
        work, slug(name), disk, iso, seeds.macs("workstation"), volumes=[(home, volumes.HOME)]
    ) as guest:
        report.check(f"{name}: logs in", guest.wait(r"user@host:~\$") is not None, guest.text()[-300:])
        guest.ask("echo @@''here", r"^@@here\nuser@host:~\$")
        guest.type(f"echo @@''kept $({command}) @@")
        found = guest.wait(r"^@@kept (.*) @@$", 40)
        report.equal(
            f"{name}: its files are there, and the home is full",
            found and found[1],
            "user:5 user:5 mine ours 0",
        )
        halted(report, name, guest, home, 64)


def run(report, image, seeds, work, parallel):
    jobs = [
        lambda part=part: part(report, image, seeds, work)
        for part in (workstation, gateway, ways.tunnel, ways.obfs4)
    ]

    def boot(name, disk, seed, reason, attached=None):
        if attached is None:
            attached = volumes.for_seed(work, slug(name), seed)
        iso = None if seed is None else write_seed(work / f"{slug(name)}.iso", seed)

        def job():
            with Guest(work, slug(name), disk, iso, seeds.macs("gateway"), volumes=attached) as guest:
                shut(report, name, guest, reason)

        return job

    jobs += [boot(*fault) for fault in fail_closed(image, seeds)]
    with ThreadPoolExecutor(parallel) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
