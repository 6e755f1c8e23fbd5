/**
 * What a person does to guests behind the stack's back, by virsh on the lab host. Each must be seen by `plan
 * --live`.
 */
import type { Stage } from "./stage";

const POOLS = "/var/lib/libvirt/images";

/** File of a guest's overlay. */
export const overlayOf = (domain: string): string =>
    `$(virsh domblklist ${domain} | awk '$1 == "vda" { print $2 }')`;

/**
 * A guest starts from what is defined, and loses what was plugged in: the stand-in lets nothing be unplugged.
 */
const afresh = (domain: string): string => `virsh destroy ${domain} && virsh start ${domain}`;

/** Of no stack's. */
const UUID = "5a11b047-0000-4000-8000-0000000000ff";
const stranger = (devices: string): string =>
    `<domain type='qemu'><name>stranger</name><uuid>${UUID}</uuid><memory unit='MiB'>64</memory>` +
    `<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;

const started = (xml: string): string =>
    `cat >/run/stranger.xml <<'END' && virsh create /run/stranger.xml\n${xml}\nEND`;

/** A guest that stands on an overlay of its own as a disk of type volume; what it leaves is removed. */
export const strangerOnVolume = (pool: string): string =>
    `virsh vol-create-as ${pool} stranger.qcow2 1M --format qcow2 --backing-vol ${POOLS}/*-image/sallyport-*.qcow2 --backing-vol-format qcow2 && {\n` +
    started(
        stranger(
            `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source ` +
                `pool='${pool}' volume='stranger.qcow2'/><target dev='vda' bus='virtio'/></disk>`,
        ),
    ) +
    // libvirt leaves the profile of a guest that failed to start in the kernel.
    `\nstatus=$?; virsh destroy stranger; virsh vol-delete stranger.qcow2 ${pool}; printf ` +
    `libvirt-${UUID} >/sys/kernel/security/apparmor/.remove; [ $status = 0 ]; }`;

/** As an external network of ours: an address of the host's, no DHCP, no DNS. */
const PROBE =
    "<network><name>probe</name><forward mode='nat'/><bridge name='probe0'/><dns " +
    "enable='no'/><ip address='198.51.100.1' prefix='24'/></network>";

/** A guest with a NIC on such a network; what it leaves is removed. */
export const strangerOnQuietNetwork =
    `cat >/run/probe.xml <<'END' && virsh net-create /run/probe.xml && {\n${PROBE}\nEND\n` +
    `${started(stranger("<interface type='network'><source network='probe'/></interface>"))}\nstatus=$?; virsh destroy stranger; virsh net-destroy probe; [ $status = 0 ]; }`;

export interface Tampering {
    /** Shell commands of root's. */
    readonly change: string;
    readonly undo: string;
    /** By what was done, the finding that has to be there. */
    readonly findings: Readonly<Record<string, RegExp>>;
}

/** All at once, since every start of an emulated guest takes long: each has a finding of its own. */
export function tampering({ enclave, guests: [, workstation] }: Stage): Tampering {
    const bare = "<seclabel type='none' model='apparmor'/>";
    const foreign = `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${POOLS}/foreign.raw'/><target dev='sda' bus='sata'/></disk>`;
    return {
        change: [
            `truncate -s 1M ${POOLS}/foreign.raw`,
            `virsh dumpxml --inactive ${workstation} | sed "s#</devices>#${foreign}&${bare}#" >/run/bare.xml`,
            `virsh destroy ${workstation}`,
            "virsh create /run/bare.xml",
            `virsh attach-interface ${workstation} network ${enclave.external.name} --model virtio --live`,
            started(
                stranger(
                    `<interface type='network'><source network='${enclave.isolated.name}'/></interface>`,
                ),
            ),
        ].join(" && "),
        undo: `virsh destroy stranger && ${afresh(workstation)} && rm ${POOLS}/foreign.raw`,
        findings: {
            "a NIC on the external network, plugged into a Workstation": /NT-07.* it has 2 NICs/,
            "a foreign disk in a Workstation": /foreign\.raw/,
            "a Workstation that AppArmor does not confine": /DD-20.*seclabel of model apparmor has type none/,
            "a stranger on the isolated network": /stranger\b/,
        },
    };
}
