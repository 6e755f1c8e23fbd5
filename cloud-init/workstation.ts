/** Files of a Workstation's role. */
import type { WorkstationFilesPlan, WorkstationGuest } from "../plan/guest-plan";
import { applicationFiles } from "./applications/index";
import { dataFiles } from "./data";
import { PATHS } from "./guest";
import { networkdDropIns } from "./network-config";
import { renderRuleset } from "./nft/render";
import { bootRuleset } from "./nft/until-time";
import { KERNEL_SYSCTLS, NETWORK_SYSCTLS, renderSysctls } from "./sysctl";
import { lines } from "./text";
import { timeFiles } from "./time";
import { rootFile, type GuestFile } from "./user-data";

/** Everything that makes an image a Workstation; it names nothing but inner addresses. */
export function workstationFiles(enclave: WorkstationFilesPlan, workstation: WorkstationGuest): GuestFile[] {
    const gateway = enclave.gateway.inner.address;
    // Without a transparent proxy no program answers DNS; programs then hear so at once from their own loopback.
    const resolver = enclave.transparentProxy ? gateway : "127.0.0.1";
    return [
        rootFile(PATHS.role, "workstation\n"),
        ...dataFiles("workstation", workstation.home),
        rootFile(PATHS.ruleset, renderRuleset(bootRuleset(enclave, workstation))),
        rootFile(PATHS.sysctl, renderSysctls({ ...NETWORK_SYSCTLS, ...KERNEL_SYSCTLS })),
        rootFile(PATHS.resolvConf, lines("resolv.conf", `nameserver ${resolver}`)),
        ...timeFiles(enclave, workstation),
        ...networkdDropIns([workstation.nic]),
        ...applicationFiles(gateway, workstation.control === true),
    ];
}
