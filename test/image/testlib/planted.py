"""Negative test of the contents: with one thing planted in the unpacked tree, the check that is there for it
turns red."""

import os
import re
import shutil
from contextlib import contextmanager
from functools import partial

from . import contents, owned
from .report import Report


class Silent(Report):
    """Keeps the names of failed checks and prints nothing."""

    def __init__(self):
        super().__init__()
        self.red = []

    def check(self, name, holds, detail=""):
        if not holds:
            self.red.append(name)


@contextmanager
def kept(path, aside):
    """Whatever happens to this file meanwhile is undone. aside: where it is meanwhile, outside of the tree"""
    there = path.is_symlink() or path.exists()
    folders = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    if there:
        path.rename(aside)
        shutil.copy2(aside, path, follow_symlinks=False)
        os.chown(path, aside.lstat().st_uid, aside.lstat().st_gid, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(aside.stat().st_mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if there:
            aside.rename(path)
        for folder in folders:
            folder.rmdir()


def write(content, path):
    path.write_text(content)


def package(name, path):
    path.write_text(
        path.read_text().rstrip("\n") + f"\n\nPackage: {name}\nStatus: install ok installed\nVersion: 1\n\n"
    )


def remove(path):
    path.unlink()


def raised(mode, path):
    path.chmod(path.stat().st_mode | mode)


def emptied_password(path):
    path.write_text(re.sub(r"^root:[^:]*:", "root::", path.read_text(), flags=re.M))


def linked(to, path):
    path.unlink(missing_ok=True)
    path.symlink_to(to)


def longer(text, path):
    path.write_bytes(path.read_bytes() + text.encode())


UNKNOWN = "files: none that neither a package nor the recipe brings"
CHANGED = "files: those of packages are as their packages have them"

PLANTED = [
    (
        "an SSH host key",
        "etc/ssh/ssh_host_ed25519_key",
        partial(write, "key"),
        contents.nobody_can_log_in,
        "ssh: no host key",
    ),
    (
        "an authorized key",
        "root/authorized_keys",
        partial(write, "key"),
        contents.nobody_can_log_in,
        "ssh: no authorized key",
    ),
    (
        "a machine-id",
        "etc/machine-id",
        partial(write, "0" * 32 + "\n"),
        contents.nothing_identifies,
        "machine-id: there and empty",
    ),
    (
        "a random seed",
        "var/lib/systemd/random-seed",
        partial(write, "0" * 512),
        contents.nothing_identifies,
        "things that must not be there",
    ),
    (
        "an account without a password",
        "etc/shadow",
        emptied_password,
        contents.nobody_can_log_in,
        "shadow: every account is locked",
    ),
    (
        "a log",
        "var/log/dpkg.log",
        partial(write, "built on a Tuesday"),
        contents.nothing_identifies,
        "logs are empty",
    ),
    (
        "a setuid program",
        "usr/bin/mount",
        partial(raised, 0o4000),
        contents.nobody_can_log_in,
        "no setuid or setgid program",
    ),
    (
        "tor for everybody",
        "usr/bin/tor",
        partial(raised, 0o005),
        contents.tor_is_its_own_users,
        "tor: /usr/bin/tor is for its own user alone",
    ),
    (
        "a unit that is not masked",
        "etc/systemd/system/apt-daily.timer",
        remove,
        contents.units,
        "units: apt-daily.timer is masked",
    ),
    (
        "a unit that was not planned",
        "etc/systemd/system/multi-user.target.wants/nftables.service",
        partial(linked, "/lib/systemd/system/nftables.service"),
        contents.units,
        "units: nothing else is enabled",
    ),
    (
        "a network that does not wait",
        "etc/systemd/system/systemd-networkd.service.d/sallyport.conf",
        partial(write, "[Unit]\nAfter=sallyport-role.service\n"),
        contents.units,
        "units: systemd-networkd.service.d requires the role and waits for it",
    ),
    (
        "a tor that does not wait",
        "etc/systemd/system/tor@default.service.d/sallyport.conf",
        partial(write, "[Unit]\nRequires=sallyport-role.service\n"),
        contents.units,
        "units: tor@default.service.d requires the role and waits for it",
    ),
    (
        "a role that does not wait for its disks",
        "etc/systemd/system/sallyport-role.service",
        partial(write, "[Unit]\nRequires=sallyport-lockdown.service\nAfter=sallyport-data.service\n"),
        contents.units,
        "units: the role requires the disks and waits for them",
    ),
    (
        "a Ctrl-Alt-Del that reboots",
        "etc/systemd/system/ctrl-alt-del.target",
        partial(linked, "/lib/systemd/system/reboot.target"),
        contents.units,
        "units: Ctrl-Alt-Del powers off",
    ),
    (
        "a burst of Ctrl-Alt-Del that does more",
        "etc/systemd/system.conf.d/sallyport.conf",
        partial(write, "[Manager]\n"),
        contents.units,
        "units: and seven of them in two seconds do no more",
    ),
    (
        "a package that nothing needs",
        "var/lib/dpkg/status",
        partial(package, "harbour"),
        contents.the_packages,
        "packages: nothing but the recipe's and what they depend on",
    ),
    (
        "a package that talks by itself",
        "var/lib/dpkg/status",
        partial(package, "popularity-contest"),
        contents.the_packages,
        "packages: none that talks, updates, schedules or sets firewalls by itself",
    ),
    (
        "another version",
        "var/lib/dpkg/status",
        partial(package, "tor"),
        contents.the_packages,
        "packages: dpkg's record and the manifest agree",
    ),
    (
        "a changed unit",
        "etc/systemd/system/sallyport-role.service",
        partial(write, "[Unit]\n"),
        contents.own_files,
        "file: /etc/systemd/system/sallyport-role.service",
    ),
    (
        "a drop-in that was not planned",
        "etc/systemd/system/sallyport-role.service.d/x.conf",
        partial(write, "[Service]\nExecStart=\n"),
        owned.check,
        UNKNOWN,
    ),
    (
        "a file that every login reads",
        "etc/profile.d/x.sh",
        partial(write, "curl http://192.0.2.1/\n"),
        owned.check,
        UNKNOWN,
    ),
    ("a program of one's own", "usr/local/bin/curl", partial(write, "#!/bin/sh\n"), owned.check, UNKNOWN),
    ("a library before all others", "etc/ld.so.preload", partial(write, "/tmp/x.so\n"), owned.check, UNKNOWN),
    (
        "a file of the base system with a line more",
        "etc/profile",
        partial(longer, "curl http://192.0.2.1/\n"),
        owned.check,
        UNKNOWN,
    ),
    (
        "a wrapper around something else",
        "usr/lib/sallyport/unwrapped/wget",
        partial(write, "#!/bin/sh\n"),
        owned.check,
        UNKNOWN,
    ),
    (
        "a mask that is none",
        "etc/systemd/system/apt-daily.timer",
        partial(linked, "/lib/systemd/system/fstrim.timer"),
        owned.check,
        UNKNOWN,
    ),
    (
        "compiled Python without its source",
        "usr/lib/python3/dist-packages/__pycache__/planted.cpython-311.pyc",
        partial(write, "code"),
        owned.check,
        UNKNOWN,
    ),
    ("another tor", "usr/bin/tor", partial(longer, "x"), owned.check, CHANGED),
    ("a program that leads elsewhere", "usr/bin/curl", partial(linked, "/tmp/curl"), owned.check, CHANGED),
    (
        "a package's settings, changed",
        "etc/wgetrc",
        partial(longer, "check_certificate = off\n"),
        owned.check,
        CHANGED,
    ),
    (
        "a certificate authority of one's own",
        "etc/ssl/certs/ca-certificates.crt",
        partial(longer, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        owned.check,
        "certificates: none is believed but the package's",
    ),
    (
        "a kernel module",
        "lib/modules/planted.ko",
        partial(write, "module"),
        contents.kernel,
        "kernel: no module but the listed ones",
    ),
]
"""What, where in the tree, how, the part of the contents that looks there, and the check that has to see
it."""


def run(report, image):
    tree = image.tree()
    befores = {}
    for name, where, plant, part, check in PLANTED:
        path = (
            next((tree / "lib/modules").iterdir()) / "kernel" / "planted.ko"
            if where.endswith(".ko")
            else tree / where
        )
        look = partial(part, tree=tree, **({"image": image} if part is contents.the_packages else {}))
        after = Silent()
        if part not in befores:
            look(befores.setdefault(part, Silent()))
        before = befores[part]
        with kept(path, tree.parent / "aside"):
            plant(path)
            look(after)
        report.check(
            f"negative test: {name} is seen, and was not before",
            check in after.red and check not in before.red,
            f"{before.red} {after.red}",
        )
