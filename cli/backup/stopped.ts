/** Whether guests are off, and stay so. */
import type { EnclavePlan } from "../../plan/plan";
import type { Observed } from "../life/observe";
import { CliError } from "../../util/error";

/** @throws CliError naming what runs, or whose memory is saved: a start would go on with what it had */
export function requireOff(enclaves: readonly EnclavePlan[], seen: Observed): void {
    for (const { name, gateway, workstations } of enclaves) {
        for (const { domain } of [gateway, ...workstations]) {
            const guest = seen.guests.get(domain);
            if (guest?.saved === true) {
                throw new CliError(
                    `${domain} is off, and its memory is saved: a start would go on from there`,
                    `virsh managedsave-remove ${domain}`,
                );
            }
            if (guest !== undefined && !["off", "crashed", "absent"].includes(guest.state)) {
                throw new CliError(`${domain} is ${guest.state}`, `bin/sallyport stop ${name}`);
            }
        }
    }
}
