/** Files of the Gateway's role. */
import type { GatewayFilesPlan } from "../plan/guest-plan";
import { controlFiles } from "./control";
import { dataFiles } from "./data";
import { PATHS } from "./guest";
import { networkdDropIns } from "./network-config";
import { gatewayRuleset } from "./nft/gateway";
import { renderRuleset } from "./nft/render";
import { KERNEL_SYSCTLS, NETWORK_SYSCTLS, renderSysctls } from "./sysctl";
import { lines } from "./text";
import { gatewayTorrc } from "./torrc/gateway";
import { renderTorrc } from "./torrc/options";
import { tunnelFiles } from "./tunnel";
import { rootFile, type GuestFile } from "./user-data";

/** Everything that makes an image a Gateway. */
export function gatewayFiles(enclave: GatewayFilesPlan): GuestFile[] {
    return [
        rootFile(PATHS.role, "gateway\n"),
        ...dataFiles("gateway", enclave.gateway.state),
        rootFile(PATHS.ruleset, renderRuleset(gatewayRuleset(enclave))),
        rootFile(PATHS.sysctl, renderSysctls({ ...NETWORK_SYSCTLS, ...KERNEL_SYSCTLS })),
        rootFile(PATHS.torrc, renderTorrc(gatewayTorrc(enclave))),
        // The Gateway resolves nothing: tor needs no names, and nothing else may ask.
        rootFile(PATHS.resolvConf, lines("resolv.conf", "nameserver 127.0.0.1")),
        ...(enclave.tunnel === undefined ? [] : tunnelFiles(enclave.tunnel)),
        ...controlFiles(enclave),
        ...networkdDropIns([enclave.gateway.outer, enclave.gateway.inner]),
    ];
}
