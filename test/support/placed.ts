/** Workstations with their addresses written down, as `sallyport workstation add` does it: lowest free ones. */
import { allot } from "../../plan/allotment";

export function placed<W extends object>(...workstations: readonly W[]): (W & { address: string })[] {
    const addresses = allot(workstations as readonly { readonly address?: string }[]);
    return workstations.map((w, i) => ({ ...w, address: addresses[i] ?? "" }));
}
