"""NoCloud seeds for the tests, made of the files in image/testdata."""
import base64
import subprocess
from pathlib import Path

TESTDATA = Path(__file__).resolve().parent.parent / "testdata"
MACS = {"gateway": ["52:54:00:0e:00:01", "52:54:00:98:98:0a"], "workstation": ["52:54:00:98:98:0b"]}

# Tells the test what the guest looks like once it has settled. It is part of the seed, not of the image.
PROBE = """#!/bin/sh
{
    echo
    for nic in /sys/class/net/*; do echo "@@nic ${nic##*/} $(cat "$nic/flags")"; done
    for pid in /proc/[0-9]*; do [ -s "$pid/cmdline" ] && echo "@@process $(cat "$pid/comm")"; done
    ss --no-header --listening --tcp --udp --raw --packet --numeric | while read -r line; do echo "@@socket $line"; done
    systemctl list-units --failed --plain --no-legend | while read -r unit rest; do echo "@@failed $unit"; done
    systemctl list-timers --all --plain --no-legend | while read -r line; do echo "@@timer $line"; done
    echo "@@ipv6 $([ -e /proc/net/if_inet6 ] && echo there || echo none)"
    echo "@@hostname $(cat /proc/sys/kernel/hostname)"
    echo "@@tables $(nft list tables | tr '\\n' ';')"
    echo "@@tainted $(cat /proc/sys/kernel/tainted)"
    echo "@@end"
} > /dev/ttyS0 2>&1
"""


def files_of(role):
    """What a good seed of this role writes: path to content."""
    data = TESTDATA / role
    files = {
        "/etc/sallyport/role": f"{role}\n",
        "/etc/sallyport/ruleset.nft": (data / "ruleset.nft").read_text(),
        "/etc/sysctl.d/90-sallyport.conf": (TESTDATA / "sysctl.conf").read_text(),
        "/run/probe": PROBE,
    }
    if role == "gateway":
        files["/etc/tor/torrc"] = (data / "torrc").read_text()
    return files


def seed(path, role, files, network="good", probe=True):
    """Writes a seed disk. network: "good", None (no network-config) or a text. probe: whether the probe runs."""
    folder = path.with_suffix(".d")
    folder.mkdir()
    user = "#cloud-config\nwrite_files:\n"
    for name, content in files.items():
        encoded = base64.b64encode(content.encode()).decode()
        user += f"  - {{path: {name}, permissions: '0644', encoding: b64, content: {encoded}}}\n"
    if probe:
        user += "runcmd:\n  - [sh, /run/probe]\n"
    (folder / "user-data").write_text(user)
    (folder / "meta-data").write_text(f"instance-id: {path.stem}\nlocal-hostname: host\n")
    if network == "good":
        network = (TESTDATA / role / "network-config").read_text()
    if network is not None:
        (folder / "network-config").write_text(network)
    subprocess.run(
        ["genisoimage", "-quiet", "-output", path, "-volid", "cidata", "-joliet", "-rock", *sorted(folder.iterdir())],
        check=True,
    )
    return path
