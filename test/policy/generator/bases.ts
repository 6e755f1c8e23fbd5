/**
 * The good stacks that are changed: every configuration, in the words of both providers, before and after it
 * exists.
 */
import { CONFIGS, goodStack } from "../fixtures/good";
import { goodStack09 } from "../fixtures/good-09";
import { DOMAIN, NETWORK, ofType } from "../mutants/mutant";
import type { Base, Props } from "./production";

const bridged = (n: number): object => ({
    mode: "bridge",
    bridge: `br${n}`,
    address: `192.0.2.1${n}/24`,
    route: "192.0.2.1",
});

/** Besides those of the other tests: what takes two of a kind to go wrong. */
const MORE: Readonly<Record<string, unknown>> = {
    "two bridges of the host's": {
        enclaves: [
            { name: "left", external: bridged(0) },
            { name: "right", external: bridged(1) },
        ],
    },
};

export async function allBases(): Promise<readonly Base[]> {
    const bases: Base[] = [];
    for (const [title, config] of Object.entries({ ...CONFIGS, ...MORE })) {
        for (const phase of ["preview", "existing"] as const) {
            bases.push({ title, phase, shape: "0.8", stack: await goodStack(config, phase) });
            bases.push({ title, phase, shape: "0.9", stack: await goodStack09(config, phase) });
        }
    }
    return bases;
}

const gateways = (base: Pick<Base, "stack">): number => ofType(base.stack, DOMAIN, /-gateway$/).length;
const workstations = (base: Pick<Base, "stack">): number =>
    ofType(base.stack, DOMAIN, /-workstation-/).length;
export const twoEnclaves = (base: Base): boolean => gateways(base) > 1;
export const twoGuests = (base: Base): boolean => workstations(base) > gateways(base);
export const isNat = (props: Props): boolean =>
    props["mode"] === "nat" || (props["forward"] as Props | undefined)?.["mode"] === "nat";
export const hasNat = (base: Base): boolean =>
    ofType(base.stack, NETWORK, /-external$/).some((n) => isNat(n.props));
