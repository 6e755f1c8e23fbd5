/** The plan that a Gateway's seed was rendered from, worked out from the seed. */
import { dataOf } from "../cloud-init/data";
import type { EgressChoice, GatewayFilesPlan, NicPlan } from "../plan/guest-plan";
import type { Fact, SeedContent, SeedFile, TorOptionLine } from "../model";
import { memoize } from "../util/memoize";
import { isTorrcValue } from "../values/torrc-value";
import { controlledBy, egressPlan, portsOf, valuesOf } from "./egress";

const valueOf = <T>(fact: Fact<T>): T | undefined => (fact.kind === "known" ? fact.value : undefined);

const NO_FILES: readonly SeedFile[] = [];
const NO_LINES: readonly TorOptionLine[] = [];

/** Lines of its torrc; none when they are not known. */
export const torrcOf = ({ torrc }: SeedContent): readonly TorOptionLine[] => valueOf(torrc) ?? NO_LINES;

/** Its files; none when they are not known. */
export const filesOf = ({ files }: SeedContent): readonly SeedFile[] => valueOf(files) ?? NO_FILES;

/** How the Gateway with this seed leaves, as far as its seed can be read. */
export const egressOfSeed = memoize((content: SeedContent): EgressChoice =>
    egressPlan(torrcOf(content), filesOf(content), valueOf(content.ruleset) ?? { tables: [] }),
);

/** Whether tor takes connections that a Workstation meant for elsewhere; a port 0 is none (tor(1)). */
export const isTransparent = (torrc: readonly TorOptionLine[]): boolean =>
    valuesOf(torrc, "TransPort").some((value) => value !== "0");

/** NICs of an enclave's guests. */
export interface Attachment {
    readonly inner: NicPlan;
    readonly outer: NicPlan;
    readonly workstations: readonly NicPlan[];
}

/**
 * The plan of the Gateway with this seed and of Workstations that are attached like this. What cannot be
 * read is left out, so that files rendered from the plan differ from the seed's.
 */
export function gatewayPlanOf(
    content: SeedContent,
    { inner, outer, workstations }: Attachment,
): GatewayFilesPlan {
    const torrc = torrcOf(content);
    const control = controlledBy(filesOf(content));
    const dirAuthorities = valuesOf(torrc, "DirAuthority").filter(isTorrcValue);
    return {
        // A Gateway's volume holds tor's data and nothing else.
        gateway: { inner, outer, ...(dataOf(filesOf(content)) === undefined ? {} : { state: {} }) },
        workstations: workstations.map((nic) => ({ nic, control: control.includes(nic.address) })),
        ...portsOf(torrc),
        ...egressOfSeed(content),
        ...(dirAuthorities.length === 0 ? {} : { torNetwork: { dirAuthorities } }),
        transparentProxy: isTransparent(torrc),
    };
}
