"""An image that was built before is used only as it was built: anything else about it has it built again."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

IMAGE = Path(__file__).resolve().parents[3] / "image"
CONTENT = b"QFI\xfb" + bytes(4096)
KEY = "0123456789ab"


class Cache:
    """A folder with a small image of this key, as image/build leaves one."""

    def __init__(self, folder, key=KEY):
        folder.mkdir()
        self.folder, self.key = folder, key
        self.file = folder / f"sallyport-{key}.qcow2"
        self.json = folder / f"sallyport-{key}.json"
        self.file.write_bytes(CONTENT)
        self.write(file=self.file.name, sha256=hashlib.sha256(CONTENT).hexdigest(), key=key)

    def write(self, **changes):
        """Change the image's own manifest, None removes, and write it in the form of image/build, a key a
        line."""
        found = (
            json.loads(self.json.read_text())
            if self.json.exists()
            else {"file": "", "sha256": "", "sizeBytes": len(CONTENT), "key": ""}
        )
        self.json.write_text(
            json.dumps({k: v for k, v in {**found, **changes}.items() if v is not None}, indent=2) + "\n"
        )

    def flip(self):
        damaged = bytearray(self.file.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        self.file.write_bytes(damaged)

    def left(self):
        return sorted(path.name for path in self.folder.iterdir())

    def ask(self):
        return subprocess.run([IMAGE / "lib/cached", self.folder, self.key], capture_output=True, text=True)


FAULTS = {
    "a flipped byte": (Cache.flip, "does not match its sha256"),
    "a byte more": (lambda cache: cache.file.write_bytes(CONTENT + b"\0"), "does not match its sha256"),
    "another sum in its manifest": (lambda cache: cache.write(sha256="0" * 64), "does not match its sha256"),
    "no manifest": (lambda cache: cache.json.unlink(), "has no manifest"),
    "a manifest without a sum": (lambda cache: cache.write(sha256=None), "holds no sha256"),
    "a manifest with an empty sum": (lambda cache: cache.write(sha256=""), "holds no sha256"),
    "an empty manifest": (lambda cache: cache.json.write_text(""), "holds no sha256"),
    "the manifest of another recipe": (
        lambda cache: cache.write(key="ba9876543210"),
        "is that of another image",
    ),
    "a manifest that names another file": (
        lambda cache: cache.write(file="sallyport-ba9876543210.qcow2"),
        "is that of another image",
    ),
    "a manifest alone": (lambda cache: cache.file.unlink(), "only its manifest"),
}


def build(cache, work, closures):
    """image/build over this cache, on a disk that is too full for a build: it ends where it would begin
    one."""
    full = work / "full"
    full.mkdir(exist_ok=True)
    (full / "df").write_text("#!/bin/sh\necho 0M\n")
    (full / "df").chmod(0o755)
    for closure in closures:
        shutil.copy(closure, cache.folder)
    return subprocess.run(
        [IMAGE / "build", cache.folder],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{full}:{os.environ['PATH']}"},
    )


def run(report, image):
    work = image.work / "cached"
    work.mkdir()
    good = Cache(work / "good")
    asked = good.ask()
    report.check(
        "cached: an image as it was built is used", (asked.returncode, asked.stdout) == (0, ""), asked
    )
    report.equal(
        "cached: and its manifest is the one that is read",
        (good.folder / "manifest.json").read_text(),
        good.json.read_text(),
    )
    for what, (change, message) in FAULTS.items():
        cache = Cache(work / what.replace(" ", "-"))
        change(cache)
        asked = cache.ask()
        report.check(
            f"cached: {what}: it is built again",
            asked.returncode == 1 and message in asked.stdout and cache.left() == [],
            (asked, cache.left()),
        )
    none = Cache(work / "none")
    none.file.unlink()
    none.json.unlink()
    asked = none.ask()
    report.check(
        "cached: nothing there: it is built, and nothing is said",
        (asked.returncode, asked.stdout + asked.stderr) == (1, ""),
        asked,
    )

    closures = list(image.path.parent.glob("closure-*"))
    whole, damaged = (Cache(work / name, image.manifest["key"]) for name in ("whole", "damaged"))
    damaged.flip()
    built = build(whole, work, closures)
    report.check(
        "cached: image/build uses an image as it was built",
        built.returncode == 0 and "is up to date, sha256 verified" in built.stdout,
        built,
    )
    built = build(damaged, work, closures)
    report.check(
        "cached: image/build builds a damaged one again",
        built.returncode == 1
        and "damaged or changed after the build; building it again" in built.stdout
        and "has 0 MiB free" in built.stderr,
        built,
    )
