/** What a production reaches for in a good stack, in the words of either provider. */
import type { FixtureResource } from "../fixtures/resources";
import { DOMAIN, NETWORK, ofType } from "../mutants/mutant";
import type { Props } from "./production";
import type { Random } from "./random";

type Stack = readonly FixtureResource[];

export const guest = (r: Random, stack: Stack): FixtureResource => r.pick(ofType(stack, DOMAIN));
export const workstation = (r: Random, stack: Stack): FixtureResource =>
    r.pick(ofType(stack, DOMAIN, /-workstation-/));
export const gateway = (r: Random, stack: Stack): FixtureResource =>
    r.pick(ofType(stack, DOMAIN, /-gateway$/));
export const isolated = (r: Random, stack: Stack): FixtureResource =>
    r.pick(ofType(stack, NETWORK, /-isolated$/));
export const external = (r: Random, stack: Stack): FixtureResource =>
    r.pick(ofType(stack, NETWORK, /-external$/));

/** `sallyport-test-red` of `sallyport-test-red-workstation-a`. */
export const enclaveOf = (name: string): string =>
    name.replace(/-(workstation-.*|gateway|isolated|external)$/, "");

/** A list inside a 0.9 domain's devices, made when it is not there. */
export function devicesOf(domain: FixtureResource, list: string): Props[] {
    const devices = domain.props["devices"] as Record<string, Props[]>;
    devices[list] ??= [];
    return devices[list];
}

export const part = (props: Props, key: string): Props => {
    props[key] ??= {};
    return props[key] as Props;
};

export const remove = (props: Props, key: string): void => {
    Reflect.deleteProperty(props, key);
};

/** A resource like another, under a name of its own; whatever it holds is a copy. */
export function doubled(like: FixtureResource, name: string, props: Props): FixtureResource {
    const copy = JSON.parse(
        JSON.stringify({ ...like, props: { ...like.props, ...props } }),
    ) as FixtureResource;
    return { ...copy, name, urn: `${like.urn}-${name}` };
}

/** Takes a resource out of a stack, and out of what others wait for. */
export function drop(stack: FixtureResource[], gone: (f: FixtureResource) => boolean): void {
    const urns = new Set(stack.filter(gone).map((f) => f.urn));
    for (let i = stack.length - 1; i >= 0; i -= 1) {
        const f = stack[i];
        if (f !== undefined && urns.has(f.urn)) {
            stack.splice(i, 1);
        } else if (f?.dependencies.some((urn) => urns.has(urn)) === true) {
            f.dependencies = f.dependencies.filter((urn) => !urns.has(urn));
        }
    }
}

/** Something nobody has heard of: a value of any shape and depth. */
export function anything(r: Random, depth = 0): unknown {
    const shape = r.int(0, depth > 3 ? 2 : 4);
    switch (shape) {
        case 0:
            return r.word();
        case 1:
            return r.int(1, 9);
        case 2:
            return true;
        case 3:
            return { [r.word()]: anything(r, depth + 1) };
        default:
            return Array.from({ length: r.int(1, 3) }, () => anything(r, depth + 1));
    }
}

/** A name that neither a provider nor libvirt knows; names that JavaScript's own objects have among them. */
export const unheardOf = (r: Random): string =>
    r.chance(0.3)
        ? r.pick(["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf"])
        : `x${r.word(4, 9)}`;
