/** Labels of the host's security driver: libvirt's formatdomain, "Security label". */
import { ofKind, type Props } from "../production";
import type { Random } from "../random";
import { devicesOf, guest, part } from "../targets";

/** Owners that are root, as libvirt reads them: `user:group`, `+uid:+gid`, one alone. */
const root = (r: Random): string =>
    r.pick(["root", "+0", "0", "+00"]) + r.pick(["", ":root", ":+0", ":kvm", ":+64055"]);
const context = (r: Random): string =>
    `system_u:system_r:${r.pick(["unconfined_t", "spc_t", "initrc_t", r.word()])}:s0`;

/** Everything but "libvirt's own choice, under the driver of the host". */
function unconfined(r: Random): Props {
    return r.pick<() => Props>([
        () => ({ type: "none" }),
        () => ({ type: "none", model: r.pick(["apparmor", "selinux", "dac"]) }),
        () => ({ type: "static", model: "dac", relabel: r.pick(["yes", "no"]), label: root(r) }),
        () => ({
            type: "static",
            model: "apparmor",
            relabel: "yes",
            label: r.pick(["unconfined", r.word(), `libvirt-${r.uuid()}`]),
        }),
        () => ({ type: "static", model: "selinux", relabel: "yes", label: context(r) }),
        () => ({
            type: "dynamic",
            model: r.pick(["selinux", "apparmor"]),
            baseLabel: r.pick([context(r), r.word()]),
        }),
        () => ({ type: "dynamic", model: "dac", relabel: "no" }),
        () => ({ model: r.pick(["none", r.word()]) }),
        () => ({ type: r.word() }),
        () => ({ type: "dynamic", model: "dac", label: root(r) }),
    ])();
}

export default ofKind("label", [
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a guest with a label that does not confine",
        why: "DD-20: QEMU runs as root, or in no profile",
        change: (r, stack) => {
            guest(r, stack).props["secLabels"] = Array.from({ length: r.int(1, 2) }, () => unconfined(r));
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a disk with a label of its own",
        why: "formatdomain: a source's seclabel overrides the domain's; relabel=no leaves the file to others",
        change: (r, stack) => {
            const disk = r.pick(devicesOf(guest(r, stack), "disks"));
            const at = r.pick([disk, part(disk, "source"), part(part(disk, "source"), "volume")]);
            at[r.pick(["secLabels", "secLabel"])] = [r.pick<Props>([unconfined(r), { relabel: "no" }])];
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a serial line with a label of its own",
        why: "formatdomain: what is behind it is then owned by others",
        change: (r, stack) => {
            const [serial = {}] = devicesOf(guest(r, stack), "serials");
            part(part(serial, "source"), "pty")["secLabels"] = [unconfined(r)];
        },
    },
]);
