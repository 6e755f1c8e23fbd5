"""Boots: good seeds reach their goal and are heard; whatever is wrong leaves every NIC down and says why."""
import re
from concurrent.futures import ThreadPoolExecutor

from .seed import MACS, files_of, seed
from .vm import Guest

IFF_UP = 1
GATEWAY_PROCESSES = {"systemd", "systemd-journal", "systemd-udevd", "systemd-network", "tor", "python3", "sh", "cat", "(udev-worker)"}

RULESET_HEAD = "flush ruleset\n"


def fails(files, *, network="good"):
    return {"files": files, "network": network}


def broken_seeds():
    """Name, what the seed holds, and what the status line must say."""
    good = files_of("gateway")

    def without(path):
        return {name: content for name, content in good.items() if name != path}

    def instead(path, content):
        return {**good, path: content}

    ruleset = good["/etc/sallyport/ruleset.nft"]
    rules, sysctl = "/etc/sallyport/ruleset.nft", "/etc/sysctl.d/90-sallyport.conf"
    return [
        ("ruleset-corrupt", fails(instead(rules, ruleset.replace("policy drop", "policy dorp", 1))), r"ruleset refused: .*dorp|ruleset refused"),
        ("ruleset-cut-off", fails(instead(rules, ruleset[: len(ruleset) // 2])), r"ruleset refused"),
        ("ruleset-open", fails(instead(rules, ruleset.replace("hook output priority filter; policy drop", "hook output priority filter; policy accept"))), r"does not drop by default on hook output"),
        ("ruleset-no-flush", fails(instead(rules, ruleset.replace(RULESET_HEAD, ""))), r"does not begin with flush ruleset"),
        ("role-missing", fails(without("/etc/sallyport/role")), r"no /etc/sallyport/role"),
        ("role-unknown", fails(instead("/etc/sallyport/role", "gateway or so\n")), r"neither gateway nor workstation"),
        ("sysctl-unknown", fails(instead(sysctl, "net.ipv4.ip_forwrad = 0\n")), r"sysctl: .*ip_forwrad"),
        ("network-config-missing", fails(good, network=None), r"network-config"),
        ("network-config-dhcp", fails(good, network="version: 2\nethernets:\n  ext0:\n    match: {macaddress: \"52:54:00:0e:00:01\"}\n    set-name: ext0\n    dhcp4: true\n"), r"only static addresses"),
    ]


def shut(report, name, guest, reason):
    """What holds for every boot that must fail."""
    failed = guest.wait(r'^@sallyport \{.*"phase":"failed".*\}$')
    detail = guest.statuses()[-1]["detail"] if guest.statuses() else guest.text()[-300:]
    report.check(f"{name}: the status line says why", failed is not None and re.search(reason, detail), f"found: {detail}")
    if guest.wait(r"^@@end$") is not None:
        up = [nic for nic in guest.probe()["nic"] if not nic.startswith("lo ") and int(nic.split()[1], 16) & IFF_UP]
        report.check(f"{name}: no NIC is up", len(guest.probe()["nic"]) == 1 + len(guest.captures) and not up, f"NICs: {guest.probe()['nic']}")
    else:
        report.check(f"{name}: no NIC is up", False, f"the probe did not finish: {guest.text()[-300:]}")
    report.equal(f"{name}: no frame was sent", len(guest.frames()), 0)
    report.check(f"{name}: nothing but failed lines follows", {s["ready"] for s in guest.statuses()} == {False}
                 and guest.statuses()[-1]["phase"] == "failed", str(guest.statuses()))


def good_gateway(report, image, work):
    iso = seed(work / "gateway.iso", "gateway", files_of("gateway"))
    with Guest(work, "gateway", image.overlay("gateway"), iso, MACS["gateway"]) as guest:
        reached = guest.wait(r'"phase":"bootstrap","bootstrap":[0-9]+')
        report.check("gateway: tor starts and its bootstrap is reported", reached is not None, guest.text()[-300:])
        report.check("gateway: the probe ran", guest.wait(r"^@@end$") is not None, guest.text()[-300:])
        phases = [s["phase"] for s in guest.statuses()]
        report.check("gateway: phases come in order", phases == sorted(phases, key=["role", "tor-start", "bootstrap"].index), str(phases))
        report.check("gateway: never ready without a Tor network", not any(s["ready"] for s in guest.statuses()))
        report.check("gateway: every line is short", all(len(l) < 299 for l in guest.text().split("\n") if l.startswith("@sallyport")))
        gateway_probe(report, guest.probe())
        guest.linger(3)
        report.check("gateway: frames are seen on the external NIC (positive control of every silence)", len(guest.frames()) > 0)
        report.check("gateway: no login on its console", "login:" not in guest.text())
    # The power was cut. The overlay lives on, and the role is applied again from what is on it.
    with Guest(work, "gateway-again", work / "gateway.qcow2", iso, MACS["gateway"]) as guest:
        report.check("gateway: comes back after a power cut", guest.wait(r'"phase":"bootstrap","bootstrap":[0-9]+') is not None, guest.text()[-300:])


def gateway_probe(report, probe):
    up = sorted(nic.split()[0] for nic in probe.get("nic", []) if int(nic.split()[1], 16) & IFF_UP)
    report.equal("gateway: NICs have the seed's names and are up", up, ["ext0", "int0", "lo"])
    report.equal("gateway: no IPv6 in the kernel", probe.get("ipv6"), ["none"])
    report.equal("gateway: host name", probe.get("hostname"), ["host"])
    report.equal("gateway: the role's table alone is loaded", probe.get("tables"), ["table inet sallyport;"])
    report.equal("gateway: the kernel is not tainted", probe.get("tainted"), ["0"])
    report.equal("gateway: no unit has failed", probe.get("failed", []), [])
    report.equal("gateway: no timer is armed", probe.get("timer", []), [])
    report.check("gateway: no process talks by itself", set(probe.get("process", [])) <= GATEWAY_PROCESSES, str(set(probe.get("process", [])) - GATEWAY_PROCESSES))
    listeners = {line.split()[4] for line in probe.get("socket", [])}
    report.equal("gateway: tor's listeners alone are open", listeners, {"10.152.152.10:9050", "10.152.152.10:5400"})


COMMANDS = (
    'echo "@@id $(id)"; echo "@@zone $(date +%Z)"; echo "@@lang $LANG $(locale charmap)"; echo "@@hostname $(hostname)"; '
    'echo "@@machine $(wc -c < /etc/machine-id)"; echo "@@nic $(cat /sys/class/net/eth0/flags)"; '
    'echo "@@sudo $(command -v sudo)"; echo "@@programs $(for p in curl git gpg irssi ssh torsocks; do command -v $p > /dev/null || echo -n $p; done)"; '
    'echo "@@sockets $(ss --no-header --listening --tcp --udp --numeric)"; (curl --max-time 5 http://10.152.152.10/ > /dev/null 2>&1); echo "@@""done"'
)


def good_workstation(report, image, work):
    files = files_of("workstation")
    iso = seed(work / "workstation.iso", "workstation", files, probe=False)
    with Guest(work, "workstation", image.overlay("workstation"), iso, MACS["workstation"], machine="pc") as guest:
        report.check("workstation: logs its user in on the console", guest.wait(r"user@host:~\$") is not None, guest.text()[-300:])
        report.equal("workstation: no frame before somebody does something", len(guest.frames()), 0)
        guest.type(COMMANDS)
        report.check("workstation: the console takes commands", guest.wait(r"^@@done$") is not None, guest.text()[-500:])
        probe = guest.probe()
        report.equal("workstation: user", probe.get("id"), ["uid=1000(user) gid=1000(user) groups=1000(user)"])
        report.equal("workstation: time zone", probe.get("zone"), ["UTC"])
        report.equal("workstation: locale", probe.get("lang"), ["en_US.UTF-8 UTF-8"])
        report.equal("workstation: host name", probe.get("hostname"), ["host"])
        report.equal("workstation: its own machine-id", probe.get("machine"), ["33"])
        report.check("workstation: eth0 is up", int(probe.get("nic", ["0"])[0], 16) & IFF_UP)
        report.equal("workstation: no sudo", probe.get("sudo"), [""])
        report.equal("workstation: every application is there", probe.get("programs"), [""])
        report.equal("workstation: nothing listens", probe.get("sockets"), [""])
        report.check("workstation: frames are seen when it speaks (positive control)", len(guest.frames()) > 0)
        report.check("workstation: no status line", not guest.statuses(), str(guest.statuses()))


def run(report, image, work, parallel):
    jobs = [lambda: good_gateway(report, image, work), lambda: good_workstation(report, image, work)]

    def boot(name, disk, iso, reason):
        def job():
            with Guest(work, name, disk, iso, MACS["gateway"]) as guest:
                shut(report, name, guest, reason)
        return job

    for name, content, reason in broken_seeds():
        jobs.append(boot(name, image.overlay(name), seed(work / f"{name}.iso", "gateway", **content), reason))
    good = seed(work / "good.iso", "gateway", files_of("gateway"))
    jobs.append(boot("nft-missing", image.changed("nft-missing", "rm /usr/sbin/nft"), good, r"nft program is missing"))
    jobs.append(boot("tor-user-missing", image.without_line("tor-user-missing", "/etc/passwd", "debian-tor:"), good, r"user debian-tor is missing"))
    with ThreadPoolExecutor(parallel) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
