"""Kernel settings of a booted guest, as the probe read them, against those of its seed."""

IPV6 = "net/ipv6/"
"""The guests' kernels have none, and no settings for it."""


def expected(seed, nics):
    """Path below /proc/sys to value, with every interface in place of a star. @raises ValueError for a
    line that is no setting"""
    found = {}
    for line in seed.splitlines():
        key, equals, value = line.partition(" = ")
        if not equals:
            raise ValueError(f"{line!r} is no setting")
        path = key.replace(".", "/")
        for nic in ["all", "default", "lo", *nics] if "/*/" in path else [""]:
            found[path.replace("/*/", f"/{nic}/")] = value
    return {path: value for path, value in found.items() if not path.startswith(IPV6)}


def wrong(found, seed, nics):
    """Settings that the kernel does not hold as the seed has them. found: the probe's lines."""
    read = {path: " ".join(value.split()) for path, _, value in (line.partition(" ") for line in found)}
    return {
        path: (value, read.get(path))
        for path, value in expected(seed, nics).items()
        if read.get(path) != value
    }


def judge(report, name, found, seed, nics):
    lines = found.get("sysctl", [])
    report.equal(
        f"{name}: the kernel's settings are the seed's, on {', '.join(nics)} as well",
        wrong(lines, seed, nics),
        {},
    )
    for path, other in ((f"net/ipv4/conf/{nics[-1]}/rp_filter", "0"), ("net/ipv4/tcp_timestamps", "1")):
        changed = [line if line.partition(" ")[0] != path else f"{path} {other}" for line in lines]
        missing = [line for line in lines if line.partition(" ")[0] != path]
        seen = [sorted(wrong(some, seed, nics)) for some in (changed, missing)]
        report.equal(
            f"{name}: another {path}, and one that was not read, would be seen (negative test)",
            seen,
            [[path], [path]],
        )
