/** What a domain is declared to be. Component, stylesheet, seed and caller must not contradict each other. */
import type { Role } from "../../cloud-init/guest";
import {
    holds,
    known,
    opaque,
    possible,
    unknown,
    type Component,
    type Fact,
    type Origin,
    type Seed,
    type Stylesheet,
} from "..";

interface Claim {
    readonly by: string;
    readonly role: Role;
}

const isRole = (text: unknown): text is Role => text === "gateway" || text === "workstation";

/** Component inputs, nearest first. */
export function fromComponents(
    chain: readonly Component[],
    input: "role" | "enclave" | "allowDataLoss",
): unknown {
    for (const { inputs } of chain) {
        if (inputs.kind === "known" && inputs.value[input] !== undefined) {
            return inputs.value[input];
        }
    }
    return undefined;
}

/**
 * `parentType` from the URN, for a policy that sees one resource alone:
 * `…sallyport:index:Gateway$libvirt:index/domain:Domain`.
 */
function roleInUrn(urn: string): Role | undefined {
    const types = (urn.split("::")[2] ?? "").split("$");
    const found = types
        .map((type) => /^sallyport:index:(Gateway|Workstation)$/.exec(type)?.[1]?.toLowerCase())
        .find(isRole);
    return found;
}

export function roleOf(
    urn: string,
    chain: readonly Component[],
    stylesheet: Stylesheet,
    seeds: Fact<readonly Seed[]>,
    caller: Role | undefined,
    at: Origin,
): Fact<Role | undefined> {
    const claims: Claim[] = [];
    const component = fromComponents(chain, "role") ?? roleInUrn(urn);
    if (isRole(component)) {
        claims.push({ by: "its component", role: component });
    }
    if (stylesheet.kind === "pinned" && stylesheet.which.startsWith("domain-")) {
        claims.push({
            by: "its stylesheet",
            role: stylesheet.which === "domain-gateway" ? "gateway" : "workstation",
        });
    }
    for (const seed of (possible(seeds) ?? [])[0] ?? []) {
        const role = seed.content.role;
        if (role.kind === "known" && isRole(role.value)) {
            claims.push({ by: "its seed", role: role.value });
        }
    }
    if (caller !== undefined) {
        claims.push({ by: "the caller", role: caller });
    }
    const [first] = claims;
    if (first === undefined) {
        return holds(seeds, () => true) === "undecided" && seeds.kind === "unknown"
            ? unknown(at, "nothing declares its role and its seed is not known")
            : known(undefined, at);
    }
    const other = claims.find((claim) => claim.role !== first.role);
    return other === undefined
        ? known(first.role, at)
        : opaque(at, `${first.by} says ${first.role}, ${other.by} says ${other.role}`);
}
