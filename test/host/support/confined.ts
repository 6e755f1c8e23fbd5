/** What AppArmor lets a guest's QEMU do, asked of the kernel. */
import type { HostVm } from "./host-vm";

/** Disk images and seeds. */
const DISK = /"(\/var\/lib\/libvirt\/images\/[^"]+)" (r\w*)/g;

export interface Confinement {
    readonly profile: string;
    /** What the profile lets it read of the pools. */
    readonly reads: readonly string[];
    /** User and group of its process, and the profile that it runs under. */
    readonly process: string;
}

export async function confinementOf(host: HostVm, domain: string): Promise<Confinement> {
    const profile = `libvirt-${(await host.sh(`virsh domuuid ${domain}`)).trim()}`;
    const rules = await host.sh(`cat /etc/apparmor.d/libvirt/${profile}.files`);
    const pid = `$(cat /run/libvirt/qemu/${domain}.pid)`;
    const process = await host.sh(`stat -c '%U:%G' /proc/${pid} && cat /proc/${pid}/attr/current`);
    return {
        profile,
        reads: [...rules.matchAll(DISK)].map(([, path = ""]) => path).sort(),
        process: process.split("\n").join(" ").trim(),
    };
}

/**
 * Whether a process under a guest's profile may read a file: a shell of root's that takes the profile on and
 * opens it. A shell that can't take it on says so, which is neither yes nor no.
 * @throws Error then
 */
export async function mayRead(host: HostVm, profile: string, path: string): Promise<boolean> {
    const taken = `echo "changeprofile ${profile}" >/proc/self/attr/current || exit 9`;
    const { said } = await host.ask(
        `bash -c '${taken}; echo taken; if read -r -N 1 x <"${path}"; then echo may; fi' 2>&1`,
    );
    if (!said.includes("taken")) {
        throw new Error(`no shell under ${profile}: ${said}`);
    }
    return said.includes("may");
}

/** What AppArmor has denied guests since the host booted. */
export async function denied(host: HostVm): Promise<string[]> {
    const said = await host.sh("dmesg | grep 'apparmor=\"DENIED\"' | grep 'profile=\"libvirt-'; true");
    return said.split("\n").filter((line) => line !== "");
}
