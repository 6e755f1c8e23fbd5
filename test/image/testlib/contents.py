"""What the image holds, read from the disk itself."""

import re
import stat
import subprocess
from pathlib import Path

from . import owned, packages
from .image import text

RECIPE = Path(__file__).resolve().parents[3] / "image"

FORBIDDEN = [
    "usr/sbin/sshd",
    "usr/sbin/dhclient",
    "usr/sbin/dhcpcd",
    "sbin/dhcpcd",
    "usr/bin/sudo",
    "usr/sbin/chronyd",
    "usr/sbin/ntpd",
    "usr/bin/qemu-ga",
    "usr/lib/systemd/systemd-resolved",
    "usr/lib/systemd/systemd-timesyncd",
    "usr/bin/snap",
    "usr/bin/dbus-daemon",
    "etc/apt/sources.list",
    "var/lib/systemd/random-seed",
    "var/lib/cloud",
    "etc/network/interfaces",
]


def entries(name):
    """Entries of a list file of the recipe, without comments."""
    return owned.lines(RECIPE / name)


def manifest(report, image):
    report.equal("manifest: sha256", image.sha256(), image.manifest["sha256"])
    report.equal("manifest: size", image.path.stat().st_size, image.manifest["sizeBytes"])
    info = subprocess.run(["qemu-img", "info", image.path], capture_output=True, text=True, check=True).stdout
    report.check("manifest: virtual size", f"({image.manifest['virtualSizeBytes']} bytes)" in info, info)
    report.check("image: stands alone", "backing file" not in info, info)


def the_packages(report, tree, image):
    packages.check(
        report,
        tree,
        {package["name"]: package["version"] for package in image.manifest["packages"]},
        entries("packages"),
    )


def nobody_can_log_in(report, tree):
    shadow = [line.split(":") for line in text(tree / "etc/shadow").splitlines()]
    report.check(
        "shadow: is there", {"root", "user", "debian-tor"} <= {fields[0] for fields in shadow}, str(shadow)
    )
    open_accounts = [fields[0] for fields in shadow if not re.fullmatch(r"[!*]+", fields[1])]
    report.equal("shadow: every account is locked", open_accounts, [])
    report.equal("ssh: no host key", sorted(p.name for p in (tree / "etc/ssh").glob("ssh_host_*")), [])
    report.equal("ssh: no authorized key", sorted(str(p) for p in tree.rglob("authorized_keys")), [])
    raised = [
        str(p.relative_to(tree))
        for p in tree.rglob("*")
        if p.is_file() and not p.is_symlink() and p.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)
    ]
    report.equal("no setuid or setgid program", raised, [])


def nothing_identifies(report, tree):
    machine_id = tree / "etc/machine-id"
    report.check("machine-id: there and empty", machine_id.is_file() and machine_id.stat().st_size == 0)
    report.equal("things that must not be there", [path for path in FORBIDDEN if (tree / path).exists()], [])
    report.equal("apt has no source", [str(p) for p in (tree / "etc/apt/sources.list.d").glob("*")], [])
    report.equal("resolver", text(tree / "etc/resolv.conf"), "nameserver 127.0.0.1\n")
    report.equal("host name", text(tree / "etc/hostname"), "host\n")
    report.equal("logs are empty", [p.name for p in (tree / "var/log").rglob("*") if p.is_file()], [])


def tor_is_its_own_users(report, tree):
    """No tor inside tor: on a Workstation nobody is this user."""
    group = next(
        (
            int(line.split(":")[2])
            for line in text(tree / "etc/group").splitlines()
            if line.startswith("debian-tor:")
        ),
        None,
    )
    for program in ("usr/bin/tor", "usr/bin/obfs4proxy"):
        found = (tree / program).stat()
        report.equal(
            f"tor: /{program} is for its own user alone",
            (found.st_uid, found.st_gid, oct(found.st_mode & 0o7777)),
            (0, group, "0o750"),
        )
    members = [
        line
        for line in text(tree / "etc/group").splitlines()
        if line.startswith("debian-tor:") and not line.endswith(":")
    ]
    report.equal("tor: nobody is in its user's group", members, [])


