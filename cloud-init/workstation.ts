/** Files of a Workstation's role. */
import type { EnclavePlan, WorkstationPlan } from "../topology/plan.js";
import { applicationFiles } from "./applications/index.js";
import { PATHS } from "./guest.js";
import { networkdDropIns } from "./network-config.js";
import { renderRuleset } from "./nft/render.js";
import { workstationRuleset } from "./nft/workstation.js";
import { KERNEL_SYSCTLS, NETWORK_SYSCTLS, renderSysctls } from "./sysctl.js";
import { lines } from "./text.js";
import { rootFile, type GuestFile } from "./user-data.js";

/** Everything that makes an image a Workstation; it names nothing but inner addresses. */
export function workstationFiles(enclave: EnclavePlan, workstation: WorkstationPlan): GuestFile[] {
    const gateway = enclave.gateway.inner.address;
    // Without a transparent proxy nobody answers DNS; programs then hear so at once from their own loopback.
    const resolver = enclave.transparentProxy ? gateway : "127.0.0.1";
    return [
        rootFile(PATHS.role, "workstation\n"),
        rootFile(PATHS.ruleset, renderRuleset(workstationRuleset(enclave))),
        rootFile(PATHS.sysctl, renderSysctls({ ...NETWORK_SYSCTLS, ...KERNEL_SYSCTLS })),
        rootFile(PATHS.resolvConf, lines("resolv.conf", `nameserver ${resolver}`)),
        ...networkdDropIns([workstation.nic]),
        ...applicationFiles(gateway),
    ];
}
