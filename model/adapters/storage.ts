/** Volumes, pools and seeds of either provider. */
import {
    below,
    element,
    hidden,
    hiddenNode,
    known,
    mapFact,
    marked,
    opaque,
    sealOf,
    type Fact,
    type Node,
    type Origin,
    type Pool,
    type Resource,
    type Seed,
    type Volume,
} from "..";
import { object } from "./objects";
import { has, isMark, isObject, markFact, property, textFact, type RawObject, type RawResource } from "./raw";
import { seedContent } from "./seed/content";
import { stylesheetOf } from "./stylesheets";
import { nameOf } from "./networks";

/** Key of the record on its host: the provider's id without what it appends (`PATH;UUID` of seeds). */
export function idFact(raw: RawResource, at: Origin): Fact<string> {
    return raw.id === undefined
        ? { kind: "unknown", why: "it does not exist yet", at: below(at, "id") }
        : known(raw.id.split(";")[0] ?? raw.id, below(at, "id"));
}

const must = (fact: Fact<string | undefined>, otherwise: string): Fact<string> =>
    fact.kind === "known" ? known(fact.value ?? otherwise, fact.at) : hidden(fact);

/** A backing volume by its key or path, or by name. */
export type UnresolvedBase = { readonly key: string } | { readonly pool: string; readonly name: string };

/** Provider 0.8 looks a base's name up in `baseVolumePool`, or else in the volume's own pool. */
function namedBase(p: RawObject, at: Origin, pool: Fact<string>): Fact<UnresolvedBase | undefined> {
    const name = textFact(p.baseVolumeName, below(at, "baseVolumeName"));
    const given = textFact(p.baseVolumePool, below(at, "baseVolumePool"));
    const where = given.kind === "known" && given.value === undefined ? pool : given;
    if (name.kind !== "known" || where.kind !== "known") {
        return hidden(name.kind === "known" ? where : name);
    }
    return known(
        name.value === undefined ? undefined : { pool: where.value ?? "", name: name.value },
        name.at,
    );
}

const keyedBase = (fact: Fact<string | undefined>): Fact<UnresolvedBase | undefined> =>
    mapFact(fact, (key) => (key === undefined ? undefined : { key }));

/** What a volume is based on, and the input that says it. */
function baseOf(
    p: RawObject,
    at: Origin,
    pool: Fact<string>,
    recent: boolean,
): Pick<UnresolvedVolume, "base" | "baseFedBy"> {
    if (recent) {
        const path = textFact(property(p.backingStore, "path"), below(at, "backingStore.path"));
        return { base: keyedBase(path), baseFedBy: "backingStore" };
    }
    const byId = has(p, "baseVolumeId");
    const base =
        byId || !has(p, "baseVolumeName")
            ? keyedBase(textFact(p.baseVolumeId, below(at, "baseVolumeId")))
            : namedBase(p, at, pool);
    return { base, baseFedBy: byId ? "baseVolumeId" : "baseVolumeName" };
}

const source09 = (p: RawObject, at: Origin): Volume["source"] =>
    ONLY_08.some((key) => has(p, key))
        ? opaque(at, `it has properties of provider 0.8 and of 0.9 at once ${marked(sealOf(p))}`)
        : textFact(property(property(p.create, "content"), "url"), below(at, "create.content.url"));

/** Before its references are looked up. */
export interface UnresolvedVolume extends Omit<Volume, "base"> {
    readonly base: Fact<UnresolvedBase | undefined>;
    readonly baseFedBy: string;
}

function xmlOf(
    properties: RawObject,
    at: Origin,
    opaqueWhy: { why: string; at: Origin } | undefined,
    mode: string | undefined,
): Node {
    if (opaqueWhy !== undefined) {
        return hiddenNode("volume", { kind: "opaque", ...opaqueWhy });
    }
    const tree = object("volume", properties, at, new Set(["xml", "id"]));
    return mode === undefined
        ? tree
        : {
              ...tree,
              children: [
                  ...tree.children,
                  element("target", at, [element("permissions", at, [element("mode", at, [], mode)])]),
              ],
          };
}

/** What a volume of provider 0.9 does not have. */
const ONLY_08 = ["source", "baseVolumeId", "baseVolumeName", "baseVolumePool", "size", "xml"];

