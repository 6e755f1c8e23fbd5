/** Files of the Gateway's role. */
import type { EnclavePlan } from "../topology/plan.js";
import { PATHS } from "./guest.js";
import { networkdDropIns } from "./network-config.js";
import { gatewayRuleset } from "./nft/gateway.js";
import { renderRuleset } from "./nft/render.js";
import { KERNEL_SYSCTLS, NETWORK_SYSCTLS, renderSysctls } from "./sysctl.js";
import { lines } from "./text.js";
import { gatewayTorrc } from "./torrc/gateway.js";
import { renderTorrc } from "./torrc/options.js";
import { rootFile, type GuestFile } from "./user-data.js";

/** Everything that makes an image a Gateway. */
export function gatewayFiles(enclave: EnclavePlan): GuestFile[] {
    return [
        rootFile(PATHS.role, "gateway\n"),
        rootFile(PATHS.ruleset, renderRuleset(gatewayRuleset(enclave))),
        rootFile(PATHS.sysctl, renderSysctls({ ...NETWORK_SYSCTLS, ...KERNEL_SYSCTLS })),
        rootFile(PATHS.torrc, renderTorrc(gatewayTorrc(enclave))),
        // The Gateway resolves nothing: tor needs no names, and nothing else may ask.
        rootFile(PATHS.resolvConf, lines("resolv.conf", "nameserver 127.0.0.1")),
        ...networkdDropIns([enclave.gateway.outer, enclave.gateway.inner]),
    ];
}
