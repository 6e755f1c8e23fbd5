/** A state that says two things, and previews in which something stays that is judged no more. */
import { DOMAIN, NETWORK, POOL, SEED, UNKNOWN, VOLUME, ofType, set, short, type Mutant } from "../mutant";
import { outputsOf } from "../../fixtures/outputs";
import type { FixtureResource } from "../../fixtures/resources";
import {
    type Props,
    DOMAINS_09,
    NETWORKS_09,
    DOMAINS_08,
    NETWORKS_08,
    type Drift,
    VOLUMES,
    POOLS,
    SEEDS,
    BOTH,
    BOTH_DOMAIN,
} from "./drifts";

export type Stack = readonly FixtureResource[];

export const recent = (stack: Stack): boolean =>
    ofType(stack, DOMAIN).some((d) => d.props["devices"] !== undefined);

/** What the provider has read back of one resource, changed; what is declared stays. */
const readBack =
    (urn: string, change: (outputs: Props) => void) =>
    (stack: FixtureResource[]): void => {
        const found = stack.find((r) => r.urn === urn);
        if (found === undefined) {
            throw new Error(`the stack has no ${urn}`);
        }
        const outputs = structuredClone(outputsOf(found, stack) ?? {});
        change(outputs);
        found.outputs = outputs;
    };

/** @param stack a good one of either provider that exists */
export function observedMutants(stack: Stack): Mutant[] {
    const [domains, networks] = recent(stack) ? [DOMAINS_09, NETWORKS_09] : [DOMAINS_08, NETWORKS_08];
    const drifts = (type: string, list: readonly Drift[]): Mutant[] =>
        ofType(stack, type).flatMap((r) =>
            list.map(([title, change]): Mutant => ({
                title: `${short(r)}: the state says ${title}`,
                rule: "MODEL-01",
                change: readBack(r.urn, change),
                exported: true,
            })),
        );
    const both = (type: string, name: RegExp, rule: string, list: readonly [string, Props][]): Mutant[] =>
        recent(stack)
            ? []
            : ofType(stack, type, name).flatMap((r) =>
                  list.flatMap(([title, props]): Mutant[] => [
                      {
                          title: `${short(r)}: inputs and outputs say ${title}`,
                          rule,
                          exported: true,
                          change: (copy) => {
                              Object.assign(
                                  copy.find((f) => f.urn === r.urn)?.props ?? {},
                                  structuredClone(props),
                              );
                          },
                      },
                      {
                          title: `${short(r)}: its properties say ${title}`,
                          rule,
                          change: (copy) => {
                              Object.assign(
                                  copy.find((f) => f.urn === r.urn)?.props ?? {},
                                  structuredClone(props),
                              );
                          },
                      },
                  ]),
              );
    // What exists was made of known values; the key of each that tells most.
    const unknownOf = (r: FixtureResource): string =>
        ["mode", "forward", "bridge", "create", "backingStore", "source", "name"].find(
            (key) => r.props[key] !== undefined,
        ) ?? "";
    const notKnown = [NETWORK, VOLUME].flatMap((type) =>
        ofType(stack, type).map((r): Mutant => ({
            title: `${short(r)}: it exists, and its ${unknownOf(r)} is not known yet`,
            rule: "MODEL-01",
            exported: true,
            change: set(r.urn, { [unknownOf(r)]: UNKNOWN }),
        })),
    );
    // A preview takes what was read from the old state.
    const kept = (type: string, list: readonly Drift[]): Mutant[] =>
        ofType(stack, type).flatMap((r) =>
            list.slice(0, 4).map(([title, change]): Mutant => ({
                title: `${short(r)}: it stays, and the old state says ${title}`,
                rule: "MODEL-01",
                preview: () => "same",
                change: (copy) => {
                    readBack(r.urn, change)(copy);
                    const f = copy.find((c) => c.urn === r.urn);
                    Object.assign(f ?? {}, { old: { outputs: f?.outputs } });
                },
            })),
        );
    return [
        ...drifts(DOMAIN, domains),
        ...drifts(NETWORK, networks),
        ...drifts(VOLUME, VOLUMES),
        ...drifts(POOL, POOLS),
        ...drifts(SEED, SEEDS),
        ...notKnown,
        ...both(NETWORK, /-isolated$/, "NT-01", BOTH),
        ...both(DOMAIN, /./, "DD-13", BOTH_DOMAIN),
        ...kept(DOMAIN, domains),
        ...kept(NETWORK, networks),
    ];
}
