"""Data volumes: what prepare-disks takes, formats, and leaves alone. Without a boot; boots.py shows the rest."""

import base64
import contextlib
import io
import os
import re
import runpy
import shutil
import struct
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[3] / "image/rootfs/usr/lib/sallyport/prepare-disks"
MIB = 1 << 20
STATE, HOME = "sallyport-state", "sallyport-home"
TOR, HOMES = "/var/lib/tor", "/home"
EXPECTED = {
    "gateway": f"serial {STATE}\nmount {TOR}\n",
    "workstation": f"serial {HOME}\nmount {HOMES}\npath /srv/work\n",
}


def blank(path, mib):
    """A new blank volume."""
    with open(path, "xb") as file:
        file.truncate(mib * MIB)
    return path


def foreign(path, label, mib=64, blocks=None):
    """A volume with a file system of this label, and of so many blocks of 4 KiB where that is not its size."""
    blank(path, mib)
    size = [] if blocks is None else [str(blocks)]
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-L", label, path, *size], check=True)
    return path


def resized(path, mib):
    with open(path, "r+b") as file:
        file.truncate(mib * MIB)
    return path


def torn(path):
    """As after a power-cut: the superblock says that it is mounted."""
    subprocess.run(["debugfs", "-w", "-R", "ssv state 0", path], capture_output=True, check=True)


def serial_of(seed):
    """Serial of the data disk that a seed expects; None when it expects none."""
    text = seed["user-data"]
    encoded = re.search(r"path: /etc/sallyport/data\b.*content: ([A-Za-z0-9+/=]+)\}", text)
    found = re.findall(
        r"serial (sallyport-[a-z]+)", base64.b64decode(encoded[1]).decode() if encoded else text
    )
    return found[-1] if found else None


def for_seed(work, name, seed):
    """The blank volume that a seed expects, as Guest takes volumes."""
    serial = None if seed is None else serial_of(seed)
    return [] if serial is None else [(blank(work / f"{name}.volume", 64), serial)]


def inspect(path):
    """The file system of a volume that no guest has: label, whether it was unmounted, size."""
    head = path.read_bytes()[: 4 * MIB] if path.stat().st_size < 512 * MIB else open(path, "rb").read(4 * MIB)
    (incompatible,) = struct.unpack_from("<I", head, 1024 + 96)
    (state,) = struct.unpack_from("<H", head, 1024 + 58)
    (blocks,) = struct.unpack_from("<I", head, 1024 + 4)
    label = head[1024 + 120 : 1024 + 136].rstrip(b"\0").decode()
    # EXT4_VALID_FS alone, and no journal to replay (INCOMPAT_RECOVER)
    return label, state == 1 and not incompatible & 4, blocks * 4096 // MIB


def stat(path, name):
    """User, group, mode and whether it is there, of a file on a volume."""
    text = subprocess.run(
        ["debugfs", "-R", f"stat {name}", path], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"Mode:\s+(\d+).*?User:\s+(\d+)\s+Group:\s+(\d+)", text, re.S)
    return (int(found[2]), int(found[3]), int(found[1], 8)) if found else None


def sound(path):
    """Whether a full check finds nothing."""
    return subprocess.run(["e2fsck", "-fn", path], capture_output=True, check=False).returncode == 0


