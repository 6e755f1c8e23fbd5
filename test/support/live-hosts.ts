/**
 * Lab hosts as `virsh dumpxml` shows a guest on them. The embedded lab's recording (libvirt 9.0, no security
 * driver, no cgroups) is the base; each host adds what its libvirt adds: src/qemu/qemu_cgroup.c (partition),
 * src/qemu/qemu_postparse.c (watchdog, 9.1 and later), src/security/security_stack.c (one label a driver).
 */

export interface HostKind {
    /** libvirt adds the chipset's watchdog to q35. */
    readonly watchdog: boolean;
    readonly mac: "apparmor" | "selinux";
    /** Numbers of QEMU's user and group. */
    readonly user: string;
}

export const HOSTS: Readonly<Record<string, HostKind>> = {
    "Debian 12, libvirt 9.0": { watchdog: false, mac: "apparmor", user: "+64055:+64055" },
    "Debian 13, libvirt 11.3": { watchdog: true, mac: "apparmor", user: "+64055:+64055" },
    "Debian testing, libvirt 12.8": { watchdog: true, mac: "apparmor", user: "+64055:+64055" },
    "SELinux, group kvm": { watchdog: true, mac: "selinux", user: "+107:+36" },
};

export const seclabel = (model: string, label: string, image = label): string =>
    `<seclabel type='dynamic' model='${model}' relabel='yes'><label>${label}</label><imagelabel>${image}</imagelabel></seclabel>`;

export const WATCHDOG_XML = "<watchdog model='itco' action='reset'><alias name='watchdog0'/></watchdog>";
export const PARTITION_XML = "<resource><partition>/machine</partition></resource>";

/** Two categories of each guest's own. */
const categories = (uuid: string): string => {
    const n = Number.parseInt(uuid.slice(-3), 16);
    return `c${n % 512},c${(n % 512) + 500}`;
};

/** The lab's recording as this host would show it. */
export function onHost(xml: string, { watchdog, mac, user }: HostKind): string {
    const uuid = /<uuid>([^<]*)<\/uuid>/.exec(xml)?.[1] ?? "";
    const emulated = xml.includes("<domain type='qemu'");
    const pair = categories(uuid);
    const own =
        mac === "apparmor"
            ? seclabel("apparmor", `libvirt-${uuid}`)
            : seclabel(
                  "selinux",
                  `system_u:system_r:svirt_${emulated ? "tcg_" : ""}t:s0:${pair}`,
                  `system_u:object_r:svirt_image_t:s0:${pair}`,
              );
    return xml
        .replace(/<seclabel[^]*<\/seclabel>/, own + seclabel("dac", user))
        .replace("<sysinfo ", `${PARTITION_XML}<sysinfo `)
        .replace("<memballoon ", `${watchdog ? WATCHDOG_XML : ""}<memballoon `);
}

/** The third disk of a guest that keeps data, as libvirt 9.0 to 12.8 show it; recordings are older than it. */
export const dataDiskXml = (file: string): string =>
    "<disk type='file' device='disk'><driver name='qemu' type='raw' discard='unmap'/>" +
    `<source file='${file}' index='3'/><backingStore/><target dev='vdc' bus='virtio'/>` +
    `<serial>sallyport-${file.split("-").at(-1) ?? ""}</serial><alias name='virtio-disk2'/>` +
    "<address type='pci' domain='0x0000' bus='0x08' slot='0x00' function='0x0'/></disk>";

/** A recording with that disk, of the guest's own in its enclave's data pool. */
export function withDataDisk(xml: string): string {
    const [, folder = "", domain = ""] = /file='([^']*)\/([^'/]*)-[0-9a-f]{8}\.qcow2' index/.exec(xml) ?? [];
    const file = `${folder}-data/${domain}-${domain.endsWith("-gateway") ? "state" : "home"}`;
    return xml.replace("<controller", `${dataDiskXml(file)}<controller`);
}
