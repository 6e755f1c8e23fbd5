/**
 * What each running domain of an enclave has to be, by its plan: what `domainFindings` holds live XML
 * against.
 */
import type { Role } from "../cloud-init/guest";
import { STATUS_SUFFIX } from "../libvirt/stylesheet";
import type { DataVolumePlan, EnclavePlan, StackPlan, VirtPlan } from "../plan/plan";
import { own } from "../util/own";

/** One NIC, by its network. */
interface DeclaredNic {
    readonly mac: string;
    /** libvirt's name of the network, and its bridge. */
    readonly name: string;
    readonly bridge: string;
    /**
     * Whether the network stands for a bridge of the host's: libvirt shows such a NIC as one of the bridge.
     */
    readonly bridged: boolean;
}

export interface Declared {
    readonly role: Role;
    readonly domain: string;
    readonly virt: VirtPlan;
    readonly memoryMiB: number;
    readonly vcpus: number;
    /** Processors of the lab host that it is kept on, as libvirt spells them; absent: any. */
    readonly cpus?: string;
    /** Folder of the pool of overlay and seed. */
    readonly diskFolder: string;
    /** File of the volume that outlives it; absent: none. */
    readonly dataFile?: string;
    /** Folder of the golden image, which an overlay stands on. */
    readonly imageFolder: string;
    /** File of a Gateway's status lines. */
    readonly statusFile: string;
    readonly nics: readonly DeclaredNic[];
}

/** A golden image's file name, as a regular expression's source (components/base-image.ts). */
export const IMAGE_FILE = "sallyport-[0-9a-f]{12}\\.qcow2";

/**
 * Features that libvirt lists as required because QEMU gives them to a model by itself, on any host: seen
 * under TCG with libvirt 9.0; x2apic is QEMU's own default under KVM. Of a model that is not named here,
 * those of every guest.
 */
const ADDED: Readonly<Record<string, readonly string[]>> = { qemu64: ["lahf_lm"] };

/** Names of the CPU features that may be required of a guest besides its model's. */
export const addedFeatures = ({ type, cpuModel }: VirtPlan): readonly string[] => [
    "hypervisor",
    ...(own(ADDED, cpuModel) ?? []),
    ...(type === "kvm" ? ["x2apic"] : []),
];

/** Every domain of an enclave, the Gateway first. */
export function declaredDomains(
    stack: Pick<StackPlan, "virt" | "imagePool">,
    enclave: EnclavePlan,
): readonly Declared[] {
    const { gateway, isolated, external, workstations } = enclave;
    const common = {
        virt: stack.virt,
        imageFolder: stack.imagePool.path,
        diskFolder: enclave.pool.path,
        ...(enclave.cpus === undefined ? {} : { cpus: enclave.cpus }),
    };
    const inside = (mac: string): DeclaredNic => ({
        mac,
        name: isolated.name,
        bridge: isolated.bridge,
        bridged: false,
    });
    const own = (
        role: Role,
        { domain, memoryMiB, vcpus }: { domain: string; memoryMiB: number; vcpus: number },
        data: DataVolumePlan | undefined,
        nics: readonly DeclaredNic[],
    ): Declared => ({
        ...common,
        role,
        domain,
        memoryMiB,
        vcpus,
        ...(data === undefined ? {} : { dataFile: `${enclave.dataPool.path}/${data.volume}` }),
        nics,
        statusFile: `${enclave.statusPool.path}/${domain}${STATUS_SUFFIX}`,
    });
    return [
        own("gateway", gateway, gateway.state, [
            {
                mac: gateway.outer.mac,
                name: external.name,
                bridge: external.bridge,
                bridged: external.mode === "bridge",
            },
            inside(gateway.inner.mac),
        ]),
        ...workstations.map((w) => own("workstation", w, w.home, [inside(w.nic.mac)])),
    ];
}
