"""Equal trees give equal disks, whenever they were written: what makes two builds of the image
bit-identical."""

import os
import shutil
import subprocess
import time
from pathlib import Path

MKDISK = Path(__file__).resolve().parents[3] / "image/lib/mkdisk"
SIZE_MIB = 96


def made(work, name, source, change=None):
    """A disk of a copy of this tree."""
    tree, disk = work / f"{name}.tree", work / f"{name}.qcow2"
    shutil.copytree(source, tree, symlinks=True)
    if change is not None:
        change(tree)
    subprocess.run(
        [MKDISK, tree, disk, str(SIZE_MIB)],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "QCOW2_OPTIONS": "-c -o compression_type=zstd"},
        check=True,
        capture_output=True,
    )
    return disk.read_bytes()


def run(report, image):
    source = image.tree() / "etc"
    first = made(image.work, "first", source)
    time.sleep(1.1)  # the resolution of a file's times on the disk
    report.check(
        "disk: the same tree, written a second later, gives the same bytes",
        made(image.work, "second", source) == first,
    )
    report.check(
        "disk: another byte in it gives another disk (negative test)",
        made(image.work, "third", source, lambda tree: (tree / "hostname").write_text("harbour\n")) != first,
    )
