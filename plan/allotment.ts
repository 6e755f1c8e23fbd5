/**
 * Which address a Workstation has on the isolated network. Pure.
 *
 * It is written down in the settings. Taken from its place in the list, it would move when a neighbour goes,
 * and the guest would lose its disk; made from its name, it would tell one user from another. A Workstation
 * that is alone needs no line: it is the first.
 */
import type { ConfigProblem } from "../config/error";
import type { SallyportConfig } from "../config/schema";
import { INNER_FIRST_WORKSTATION, fromNumber, toNumber } from "../values/addresses";

/**
 * An address for each Workstation: its own, or the lowest that is free, in the order of the list. Only what
 * writes addresses down may ask for more than one.
 */
export function allot(workstations: readonly { readonly address?: string | undefined }[]): string[] {
    const taken = new Set(workstations.map((w) => w.address));
    let next = toNumber(INNER_FIRST_WORKSTATION);
    return workstations.map((w) => {
        if (w.address !== undefined) {
            return w.address;
        }
        while (taken.has(fromNumber(next))) {
            next += 1;
        }
        next += 1;
        return fromNumber(next - 1);
    });
}

/** A problem for each Workstation that is not alone and has no address, with the line that writes it down. */
export const unwritten = (enclaves: SallyportConfig["enclaves"]): ConfigProblem[] =>
    enclaves.flatMap(({ workstations }, e) => {
        const addresses = workstations.length > 1 ? allot(workstations) : [];
        return addresses.flatMap((address, w) => {
            const property = `enclaves[${e}].workstations[${w}].address`;
            return workstations[w]?.address !== undefined
                ? []
                : [
                      {
                          property,
                          value: undefined,
                          allowed:
                              "an address that is written down, as there are several Workstations; one that exists keeps what it has (bin/pulumi stack output shows it)",
                          fix: `bin/pulumi config set --path 'sallyport:${property}' ${address}`,
                      },
                  ];
        });
    });
