/** Whether this machine can really run guests on KVM. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabPaths } from "./paths";
import { inNamespace } from "./run";

/** Port and value that the boot sector writes; isa-debug-exit makes QEMU end with (value << 1) | 1. */
const EXIT_PORT = 0x501;
const EXIT_VALUE = 0x10;
const PROBE_MS = 5000;

/** A boot sector that does nothing but end QEMU: mov dx, port; mov al, value; out dx, al; hlt. */
export function bootSector(): Buffer {
    const sector = Buffer.alloc(512);
    Buffer.from([0xba, EXIT_PORT & 0xff, EXIT_PORT >> 8, 0xb0, EXIT_VALUE, 0xee, 0xf4]).copy(sector);
    sector.writeUInt16LE(0xaa55, 510);
    return sector;
}

/** Whether the processor's flags in /proc/cpuinfo name hardware virtualisation (Intel vmx, AMD svm). */
export function hasVirtualisationFlags(cpuinfo: string): boolean {
    return /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo);
}

/**
 * Let QEMU run one boot sector under an accelerator. A /dev/kvm that opens proves nothing: some run no guest.
 * It runs in the lab's namespace and folder, so that stop finds both when it hangs and what waits for it
 * was killed.
 * @param qemu the program; a test gives one that hangs
 */
export async function runsGuest(
    paths: LabPaths,
    accelerator: "kvm" | "tcg",
    signal?: AbortSignal,
    qemu = "qemu-system-x86_64",
): Promise<boolean> {
    const folder = join(paths.libvirt, "kvm-probe");
    mkdirSync(folder, { recursive: true });
    try {
        const disk = join(folder, "boot.img");
        writeFileSync(disk, bootSector());
        const result = await inNamespace(
            paths.names.host,
            qemu,
            [
                "-machine",
                `pc,accel=${accelerator}`,
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-m",
                "16",
                "-device",
                `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`,
                "-drive",
                `file=${disk.replaceAll(",", ",,")},format=raw,if=ide`,
            ],
            { reject: false, timeout: PROBE_MS, stdin: "ignore", ...(signal && { cancelSignal: signal }) },
        );
        return result.exitCode === ((EXIT_VALUE << 1) | 1);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Whether domains of this lab run under KVM. Its namespaces have to be there. */
export async function kvmWorks(paths: LabPaths, signal?: AbortSignal): Promise<boolean> {
    return hasVirtualisationFlags(readFileSync("/proc/cpuinfo", "utf8")) && runsGuest(paths, "kvm", signal);
}