def units(report, tree):
    system = tree / "etc/systemd/system"
    wants = {link.name: link for link in system.glob("*.wants/*")}
    for verb, name in (entry.split() for entry in entries("units")):
        if verb == "mask":
            report.equal(f"units: {name} is masked", target(system / name), "/dev/null")
        elif verb == "mask-generator":
            report.equal(
                f"units: {name} is masked", target(tree / "etc/systemd/system-generators" / name), "/dev/null"
            )
        else:
            report.check(f"units: {name} is enabled", name in wants)
    planned = {entry.split()[1] for entry in entries("units") if entry.split()[0] in ("enable", "want")}
    report.equal("units: nothing else is enabled", sorted(set(wants) - planned), [])
    for unit in ("systemd-networkd.service.d", "tor@default.service.d"):
        drop_in = text(system / unit / "sallyport.conf")
        report.check(
            f"units: {unit} requires the role and waits for it",
            re.search(r"^Requires=sallyport-role\.service$", drop_in, re.M)
            and re.search(r"^After=.*\bsallyport-role\.service\b", drop_in, re.M),
            drop_in,
        )
    role = text(system / "sallyport-role.service")
    report.check(
        "units: the role requires the disks and waits for them",
        all(
            re.search(rf"^{word}=.*\bsallyport-data\.service\b", role, re.M) for word in ("Requires", "After")
        ),
        role,
    )
    report.equal(
        "units: Ctrl-Alt-Del powers off",
        target(system / "ctrl-alt-del.target"),
        "/lib/systemd/system/poweroff.target",
    )
    report.check(
        "units: and seven of them in two seconds do no more",
        "\nCtrlAltDelBurstAction=none\n" in text(tree / "etc/systemd/system.conf.d/sallyport.conf"),
    )


def target(link):
    return str(link.readlink()) if link.is_symlink() else None


def own_files(report, tree):
    """Every file of the recipe's tree is in the image as it is in the recipe, owned by root."""
    for source in sorted((RECIPE / "rootfs").rglob("*")):
        if not source.is_file():
            continue
        path = tree / source.relative_to(RECIPE / "rootfs")
        same = path.is_file() and path.read_bytes() == source.read_bytes()
        owned = same and path.stat().st_uid == 0 and not path.stat().st_mode & 0o022
        runs = same and bool(path.stat().st_mode & 0o111) == bool(source.stat().st_mode & 0o100)
        report.check(
            f"file: /{path.relative_to(tree)}",
            same and owned and runs,
            f"same {same}, root's {owned}, mode {runs}",
        )


def kernel(report, tree):
    line = re.search(r"^linux .*", text(tree / "boot/grub/grub.cfg"), re.M)
    words = line.group().split() if line else []
    for word in ("ipv6.disable=1", "module.sig_enforce=1", '"ds=nocloud"', "net.ifnames=0"):
        report.check(f"kernel: {word}", word in words, str(words))
    weakened = [
        w for w in words if re.match(r"(mitigations=|nokaslr|nosmep|nosmap|nopti|init=|systemd\.debug)", w)
    ]
    report.equal("kernel: no protection is switched off", weakened, [])
    patterns = entries("keep/modules")
    modules = next((tree / "lib/modules").iterdir()) / "kernel"
    extra = [
        str(p.relative_to(modules))
        for p in modules.rglob("*.ko")
        if not any(p.relative_to(modules).match(q) for q in patterns)
    ]
    report.equal("kernel: no module but the listed ones", extra, [])


def run(report, image):
    manifest(report, image)
    tree = image.tree()
    the_packages(report, tree, image)
    for part in (
        nobody_can_log_in,
        nothing_identifies,
        tor_is_its_own_users,
        units,
        own_files,
        owned.check,
        kernel,
    ):
        part(report, tree)
