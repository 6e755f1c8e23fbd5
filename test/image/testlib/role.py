"""apply-role without a boot: the image's own tree, its own nft, a network namespace. What it refuses, and
in what state."""

import re
import shutil
import subprocess

from .faults import ROLE_FAULTS

# Everything that is mounted or loaded here ends with the namespaces. ttyS0 is a file: what the host would be
# told. The image's nft lists what it loaded: an older one ends with a segmentation fault over it.
STAGE = """
set -eu
cd "$1"
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
mknod -m 666 dev/null c 1 3
: > dev/ttyS0
mkdir run/sallyport
nft -f usr/lib/sallyport/lockdown.nft
if [ -e usr/sbin/nft ]; then nft='chroot . nft'; else nft=nft; fi
if chroot . /usr/lib/sallyport/apply-role 2> run/stderr; then echo "@exit 0"; else echo "@exit $?"; chroot . /usr/lib/sallyport/report-failure; fi
ls run/sallyport | sed 's/^/@flag /'
sed 's/^@sallyport/@said &/' dev/ttyS0
$nft list tables | sed 's/^/@table /'
$nft list chains | grep -o 'hook [a-z]* .*' | sed 's/^/@chain /'
"""

NETWORKD = """[Match]
MACAddress={mac}
[Network]
DHCP=no
Address={address}/{prefix}
"""


def stage(tree, seeds, role, files):
    """Puts a seed's files into the tree as cloud-init would, and runs apply-role. The words after each @
    by their kind."""
    for folder in ("etc/sallyport", "etc/systemd/network"):
        shutil.rmtree(tree / folder, ignore_errors=True)
    for name in seeds.files(role):
        (tree / name.lstrip("/")).unlink(missing_ok=True)
    for nic in seeds.plan[role]:
        files = {
            f"/etc/systemd/network/10-cloud-init-{nic['interface']}.network": NETWORKD.format(**nic),
            **files,
        }
    for name, content in files.items():
        if content is None:
            continue
        if name.startswith("/etc/sysctl.d/"):
            # The others are this machine's own, whatever the namespace.
            content = "".join(line for line in content.splitlines(True) if line.startswith("net."))
        path = tree / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", STAGE, "stage", tree],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found = {}
    for word, rest in re.findall(r"^@(\w+) (.*)$", done.stdout, re.M):
        found.setdefault(word, []).append(rest)
    if done.returncode != 0 or "exit" not in found:
        raise RuntimeError(f"apply-role was not staged: {done.stderr}")
    return found


LOCKED = {"table inet sallyport_lockdown", "table arp sallyport_lockdown"}


def drops_everywhere(chains):
    """Whether input, forward and output have a base chain that drops by default."""
    return all(
        any(f"hook {hook} " in chain and "policy drop" in chain for chain in chains)
        for hook in ("input", "forward", "output")
    )


def refused(report, name, found, reason):
    report.check(f"apply-role, {name}: refuses", found["exit"] != ["0"], str(found))
    report.check(
        f"apply-role, {name}: says why on the console",
        any(re.search(reason, line) and '"phase":"failed"' in line for line in found.get("said", [])),
        str(found.get("said")),
    )
    report.check(
        f"apply-role, {name}: no role is flagged",
        not any(flag.startswith("role-") for flag in found.get("flag", [])),
        str(found.get("flag")),
    )
    report.check(
        f"apply-role, {name}: the lockdown is all that is loaded",
        set(found.get("table", [])) == LOCKED and drops_everywhere(found["chain"]),
        str(found.get("table")),
    )


def run(report, image, seeds):
    tree = image.tree()
    for role in ("gateway", "workstation"):
        found = stage(tree, seeds, role, seeds.files(role))
        report.equal(
            f"apply-role: the program's {role} is accepted",
            (found["exit"], found.get("flag")),
            (["0"], [f"role-{role}"]),
        )
        report.check(
            f"apply-role: the {role}'s own table replaces the lockdown",
            "table inet sallyport" in found["table"]
            and not LOCKED & set(found["table"])
            and drops_everywhere(found["chain"]),
            str(found),
        )
        # The console is a file here, and each line replaces the one before.
        said = [
            '"phase":"role"' in line and '"detail":"ruleset loaded"' in line for line in found.get("said", [])
        ]
        report.equal(
            f"apply-role: a {role} {'says' if role == 'gateway' else 'does not say'} that its ruleset is loaded",
            said,
            [True] if role == "gateway" else [],
        )
    for name, change, reason in ROLE_FAULTS:
        refused(report, name, stage(tree, seeds, "gateway", change(seeds.files("gateway"))), reason)
    for name, path, reason in (
        ("nft missing", "usr/sbin/nft", "nft program is missing"),
        ("tor's user missing", "etc/passwd", "user debian-tor is missing"),
    ):
        whole = (tree / path).read_bytes()
        mode = (tree / path).stat().st_mode
        try:
            (tree / path).unlink()
            if path == "etc/passwd":
                (tree / path).write_bytes(
                    b"".join(line for line in whole.splitlines(True) if not line.startswith(b"debian-tor:"))
                )
            refused(report, name, stage(tree, seeds, "gateway", seeds.files("gateway")), reason)
        finally:
            (tree / path).write_bytes(whole)
            (tree / path).chmod(mode)
