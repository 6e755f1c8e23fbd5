/**
 * The control filter's settings. The program (control-filter) and its unit are the image's; it runs only on a
 * Gateway that has this file.
 */
import type { GatewayFilesPlan } from "../plan/guest-plan";
import { CONTROL_PORT } from "../values/ports";
import { PATHS } from "./guest";
import { rootFile, type GuestFile } from "./user-data";

/** One file, or none when no Workstation may use the control port. */
export function controlFiles(enclave: GatewayFilesPlan): GuestFile[] {
    const workstations = enclave.workstations.filter((w) => w.control === true).map((w) => w.nic.address);
    return workstations.length === 0
        ? []
        : [
              rootFile(
                  PATHS.control,
                  `${JSON.stringify({ listen: enclave.gateway.inner.address, port: CONTROL_PORT, workstations })}\n`,
              ),
          ];
}
