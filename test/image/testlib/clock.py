"""A guest's clock where the kernel measured its time-stamp counter wrongly, as it does now and then when the
host is busy while the guest boots: the clock runs at the host's speed all the same."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from .image import debugfs
from .vm import Guest

FACTOR = 11
"""How many times too fast a clock would run by the wrong frequency: as much was seen."""
SECONDS = 10


def host_khz():
    """The host's own frequency of the counter, which is an emulated guest's as well, in kHz."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return float(re.search(r"^cpu MHz\s*: ([\d.]+)$", info.read(), re.M)[1]) * 1000


def speed(work, image, name, *parameters):
    """Seconds of a guest for each of the host's, with these parameters more for its kernel, and the clock
    that it goes by; None where it said nothing."""
    menu = debugfs(image.raw(), "cat /boot/grub/grub.cfg")
    shell = f"{' '.join(parameters)} init=/bin/bash\n"
    (work / f"{name}.cfg").write_text(re.sub(r"(?m)^(linux .*)\n", lambda line: f"{line[1]} {shell}", menu))
    disk = image.changed(name, "rm /boot/grub/grub.cfg", f"write {work / f'{name}.cfg'} /boot/grub/grub.cfg")
    with Guest(work, name, disk, None, []) as guest:
        guest.ask("mount -t proc proc /proc; mount -t sysfs sys /sys; echo m''ounted", r"^mounted")
        # The watchdog looks twice a second; a clock that is wrong is left by the second time that it looks.
        settled = guest.ask("grep -q . /proc/uptime && sleep 5 && echo s''ettled", r"^settled")
        if settled is None:
            return None

        def uptime(n):
            found = guest.ask(f"echo up''{n} $(cat /proc/uptime)", rf"^up{n} (\d+\.\d+)")
            return float(found[1]), time.time()

        (first, began), _ = uptime(1), guest.linger(SECONDS)
        last, ended = uptime(2)
        source = guest.ask(
            "echo source'' $(cat /sys/devices/system/clocksource/*/current_clocksource)", r"^source (\w+)"
        )
        return (last - first) / (ended - began), source[1]


def run(report, image, work):
    wrong = f"tsc_early_khz={host_khz() / FACTOR:.0f}"
    image.raw()  # made once, before the two need it
    with ThreadPoolExecutor() as pool:
        watched = pool.submit(speed, work, image, "clock", wrong)
        trusted = pool.submit(speed, work, image, "clock-trusted", wrong, "tsc=reliable")
    found = watched.result()
    report.check(
        "clock: a counter that was measured wrongly is given up, and the clock runs at the host's speed",
        found is not None and 0.5 < found[0] < 1.5 and found[1] != "tsc",
        str(found),
    )
    found = trusted.result()
    report.check(
        "clock: where the counter is trusted, the clock is as wrong as it was measured (negative test)",
        found is not None and found[0] > FACTOR / 2,
        str(found),
    )
