/** What somebody does to guests behind the stack's back, by virsh on the lab host. Each must be seen by `plan --live`. */
import type { Stage } from "./stage";

const POOLS = "/var/lib/libvirt/images";

interface Tampering {
    /** Shell commands of root's. */
    readonly change: string;
    readonly undo: string;
    /** Words of the finding. */
    readonly seen: RegExp;
}

/** File of a guest's overlay. */
export const overlayOf = (domain: string): string => `$(virsh domblklist ${domain} | awk '$1 == "vda" { print $2 }')`;

/** A guest starts from what is defined, and loses what was plugged in: the stand-in lets nothing be unplugged. */
const afresh = (domain: string): string => `virsh destroy ${domain} && virsh start ${domain}`;

const stranger = (devices: string): string => `<domain type='qemu'><name>stranger</name><memory unit='MiB'>64</memory>`
    + `<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;

const started = (xml: string): string => `cat >/run/stranger.xml <<'END' && virsh create /run/stranger.xml\n${xml}\nEND`;

/** A guest that stands on an overlay of its own, by the disk's file or by its volume; what it leaves is removed. */
export function strangerOn(pool: string, kind: "file" | "volume"): string {
    const source = kind === "file" ? `file='${POOLS}/${pool}/stranger.qcow2'` : `pool='${pool}' volume='stranger.qcow2'`;
    const disk = `<disk type='${kind}' device='disk'><driver name='qemu' type='qcow2'/><source ${source}/><target dev='vda' bus='virtio'/></disk>`;
    return `virsh vol-create-as ${pool} stranger.qcow2 1M --format qcow2 --backing-vol ${POOLS}/*-image/sallyport-*.qcow2 --backing-vol-format qcow2 && { `
        + `${started(stranger(disk))}\nstatus=$?; virsh destroy stranger; virsh vol-delete stranger.qcow2 ${pool}; [ $status = 0 ]; }`;
}

/** As an external network of ours: an address of the host's, no DHCP, no DNS. */
const PROBE = "<network><name>probe</name><forward mode='nat'/><bridge name='probe0'/><dns enable='no'/><ip address='198.51.100.1' prefix='24'/></network>";

/** A guest with a NIC on such a network; what it leaves is removed. */
export const strangerOnQuietNetwork = `cat >/run/probe.xml <<'END' && virsh net-create /run/probe.xml && {\n${PROBE}\nEND\n`
    + `${started(stranger("<interface type='network'><source network='probe'/></interface>"))}\nstatus=$?; virsh destroy stranger; virsh net-destroy probe; [ $status = 0 ]; }`;

export function tamperings({ enclave, guests: [, workstation] }: Stage): Readonly<Record<string, Tampering>> {
    return {
        "a NIC on the external network, plugged into a Workstation": {
            change: `virsh attach-interface ${workstation} network ${enclave.external.name} --model virtio --live`,
            undo: afresh(workstation), seen: /DD-15|2 NICs|two NICs/,
        },
        "a foreign disk, plugged into a Workstation": {
            change: `truncate -s 1M ${POOLS}/foreign.raw && virsh attach-disk ${workstation} ${POOLS}/foreign.raw vdc --live --subdriver raw`,
            undo: `${afresh(workstation)} && rm ${POOLS}/foreign.raw`, seen: /DD-13|foreign\.raw/,
        },
        "a Workstation that AppArmor does not confine": {
            change: `virsh dumpxml --inactive ${workstation} | sed "s#</domain>#<seclabel type='none' model='apparmor'/></domain>#" >/run/bare.xml && virsh destroy ${workstation} && virsh create /run/bare.xml`,
            undo: afresh(workstation), seen: /DD-20/,
        },
        "a stranger on the isolated network": {
            change: started(stranger(`<interface type='network'><source network='${enclave.isolated.name}'/></interface>`)),
            undo: "virsh destroy stranger", seen: /stranger/,
        },
    };
}
