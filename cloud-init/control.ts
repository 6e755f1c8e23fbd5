/**
 * The control filter's settings. The program (control-filter) and its unit are the image's; it runs only on a
 * Gateway that has this file.
 */
import type { GatewayFilesPlan } from "../plan/guest-plan";
import { toNumber } from "../values/addresses";
import { CONTROL_PORT } from "../values/ports";
import { PATHS } from "./guest";
import { rootFile, type GuestFile } from "./user-data";

/**
 * Addresses of the Workstations that may use the control port, lowest first: the order of the settings' list
 * is not the Gateway's business.
 */
export const controlAddresses = ({ workstations }: Pick<GatewayFilesPlan, "workstations">): string[] =>
    workstations
        .filter((w) => w.control === true)
        .map((w) => w.nic.address)
        .sort((a, b) => toNumber(a) - toNumber(b));

/** One file, or none when no Workstation may use the control port. */
export function controlFiles(enclave: GatewayFilesPlan): GuestFile[] {
    const workstations = controlAddresses(enclave);
    return workstations.length === 0
        ? []
        : [
              rootFile(
                  PATHS.control,
                  `${JSON.stringify({ listen: enclave.gateway.inner.address, port: CONTROL_PORT, workstations })}\n`,
              ),
          ];
}
