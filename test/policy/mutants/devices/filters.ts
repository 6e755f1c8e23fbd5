/** The filter on Workstations' NICs, in both providers' words, and the step that defines it. */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, UNKNOWN, edit, ofType, set, short, type Mutant } from "../mutant";

type Props = Record<string, unknown>;
const create =
    (change: (line: string) => string) =>
    (p: Props): void => {
        const changed = change(String(p["create"]));
        if (changed === p["create"]) {
            throw new Error("the step's line was not changed");
        }
        p["create"] = changed;
    };

/** Whether the enclave has a second Workstation. */
const isShared = (stack: readonly FixtureResource[], enclave: string): boolean =>
    ofType(stack, DOMAIN).filter((d) => d.name.startsWith(`${enclave}-workstation-`)).length > 1;

/** DD-16 names the NIC, NT-19 who shares its bridge; the proof says where its packets then may go. */
const each = (
    stack: readonly FixtureResource[],
    enclave: string,
    title: string,
    change: Mutant["change"],
): Mutant[] =>
    ["DD-16", "PATH-host", ...(isShared(stack, enclave) ? ["NT-19"] : [])].map((rule) => ({
        title: `${title} (${rule})`,
        rule,
        change,
    }));

const stepMutants = (stack: readonly FixtureResource[]): Mutant[] =>
    ofType(stack, COMMAND, /-filter$/).flatMap((step) => {
        const mine = short(step);
        const both = (title: string, change: Mutant["change"]): Mutant[] =>
            each(stack, step.name.replace(/-isolated-filter$/, ""), title, change);
        return [
            ...both(`${mine}: not there`, (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === step.urn),
                    1,
                );
            }),
            ...both(
                `${mine}: other rules`,
                edit(
                    step.urn,
                    create((line) => line.replace(/--rules \S+/, "--rules 000000000000")),
                ),
            ),
            ...both(
                `${mine}: another name`,
                edit(
                    step.urn,
                    create((line) => line.replace(/--name \S+/, "--name other")),
                ),
            ),
            ...both(
                `${mine}: on another host`,
                edit(
                    step.urn,
                    create((line) => line.replace(/--uri \S+/, "--uri qemu+ssh://192.0.2.9/system")),
                ),
            ),
            ...both(`${mine}: a step that does nothing`, set(step.urn, { create: "true" })),
            ...both(`${mine}: a line that is not known`, set(step.urn, { create: UNKNOWN })),
        ];
    });

const waits = (stack: readonly FixtureResource[]): Mutant[] =>
    ofType(stack, DOMAIN, /-workstation-/).map((domain): Mutant => ({
        title: `${short(domain)}: does not wait for its filter`,
        rule: "DD-16",
        change: (s) => {
            const filters = new Set(ofType(s, COMMAND, /-filter$/).map((r) => r.urn));
            s.forEach((r) => {
                r.dependencies = r.dependencies.filter((urn) => !filters.has(urn));
            });
        },
    }));

/**
 * Provider 0.8: the stylesheet writes the filter; one that does not is another stylesheet, which is DD-10's.
 */
export const filterMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...stepMutants(stack),
    ...waits(stack),
];

const FILTERS: readonly [string, Props | string | undefined][] = [
    ["no filter", undefined],
    ["libvirt's own filter", { filter: "clean-traffic" }],
    ["a filter of another name", { filter: "other" }],
    ["a filter that is not known", { filter: UNKNOWN }],
    ["a filter with another MAC", { parameters: [{ name: "MAC", value: "52:54:00:98:98:0a" }] }],
    ["filters that are not known", UNKNOWN],
];

/** Provider 0.9 declares the filter. */
export const filterMutants09 = (stack: readonly FixtureResource[]): Mutant[] => [
    ...filterMutants(stack),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((domain) =>
        FILTERS.flatMap(([title, value]) =>
            each(
                stack,
                domain.name.replace(/-workstation-.*$/, ""),
                `${short(domain)}: ${title}`,
                edit(domain.urn, (p) => {
                    const nic = (p["devices"] as { interfaces: Props[] }).interfaces[0] ?? {};
                    nic["filterRef"] =
                        typeof value === "object" ? { ...(nic["filterRef"] as Props), ...value } : value;
                    if (value === undefined) {
                        Reflect.deleteProperty(nic, "filterRef");
                    }
                }),
            ),
        ),
    ),
];
