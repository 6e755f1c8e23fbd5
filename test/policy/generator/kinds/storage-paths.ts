/** Volumes and pools of a stack, and other spellings of their paths. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, SEED, VOLUME, ofType } from "../../mutants/mutant";
import { stateIdOf } from "../forms";
import { type Base, type Props } from "../production";
import type { Random } from "../random";
import { part } from "../targets";

type Stack = FixtureResource[];

export const image = (stack: readonly FixtureResource[]): FixtureResource =>
    ofType(stack, VOLUME, /-image-volume$/)[0] as FixtureResource;

export const overlayOf = (stack: Stack, domain: FixtureResource): FixtureResource =>
    stack.find((f) => f.type === VOLUME && f.name === `${domain.name}-overlay`) as FixtureResource;

export const carrierOf = (stack: Stack, domain: FixtureResource): FixtureResource =>
    stack.find((f) => f.name === `${domain.name}-seed-volume`) ??
    (stack.find((f) => f.name === `${domain.name}-seed` && f.type === SEED) as FixtureResource);

/** Point a domain's disk at a volume. */
export function attach(
    domain: FixtureResource,
    at: number,
    volume: Pick<FixtureResource, "urn" | "type" | "props">,
): void {
    if (domain.props["devices"] !== undefined) {
        const disks = (domain.props["devices"] as { disks: Props[] }).disks;
        disks[at] = {
            ...disks[at],
            source: { volume: { pool: volume.props["pool"], volume: volume.props["name"] } },
        };
        return;
    }
    const disks = domain.props["disks"] as Props[];
    disks[at] = { volumeId: stateIdOf(volume.type, volume.props).split(";")[0] };
    domain.propertyDependencies["disks"]?.splice(at, 1, volume.urn);
    domain.dependencies.push(volume.urn);
}

/**
 * What provider 0.8.3 opens (Go's net/url) is not what verify-image reads, and both are called by one text.
 */
export function spelling(r: Random): string {
    const path = r.path(1, 3);
    const i = r.int(1, path.length - 1);
    const code = `%${(path.codePointAt(i) ?? 0).toString(16)}`;
    return r.pick([
        `${path}${r.pick(["?", "#"])}${r.word()}`,
        `${path.slice(0, i)}${code}${path.slice(i + 1)}`,
        `${path.slice(0, i)}${code.toUpperCase()}${path.slice(i + 1)}`,
        `file://${r.word()}${path}`,
        `//${r.word()}${path}`,
        `${path}?`,
        `file:${path}?${r.word()}`,
        `FILE://${r.word()}${path}`,
        `file:///${r.word()}${path}#`,
    ]);
}

export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export const source = (volume: FixtureResource, value: unknown): void => {
    if (volume.props["create"] === undefined && volume.props["target"] === undefined) {
        volume.props["source"] = value;
    } else {
        part(part(volume.props, "create"), "content")["url"] = value;
    }
};

export const verifying = (stack: readonly FixtureResource[]): FixtureResource =>
    stack.find((f) => f.name.endsWith("-image-verified")) as FixtureResource;

export const poolPath = (pool: FixtureResource): Props =>
    pool.props["target"] === undefined ? pool.props : part(pool.props, "target");

/** The same folder, spelled otherwise: libvirt's virFileSanitizePath folds slashes, the kernel the rest. */
function otherwise(r: Random, path: string): string {
    const parts = path.split("/").slice(1);
    const at = r.int(1, parts.length - 1);
    const with_ = (...more: string[]): string =>
        `/${[...parts.slice(0, at), ...more, ...parts.slice(at)].join("/")}`;
    return r.pick([
        `${path}/`,
        `${path}/.`,
        with_("."),
        with_(""),
        with_(r.word(), ".."),
        `${path}/${r.word()}/..`,
        `${path}//`,
        `/${r.word()}/..${path}`,
        `/.${path}`,
    ]);
}

/** One pool in the place of another, below it or above it. */
export const clash = (r: Random, path: string): string =>
    r.pick([
        () => path,
        () => otherwise(r, path),
        () => `${path}/${r.word()}`,
        () => otherwise(r, `${path}/${r.word()}`),
    ])();

export const target = (volume: FixtureResource): Props => part(volume.props, "target");

export const is09 = (base: Base): boolean => base.shape === "0.9";

/** Put everything that is in a pool elsewhere, references too. */
export function moveTo(stack: Stack, from: string, to: string): void {
    const text = (value: unknown): unknown => {
        if (typeof value === "string") {
            return value.replaceAll(`/${from}/`, `/${to}/`);
        }
        if (Array.isArray(value)) {
            return value.map(text);
        }
        return typeof value === "object" && value !== null
            ? Object.fromEntries(
                  Object.entries(value).map(([k, v]) => [k, k === "pool" && v === from ? to : text(v)]),
              )
            : value;
    };
    for (const f of stack.filter(
        (one) => [VOLUME, DOMAIN].includes(one.type) || (one.type === SEED && one.props["pool"] === from),
    )) {
        for (const [key, value] of Object.entries(f.props)) {
            if (!["userData", "networkConfig", "metaData", "xml"].includes(key)) {
                f.props[key] = key === "pool" && value === from ? to : text(value);
            }
        }
    }
}
