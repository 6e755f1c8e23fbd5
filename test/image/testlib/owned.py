"""Every file of the image is a package's, as the package has it, or the recipe's, or one of the short list
of those that scripts make."""

import hashlib
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[3] / "image"
MASKED = {"mask": "etc/systemd/system", "mask-generator": "etc/systemd/system-generators"}


@cache
def lines(path):
    """Entries of a list file, without comments."""
    return [
        line
        for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in path.read_text().splitlines())
        if line
    ]


def real(path):
    """A path of dpkg's or ours as it is in a merged /usr, without its first slash."""
    return re.sub(r"^(bin|sbin|lib|lib64)(?=/)", r"usr/\1", path.lstrip("/"))


def md5(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@cache
def remembered(path, *_stamps):
    return md5(path.read_bytes())


def sum_of(path):
    """MD5 of a file; read again only when the file is another or was written: negative tests look at the
    whole tree many times."""
    stamps = path.stat()
    return remembered(path, stamps.st_ino, stamps.st_ctime_ns, stamps.st_size)


@cache
def rules():
    """The list of made files: pattern, relation and what the relation is to, the last two None for none."""
    return [
        tuple((line.split() + [None, None])[:3]) for line in lines(Path(__file__).resolve().parent / "made")
    ]


class Packages:
    """What dpkg knows of files: their names, and the sums of those that are no links."""

    def __init__(self, tree):
        info = tree / "var/lib/dpkg/info"
        self.files = {real(line) for file in info.glob("*.list") for line in file.read_text().splitlines()}
        self.sums = {}
        for file in info.glob("*.md5sums"):
            self.sums.update(
                (real(name), digest)
                for digest, name in (line.split(None, 1) for line in file.read_text().splitlines())
            )
        for block in re.findall(
            r"^Conffiles:\n((?: .*\n)+)", (tree / "var/lib/dpkg/status").read_text(), re.M
        ):
            self.sums.update((real(words[0]), words[1]) for words in map(str.split, block.splitlines()))

    def sums_of(self, pattern):
        """Sums that a file with the content of this one may have."""
        return (
            {md5(b"")}
            if pattern == "/dev/null"
            else {digest for name, digest in self.sums.items() if fnmatchcase(name, real(pattern))}
        )


def made(path, shown, packages):
    """Whether the list names this file, and it is as the list says. path: where it is in the tree; shown:
    its name"""
    for pattern, relation, wanted in rules():
        if not fnmatchcase(shown, pattern) or path.is_symlink() != (relation == "->"):
            continue
        if (
            relation == "->"
            and not fnmatchcase(str(path.readlink()), wanted)
            or relation == "="
            and sum_of(path) not in packages.sums_of(wanted)
        ):
            continue
        return True
    return False


def asked_for(path, name):
    """Whether the list of units asks for this link."""
    verbs = [entry.split() for entry in lines(RECIPE / "units")]
    parent, unit = str(Path(name).parent), Path(name).name
    if any(unit == wanted and parent == MASKED.get(verb) for verb, wanted in verbs):
        return str(path.readlink()) == "/dev/null"
    planned = any(unit == wanted for verb, wanted in verbs if verb in ("enable", "want"))
    return (
        planned
        and re.fullmatch(r"etc/systemd/system/[^/]+\.wants", parent)
        and re.fullmatch(r"(/usr/lib|/lib|/etc)/systemd/system/" + re.escape(unit), str(path.readlink()))
    )


def compiled(name, packages):
    """Whether this is Python, compiled by the packages' scripts from a file of theirs."""
    found = re.fullmatch(r"(usr/.*/)__pycache__/([^/]+)\.cpython-\d+\.pyc", name)
    return found and f"{found[1]}{found[2]}.py" in packages.files


def judge(path, name, packages, recipe):
    """What is wrong with a file: unknown, changed, or nothing."""
    if name in recipe:
        return None
    if name in packages.sums:
        return None if not path.is_symlink() and sum_of(path) == packages.sums[name] else "changed"
    # No sum: a link of a package's. It leads to a file of the tree, which is judged by itself.
    if (
        name in packages.files
        and path.is_symlink()
        or compiled(name, packages)
        or made(path, f"/{name}", packages)
    ):
        return None
    return None if path.is_symlink() and asked_for(path, name) else "unknown"


def bundle(report, tree):
    """The certificates that programs believe are those of the package, which the walk has seen."""

    def blocks(texts):
        return {
            re.sub(r"\s", "", block)
            for text in texts
            for block in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", text, re.S)
        }

    ours = blocks([(tree / "etc/ssl/certs/ca-certificates.crt").read_text()])
    report.check("certificates: some are believed", len(ours) > 50, str(len(ours)))
    report.equal(
        "certificates: none is believed but the package's",
        sorted(
            ours - blocks(file.read_text() for file in (tree / "usr/share/ca-certificates").rglob("*.crt"))
        ),
        [],
    )


def check(report, tree):
    packages = Packages(tree)
    recipe = {
        str(path.relative_to(RECIPE / "rootfs")) for path in (RECIPE / "rootfs").rglob("*") if path.is_file()
    }
    wrong = {"unknown": [], "changed": []}
    seen = 0
    for path in sorted(tree.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            seen += 1
            if (verdict := judge(path, real(str(path.relative_to(tree))), packages, recipe)) is not None:
                wrong[verdict].append("/" + str(path.relative_to(tree)))
    report.check("files: there are as many as a system has", seen > 5000, str(seen))
    report.equal("files: none that neither a package nor the recipe brings", wrong["unknown"], [])
    report.equal("files: those of packages are as their packages have them", wrong["changed"], [])
    bundle(report, tree)
