"""Tells the test what a guest looks like once it has settled: test-only, put into a seed or onto a copy of
the disk."""

import json

END = '    echo "@@end"\n'

SCRIPT = """#!/bin/sh
# Long enough for what would bring a NIC up late.
sleep 3
{
    echo
    for nic in /sys/class/net/*; do echo "@@nic ${nic##*/} $(cat "$nic/flags")"; done
    for pid in /proc/[0-9]*; do [ -e "$pid/exe" ] && echo "@@process $(cat "$pid/comm")"; done
    for kind in tcp udp raw packet; do
        ss --no-header --listening --numeric --$kind | while read -r line; do echo "@@socket $kind $line"; done
    done
    systemctl list-units --state=active,failed --plain --no-legend | while read -r unit load active rest; do echo "@@unit $active $unit"; done
    echo "@@ipv6 $([ -e /proc/net/if_inet6 ] && echo there || echo none)"
    echo "@@hostname $(cat /proc/sys/kernel/hostname)"
    echo "@@tables $(nft list tables | tr '\\n' ';')"
    systemctl show --property=Result --value cloud-init-local.service | sed 's/^/@@seed /'
    tail -n 4 /var/log/cloud-init.log | sed 's/^/@@seed /'
    echo "@@tainted $(cat /proc/sys/kernel/tainted)"
    echo "@@end"
} > /dev/ttyS0 2>&1
"""


SYSCTLS = """
    # Paths with stars, which the shell fills in.
    grep -H . $(sed -n 's/ *=.*//p' /etc/sysctl.d/90-sallyport.conf | tr . / | sed 's|^|/proc/sys/|') 2> /dev/null | sed 's|^/proc/sys/\\([^:]*\\):|@@sysctl \\1 |'
"""
"""What the kernel holds for each setting of the seed, on every interface that there is by now."""


def in_seed(more=""):
    """For the end of a user-data: cloud-init runs it last of all. more: further lines of the script,
    before its end."""
    command = json.dumps(["sh", "-c", SCRIPT.replace(END, more + SYSCTLS + END)])
    return f"runcmd:\n  - {command}\n"


UNIT = """[Unit]
Description=Test only: tell what this guest looks like
DefaultDependencies=no
After=multi-user.target sallyport-role.service sallyport-failure.service systemd-networkd.service
[Service]
Type=oneshot
ExecStart=/bin/sh /etc/test-probe
"""


PATIENT = """[Service]
TimeoutStartSec=infinity
"""
"""For every service (systemd.unit(5), "service.d"): on a busy machine an emulated cloud-init may take
longer than its unit allows, and the guest would then fail for that reason instead of the planted one."""


def on_disk(image):
    """A disk with the probe as a unit of its own: it runs whatever becomes of seed, lockdown and role."""
    script, unit, patient = (image.work / name for name in ("probe.sh", "probe.service", "patient.conf"))
    script.write_text(SCRIPT)
    unit.write_text(UNIT)
    patient.write_text(PATIENT)
    return image.changed(
        "probe",
        f"write {script} /etc/test-probe",
        f"write {unit} /etc/systemd/system/test-probe.service",
        "mkdir /etc/systemd/system/service.d",
        f"write {patient} /etc/systemd/system/service.d/patient.conf",
        "symlink /etc/systemd/system/multi-user.target.wants/test-probe.service /etc/systemd/system/test-probe.service",
    )
