/** NoCloud seeds: the three files that cloud-init reads from the seed disk. */
import { stringify } from "yaml";
import { digest } from "../values/names";
import type { GatewayFilesPlan, NicPlan, WorkstationFilesPlan, WorkstationGuest } from "../plan/guest-plan";
import { gatewayFiles } from "./gateway";
import { HOST_NAME } from "./guest";
import { networkConfig } from "./network-config";
import { outerNic } from "./tunnel";
import { userData, type GuestFile } from "./user-data";
import { workstationFiles } from "./workstation";

export interface Seed {
    readonly userData: string;
    readonly networkConfig: string;
    readonly metaData: string;
    /** What user-data writes, for reviewers and proofs. */
    readonly files: readonly GuestFile[];
}

/** Keys of meta-data; cloud-init knows more, some of which send it elsewhere. */
export const META_KEYS = ["instance-id", "local-hostname"] as const;
/** Form of an instance-id. cloud-init names folders after it, and writes it into files. */
export const INSTANCE_ID = /^sallyport-[0-9a-f]{16}$/;

/**
 * A seed of these files and NICs. The instance-id is a digest of the contents and nothing else: it changes
 * when they do (cloud-init then runs again), and is the same for everyone whose guest is the same.
 */
export function seedOf(files: readonly GuestFile[], nics: readonly NicPlan[]): Seed {
    const user = userData(files);
    const network = networkConfig(nics);
    return {
        userData: user,
        networkConfig: network,
        metaData: stringify({
            "instance-id": `sallyport-${digest(16, user, network)}`,
            "local-hostname": HOST_NAME,
        } satisfies Record<(typeof META_KEYS)[number], string>),
        files,
    };
}

/** The seed of an enclave's Gateway. */
export const gatewaySeed = (enclave: GatewayFilesPlan): Seed =>
    seedOf(gatewayFiles(enclave), [outerNic(enclave.gateway.outer, enclave.tunnel), enclave.gateway.inner]);

/** The seed of one Workstation. It holds inner addresses only: no name, no outer address, no Tor network. */
export const workstationSeed = (enclave: WorkstationFilesPlan, workstation: WorkstationGuest): Seed =>
    seedOf(workstationFiles(enclave, workstation), [workstation.nic]);