export function readVolume(raw: RawResource, resource: Resource, host: string): UnresolvedVolume {
    const at: Origin = { resource: raw.urn, path: "" };
    const p = raw.properties;
    const recent = isObject(p.target) || has(p, "backingStore") || has(p, "capacity") || isObject(p.create);
    const { sheet } = stylesheetOf(p.xml, below(at, "xml.xslt"));
    const stylesheet =
        sheet.kind === "pinned" && sheet.which !== "private-volume"
            ? {
                  kind: "opaque" as const,
                  why: `it is meant for a ${sheet.which}`,
                  sha256: sheet.sha256,
                  at: sheet.at,
              }
            : sheet;
    const pool = must(textFact(p.pool, below(at, "pool")), "default");
    const format = property(p.target, "format");
    return {
        resource: { ...resource, shape: recent ? "provider-0.9" : "provider-0.8" },
        host,
        name: nameOf(p, at, raw.name),
        pool,
        id: idFact(raw, at),
        format: recent
            ? textFact(
                  isObject(format) || isMark(format) ? property(format, "type") : format,
                  below(at, "target.format"),
              )
            : textFact(p.format, below(at, "format")),
        ...baseOf(p, at, pool, recent),
        source: recent ? source09(p, at) : textFact(p.source, below(at, "source")),
        stylesheet,
        xml: xmlOf(
            p,
            at,
            stylesheet.kind === "opaque" ? { why: stylesheet.why, at: stylesheet.at } : undefined,
            stylesheet.kind === "pinned" ? "0600" : undefined,
        ),
    };
}

export function readPool(raw: RawResource, resource: Resource, host: string): Pool {
    const at: Origin = { resource: raw.urn, path: "" };
    const p = raw.properties;
    const path = property(p.target, "path");
    const given =
        path === undefined ? textFact(p.path, below(at, "path")) : textFact(path, below(at, "target.path"));
    // Of the two, 0.8.3 makes the pool at `target` and reads `path` back (resource_libvirt_pool.go).
    const twice = path !== undefined && has(p, "path") && p.path !== path;
    const { sheet } = stylesheetOf(p.xml, below(at, "xml.xslt"));
    return {
        resource,
        host,
        name: nameOf(p, at, raw.name),
        type: must(textFact(p.type, below(at, "type")), "dir"),
        path: twice ? opaque(given.at, "`path` says another folder than `target.path`") : given,
        stylesheet:
            sheet.kind === "pinned"
                ? {
                      kind: "opaque",
                      why: `it is meant for a ${sheet.which}`,
                      sha256: sheet.sha256,
                      at: sheet.at,
                  }
                : sheet,
        xml: object("pool", p, at, new Set(["xml", "id"])),
    };
}

/** Properties of a seed in either provider, and outputs that a state has. */
const SEED_PROPERTIES: ReadonlySet<string> = new Set([
    "name",
    "pool",
    "userData",
    "networkConfig",
    "metaData",
    "path",
    "size",
    "id",
    "cloudinitDiskId",
]);

/** @throws never: what cannot be parsed is opaque in the content */
export function readSeed(raw: RawResource, resource: Resource, host: string): Seed {
    const at: Origin = { resource: raw.urn, path: "" };
    const p = raw.properties;
    const texts = {
        userData: textFact(p.userData, below(at, "userData")),
        networkConfig: textFact(p.networkConfig, below(at, "networkConfig")),
        metaData: textFact(p.metaData, below(at, "metaData")),
    };
    return {
        resource,
        host,
        name: nameOf(p, at, raw.name),
        pool: textFact(p.pool, below(at, "pool")),
        // Provider 0.9 writes an ISO on the machine that it runs on, and says where; a volume is then filled
        // from there.
        id: has(p, "path") ? must(textFact(p.path, below(at, "path")), "") : idFact(raw, at),
        ...texts,
        content: seedContent(texts),
        otherProperties: Object.fromEntries(
            Object.entries(p).filter(([key]) => !SEED_PROPERTIES.has(key) && has(p, key)),
        ),
    };
}

/** A mark anywhere hides the environment or the commands as a whole. */
export function textsOf(
    raw: RawObject,
    keys: readonly string[],
    at: Origin,
): Fact<Readonly<Record<string, string>>> {
    const entries: [string, string][] = [];
    for (const key of keys) {
        const value = raw[key];
        if (isMark(value)) {
            return markFact(value, below(at, key));
        }
        if (has(raw, key)) {
            entries.push([key, typeof value === "string" ? value : JSON.stringify(value)]);
        }
    }
    return known(Object.fromEntries(entries), at);
}
