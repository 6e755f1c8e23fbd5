"""libvirt's filters on ports of a bridge (libvirt formatnwfilter, filterbinding): put on, and lifted for a
control."""

import contextlib
import subprocess
import tempfile


def virsh(uri, *words):
    done = subprocess.run(
        ["virsh", "-q", "-c", uri, *words], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise RuntimeError("virsh %s: %s" % (" ".join(words), done.stderr.strip()))
    return done.stdout


def bind(uri, xml):
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(xml)
        file.flush()
        virsh(uri, "nwfilter-binding-create", file.name)


@contextlib.contextmanager
def filtered(spec, port, mac):
    """The Workstations' filter on a port of the attacker's."""
    bind(
        spec["uri"],
        "<filterbinding><owner><name>attacker</name><uuid>5a11907e-0000-4000-8000-000000000001</uuid></owner>"
        "<portdev name='%s'/><mac address='%s'/><filterref filter='%s'/></filterbinding>"
        % (port, mac, spec["filter"]),
    )
    try:
        yield
    finally:
        virsh(spec["uri"], "nwfilter-binding-delete", port)


@contextlib.contextmanager
def lifted(spec, port):
    """A Workstation's port without its filter."""
    xml = virsh(spec["uri"], "nwfilter-binding-dumpxml", port)
    virsh(spec["uri"], "nwfilter-binding-delete", port)
    try:
        yield
    finally:
        bind(spec["uri"], xml)