class Guestless:
    """prepare-disks over files in place of devices, up to where it would mount."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("run", "sys", "dev"):
            (folder / name).mkdir(parents=True)
        self.disk("vda", "", None)
        self.disk("vdb", "", None)
        (folder / "role").write_text("gateway\n")

    def disk(self, name, serial, path, ro=False):
        (self.folder / "sys" / name).mkdir()
        (self.folder / "sys" / name / "serial").write_text(serial)
        (self.folder / "sys" / name / "ro").write_text("1\n" if ro else "0\n")
        if path is not None:
            (self.folder / "dev" / name).symlink_to(path)

    def run(self, data):
        """Exit status and reason. data: what the seed expects, or None."""
        if data is not None:
            (self.folder / "data").write_text(data)
        program = runpy.run_path(str(PROGRAM))
        values = program["main"].__globals__
        mounted = []
        values.update(
            RUN=str(self.folder / "run"),
            ROLE_FILE=str(self.folder / "role"),
            DATA_FILE=str(self.folder / "data"),
            BLOCKS=str(self.folder / "sys"),
            DEV=str(self.folder / "dev"),
            grow_root=lambda: None,
            mount_volume=lambda want, device: (
                program["usable"](want.serial, device),
                mounted.append(device),
            ),
            MKE2FS=(shutil.which("mke2fs"), *program["MKE2FS"][1:]),
            E2FSCK=(shutil.which("e2fsck"), *program["E2FSCK"][1:]),
        )
        with contextlib.redirect_stderr(io.StringIO()):
            status = program["main"]()
        failure = self.folder / "run/failure"
        return status, failure.read_text() if failure.exists() else "", bool(mounted)


def overwritten(path, at, content):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(content)
    return path


def refusals(work):
    """Name, the disks that are attached (serial, path), what is expected, the reason."""
    good = EXPECTED["gateway"]
    ours = foreign(work / "ours", STATE)
    inodes = overwritten(foreign(work / "inodes", STATE), 1024 + 4 * 2, struct.pack("<I", 0xFFFFFF))
    no_magic = overwritten(foreign(work / "no-magic", STATE), 1024 + 56, b"\0\0")
    behind = overwritten(foreign(work / "behind", STATE, 256), 0, bytes(MIB))
    return [
        ("missing", [], good, r"no disk with this serial"),
        ("one where none is expected", [(STATE, ours)], None, r"the seed expects none"),
        ("another kind of volume", [(HOME, ours)], good, r"the disk that is attached is sallyport-home"),
        ("two", [(STATE, ours), (STATE, ours)], good, r"2 data disks"),
        ("two of different kinds", [(STATE, ours), (HOME, ours)], good, r"2 data disks"),
        ("another label", [(STATE, foreign(work / "label", "precious"))], good, r"the label precious"),
        ("no label", [(STATE, foreign(work / "none", ""))], good, r"the label \(none\)"),
        (
            "no file system",
            [(STATE, overwritten(blank(work / "text", 64), 99, b"x"))],
            good,
            r"holds no ext4",
        ),
        ("without its magic number", [(STATE, no_magic)], good, r"holds no ext4"),
        ("an overwritten beginning", [(STATE, behind)], good, r"a file system is behind it"),
        ("a broken superblock", [(STATE, inodes)], good, r"e2fsck -p ended with|has 64 MiB"),
        (
            "smaller than its file system",
            [(STATE, resized(foreign(work / "shrunk", STATE, 128), 64))],
            good,
            r"the volume has 64 MiB, its file system 128",
        ),
        ("too small", [(STATE, blank(work / "tiny", 8))], good, r"at least 16 MiB"),
        ("expectations empty", [(STATE, ours)], "", r"one serial and one mount"),
        ("expectations strange", [(STATE, ours)], good + "format yes\n", r"no serial, mount or path"),
        ("a path that climbs", [(STATE, ours)], good + "path /srv/../etc\n", r"no serial, mount or path"),
        ("a path in another", [(STATE, ours)], good + "path /var/lib/tor/x\n", r"one in another"),
        ("a serial of others", [(STATE, ours)], f"serial disk\nmount {TOR}\n", r"no serial, mount or path"),
    ]


def run(report, image):
    work = image.work / "volumes"
    work.mkdir()

    def guest(name, disks, ro=False):
        made = Guestless(work / f"guest-{re.sub(r'[^a-z]+', '-', name)}")
        for i, (serial, path) in enumerate(disks):
            made.disk(f"vd{'cdef'[i]}", serial, path, ro)
        return made

    for name, disks, data, reason in refusals(work):
        before = [path.read_bytes() for _, path in disks]
        status, said, mounted = guest(name, disks).run(data)
        report.check(
            f"volumes: {name}: the guest stays shut and says why",
            status == 1 and re.search(reason, said) and not mounted,
            said,
        )
        report.check(
            f"volumes: {name}: the reason is one short line",
            said.count("\n") == 1 and len(said) <= 180 and said.isascii(),
            said,
        )
        report.check(
            f"volumes: {name}: not a byte of it was written",
            "e2fsck" in said or before == [path.read_bytes() for _, path in disks],
        )
    status, said, _ = guest("read-only", [(STATE, work / "ours")], ro=True).run(EXPECTED["gateway"])
    report.check("volumes: read-only: the guest stays shut", status == 1 and "read-only" in said, said)

    new = blank(work / "new", 256)
    made = guest("new", [(STATE, new)])
    report.equal("volumes: a blank one is taken", made.run(EXPECTED["gateway"]), (0, "", True))
    report.equal("volumes: and formatted, with the serial as label", inspect(new), (STATE, True, 256))
    report.check("volumes: and sound", sound(new))
    report.check("volumes: and takes little room", new.stat().st_blocks * 512 < 2 * MIB)
    subprocess.run(["debugfs", "-w", "-R", "mkdir kept", new], capture_output=True, check=True)
    before = subprocess.run(["dumpe2fs", "-h", new], capture_output=True, text=True, check=True).stdout
    uuid = re.search(r"UUID: .*", before)[0]
    report.equal("volumes: a second time it is taken as it is", made.run(EXPECTED["gateway"])[0], 0)
    after = subprocess.run(["dumpe2fs", "-h", new], capture_output=True, text=True, check=True).stdout
    report.check("volumes: and not formatted again", uuid in after and stat(new, "kept") is not None)

    program = runpy.run_path(str(PROGRAM))
    cut = overwritten(
        overwritten(blank(work / "cut", 64), 8192, b"half"), program["MARK_AT"], program["MARK"]
    )
    made = guest("cut", [(STATE, cut)])
    report.equal("volumes: formatting that was cut off is done again", made.run(EXPECTED["gateway"])[0], 0)
    report.equal(
        "volumes: and leaves a whole file system", (inspect(cut), sound(cut)), ((STATE, True, 64), True)
    )
    report.check(
        "volumes: and no mark",
        program["MARK"] not in cut.read_bytes() and program["MARK"] not in new.read_bytes(),
    )
    marked = overwritten(foreign(work / "marked", STATE), program["MARK_AT"], program["MARK"])
    subprocess.run(["debugfs", "-w", "-R", "mkdir kept", marked], capture_output=True, check=True)
    guest("marked", [(STATE, marked)]).run(EXPECTED["gateway"])
    report.check("volumes: a mark beside a file system formats nothing", stat(marked, "kept") is not None)
    report.check(
        "volumes: and goes before the first mount", program["MARK"] not in marked.read_bytes()
    )
    overwritten(marked, 1024 + 56, b"\0\0")
    status, said, _ = guest("marked once", [(STATE, marked)]).run(EXPECTED["gateway"])
    report.check(
        "volumes: so a superblock that breaks later formats nothing",
        status == 1 and "holds no ext4" in said,
        said,
    )
    lived = overwritten(foreign(work / "lived", STATE), program["MARK_AT"], program["MARK"])
    overwritten(lived, 1024 + 44, struct.pack("<I", 1764550000))
    guest("lived", [(STATE, lived)]).run(EXPECTED["gateway"])
    report.check(
        "volumes: what a file system in use has at the mark's place is its own",
        program["MARK"] in lived.read_bytes(),
    )
    nothing = guest("nothing", [])
    report.equal("volumes: none expected and none there is fine", nothing.run(None), (0, "", False))
    partition(report, program)
    owners(report, program, work)


def partition(report, program):
    """The entry of the MBR that grows."""
    mbr = bytearray(512)
    struct.pack_into("<II", mbr, 446 + 8, 2048, 1000)
    mbr[510:] = b"\x55\xaa"
    grown = program["entry_grown"](bytes(mbr), 2048, 5000)
    report.equal(
        "root: only the partition's size changes",
        ([i for i in range(512) if grown[i] != mbr[i]], struct.unpack_from("<I", grown, 446 + 12)[0]),
        ([446 + 12, 446 + 13], 5000),
    )
    for name, start, sectors, table in (
        ("another start", 4096, 5000, mbr),
        ("no table", 2048, 5000, bytes(512)),
        ("more than 2 TiB", 2048, 1 << 32, mbr),
    ):
        try:
            program["entry_grown"](bytes(table), start, sectors)
            refused = False
        except program["Unfit"]:
            refused = True
        report.check(f"root: {name} is refused", refused)


def owners(report, program, work):
    """A kept folder follows the numbers of the image's users, and nothing else of it changes."""
    image_folder, kept = work / "image-tor", work / "kept-tor"
    for folder, user in ((image_folder, 4711), (kept, 4242)):
        folder.mkdir(mode=0o700)
        (folder / "keys").mkdir()
        (folder / "keys/one").write_text("x")
        (folder / "others").write_text("x")
        subprocess.run(["chown", "-R", f"{user}:{user}", folder], check=True)
    subprocess.run(["chown", "-h", "77:77", kept / "others"], check=True)
    (kept / "out").symlink_to("/etc/passwd")
    program["own"](str(image_folder), str(kept))
    found = [(kept / name).lstat().st_uid for name in (".", "keys", "keys/one", "others", "out")]
    report.equal("volumes: what was the old number's is the new one's", found, [4711, 4711, 4711, 77, 0])
    root, users = work / "image-srv", work / "kept-srv"
    for folder, user in ((root, 0), (users, 1000)):
        folder.mkdir(mode=0o700)
        os.chown(folder, user, user)
    program["own"](str(root), str(users))
    program["own"](str(users), str(root))
    report.equal(
        "volumes: nothing becomes root's, or ceases to be",
        [folder.stat().st_uid for folder in (root, users)],
        [0, 1000],
    )
    report.equal("volumes: and no link is followed", Path("/etc/passwd").stat().st_uid, 0)
