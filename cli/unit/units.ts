/** systemd's part: units that run the script. Pure. */
import type { StackPlan } from "../../plan/plan";
import { scriptPath, unitNames, unitPath } from "./names";
import { unitScript } from "./script";

/** One file of a lab host. */
export interface UnitFile {
    readonly path: string;
    /** Permissions, octal. */
    readonly mode: "0644" | "0755";
    readonly text: string;
}

/** libvirt's daemon or its daemons; whatever of it a host has not, systemd passes over. */
const LIBVIRT = [
    "libvirtd.service",
    "libvirtd.socket",
    "virtqemud.socket",
    "virtnetworkd.socket",
    "virtstoraged.socket",
    "virtnwfilterd.socket",
    "virtlogd.socket",
    // Guests are stopped before libvirt-guests and systemd stop them in their ways.
    "libvirt-guests.service",
    "virt-guest-shutdown.target",
];

/** Seconds of a stop: Workstations, then Gateways, each with the time that the script gives it. */
const STOP_SECONDS = 300;

const file = (path: string, lines: readonly string[]): UnitFile => ({
    path,
    mode: "0644",
    text: `${lines.join("\n")}\n`,
});

/** All files of a stack on its lab host; what is enabled of them is in `enabled`. */
export function unitFiles(plan: StackPlan): {
    readonly files: readonly UnitFile[];
    readonly enabled: readonly string[];
} {
    const names = unitNames(plan);
    const script = scriptPath(names.script);
    return {
        files: [
            { path: script, mode: "0755", text: unitScript(plan) },
            file(unitPath(names.service), [
                "[Unit]",
                `Description=Sallyport stack ${plan.prefix}`,
                `After=network-online.target time-sync.target ${LIBVIRT.join(" ")}`,
                "Wants=network-online.target virt-guest-shutdown.target",
                `RequiresMountsFor=${[...new Set(plan.enclaves.map(({ pool }) => pool.path))].map(specified).join(" ")}`,
                "StartLimitIntervalSec=0",
                "",
                "[Service]",
                "Type=oneshot",
                "RemainAfterExit=yes",
                `ExecStart=/bin/sh ${script} start`,
                `ExecStop=/bin/sh ${script} stop`,
                "# A Gateway may become ready once its network is back. What needs a person is not tried again.",
                "Restart=on-failure",
                "RestartSec=30",
                "RestartPreventExitStatus=2",
                "TimeoutStartSec=infinity",
                `TimeoutStopSec=${STOP_SECONDS}`,
                "",
                "[Install]",
                "WantedBy=multi-user.target",
            ]),
            file(unitPath(names.checkService), [
                "[Unit]",
                `Description=What the kernel has of Sallyport stack ${plan.prefix}`,
                "",
                "[Service]",
                "Type=oneshot",
                `ExecStart=/bin/sh ${script} check`,
                "TimeoutStartSec=300",
            ]),
            file(unitPath(names.checkTimer), [
                "[Unit]",
                `Description=What the kernel has of Sallyport stack ${plan.prefix}, each minute`,
                "",
                "[Timer]",
                "OnActiveSec=5",
                "OnUnitInactiveSec=60",
                "AccuracySec=5",
                "",
                "[Install]",
                "WantedBy=timers.target",
            ]),
        ],
        enabled: [names.service, names.checkTimer],
    };
}

/** A path as a word of a unit: specifiers doubled, quoted (systemd.syntax(7)). */
function specified(path: string): string {
    return `"${path.replaceAll("%", "%%").replace(/["\\]/g, "\\$&")}"`;
}
