"""The packages in the image: those of the manifest, those of the recipe with what they need, and none that
talks by itself."""

import re
from fnmatch import fnmatch

from .image import text

FORBIDDEN = [
    # Clocks and name services
    "chrony",
    "htpdate",
    "ntp",
    "ntpsec*",
    "openntpd",
    "systemd-timesyncd",
    "avahi-*",
    "libnss-mdns",
    "dnsmasq*",
    "resolvconf",
    "systemd-resolved",
    "unbound*",
    # What configures a network by itself
    "connman",
    "ifupdown*",
    "network-manager*",
    "netplan*",
    "dhcpcd",
    "dhcpcd5",
    # Updates, reports, shops
    "apport",
    "apt-listchanges",
    "apticron",
    "cron-apt",
    "flatpak",
    "landscape*",
    "packagekit*",
    "popularity-contest",
    "reportbug",
    "snapd",
    "ubuntu-advantage*",
    "ubuntu-pro*",
    "unattended-upgrades",
    "update-notifier*",
    "whoopsie",
    # Other masters of the firewall
    "docker*",
    "containerd*",
    "fail2ban",
    "firewalld",
    "iptables-persistent",
    "netfilter-persistent",
    "podman*",
    "ufw",
    # Ways in, agents of a hypervisor, privileges
    "openssh-server",
    "dropbear*",
    "telnetd*",
    "open-vm-tools*",
    "qemu-guest-agent",
    "spice-vdagent",
    "sudo",
    "policykit-1",
    "polkitd",
    # Servers and schedulers
    "anacron",
    "at",
    "cron",
    "cups*",
    "exim4*",
    "nfs-*",
    "postfix",
    "rpcbind",
    "rsyslog",
    "sendmail*",
]


def installed(tree):
    """Packages that dpkg has recorded as installed, by name: its fields."""
    found = {}
    for paragraph in text(tree / "var/lib/dpkg/status").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.M))
        if fields.get("Status", "").endswith(" installed"):
            found[fields["Package"]] = fields
    return found


def names(field):
    """Package names of a relation field (deb-control(5)); alternatives count as if all were meant."""
    return [re.sub(r"[\s(:\[].*", "", part.strip()) for part in re.split(r"[,|]", field) if part.strip()]


def needed(packages, wanted):
    """Those of the packages that these ones, the essential ones and apt depend on, themselves included."""
    providers = {}
    for name, fields in packages.items():
        for provided in [name, *names(fields.get("Provides", ""))]:
            providers.setdefault(provided, set()).add(name)
    reached, queue = set(), [
        *wanted,
        "apt",
        *(name for name, fields in packages.items() if fields.get("Essential") == "yes"),
    ]
    while queue:
        for name in providers.get(queue.pop(), set()) - reached:
            reached.add(name)
            queue += names(packages[name].get("Depends", "")) + names(packages[name].get("Pre-Depends", ""))
    return reached


def check(report, tree, manifest, wanted):
    """manifest: name to version; wanted: the recipe's packages."""
    packages = installed(tree)
    report.equal(
        "packages: dpkg's record and the manifest agree",
        {name: fields["Version"] for name, fields in packages.items()},
        manifest,
    )
    report.equal("packages: every package of the recipe is there", sorted(set(wanted) - set(packages)), [])
    report.equal(
        "packages: nothing but the recipe's and what they depend on",
        sorted(set(packages) - needed(packages, wanted)),
        [],
    )
    report.equal(
        "packages: none that talks, updates, schedules or sets firewalls by itself",
        sorted(name for name in packages if any(fnmatch(name, p) for p in FORBIDDEN)),
        [],
    )
