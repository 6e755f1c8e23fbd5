/**
 * What is declared (inputs) and what the provider has read from the host since (outputs) are two facts. Where
 * they differ, the first says nothing about the host: the property becomes opaque, and a problem names it.
 *
 * The bridge's refresh carries over into inputs what it finds at keys and list positions that inputs have
 * (pkg/tfbridge/schema.go, extractInputs): a NIC, a disk or an address more stands in outputs alone.
 */
import type { Problem } from "..";
import { digest, slowDigest } from "../../values/names";
import { filledAt, filledOf, notFilled, type Filled } from "./filled";
import {
    absent,
    has,
    isList,
    isMark,
    isObject,
    markFact,
    markOpaque,
    type Raw,
    type RawObject,
    type RawResource,
} from "./raw";
import { stylesheetOf } from "./stylesheets";

interface Difference {
    /** `networkInterfaces[1].bridge`. */
    readonly path: string;
    readonly seen: Raw | undefined;
    readonly wanted: Raw | undefined;
}

const NOWHERE = { resource: "", path: "" };
const unknownMark = (raw: Raw | undefined): boolean =>
    isMark(raw) && markFact(raw, NOWHERE).kind === "unknown";
const kindOf = (raw: RawResource): string => (raw.type.split(":")[2] ?? "").toLowerCase();
/**
 * `false` is what an absent switch reads as; `{}` is an element that is there (provider 0.9: `openVSwitch:
 * {}`).
 */
const empty = (raw: Raw | undefined): boolean =>
    absent(raw) ||
    raw === false ||
    (isObject(raw) && Object.keys(raw).length > 0 && Object.values(raw).every(empty));
const listOf = (raw: Raw): readonly Raw[] => (isList(raw) ? raw : [raw]);

/**
 * libvirt writes MACs in lower case, provider 0.8 in upper; a machine is read back as its family or the other
 * way round.
 */
function alike(
    key: string,
    wanted: string | number | boolean | null,
    seen: string | number | boolean | null,
): boolean {
    const [a, b] = [String(wanted), String(seen)];
    const family = (machine: string): string =>
        machine.replace(/^pc-q35-.*/s, "q35").replace(/^pc-(i440fx-|\d).*/s, "pc");
    return (
        a === b ||
        (/^(mac|address)$/.test(key) && a.toLowerCase() === b.toLowerCase()) ||
        (key === "machine" && (family(a) === b || a === family(b)))
    );
}

/** A volume may have grown since (`sallyport resize`): its size says nothing of what a guest reaches. */
const isOtherSize = (owner: RawResource, path: string, wanted: Raw, seen: Raw): boolean =>
    kindOf(owner) === "volume" &&
    /^(size|capacity)$/.test(path) &&
    typeof wanted === "number" &&
    typeof seen === "number";

const scalar = (raw: Raw | undefined): raw is string | number | boolean | null =>
    raw !== undefined && (raw === null || typeof raw !== "object");

/** Networks that NICs of one provider can name. */
export interface Networks {
    byName(name: Raw | undefined): RawResource | undefined;
    /** Those that only name this bridge of the host's. */
    onBridge(bridge: Raw | undefined): readonly RawResource[];
}

const NIC_SOURCES = ["networkName", "networkId", "bridge", "vepa", "private", "macvtap", "passthrough"];

/**
 * After a refresh the inputs of a NIC on such a network name nothing any more: the bridge carries over the
 * empty name, and the program ignores changes of it. It is then on the network of that bridge which the
 * domain depends on.
 */
function withBridged(raw: RawResource, networks: Networks): RawResource {
    const { networkInterfaces: wanted } = raw.properties;
    const seen = raw.observed?.networkInterfaces;
    if (!isList(wanted) || !isList(seen)) {
        return raw;
    }
    const named = wanted.map((nic, i): Raw => {
        const found = seen[i];
        if (
            !isObject(nic) ||
            !isObject(found) ||
            NIC_SOURCES.some((key) => has(nic, key)) ||
            !raw.ignoreChanges.includes(`networkInterfaces[${i}].networkName`)
        ) {
            return nic;
        }
        const [only, ...others] = networks
            .onBridge(found.bridge)
            .filter((n) => raw.dependsOn.includes(n.urn));
        return only === undefined || others.length > 0
            ? nic
            : { ...nic, networkName: only.properties.name ?? null };
    });
    return { ...raw, properties: { ...raw.properties, networkInterfaces: named } };
}

/**
 * A NIC as provider 0.8 reads it back, in the words that it was declared in: the id of the network that it
 * names goes, and the bridge of a network that only names one (mode bridge) becomes that network's name
 * again.
 */
function readBackNic(wanted: Raw | undefined, seen: Raw, networks: Networks): Raw {
    if (!isObject(wanted) || !isObject(seen)) {
        return seen;
    }
    const named = networks.byName(wanted.networkName);
    const bridged =
        named !== undefined &&
        named.properties.mode === "bridge" &&
        absent(seen.networkName) &&
        absent(seen.networkId) &&
        scalar(seen.bridge) &&
        !absent(seen.bridge) &&
        named.properties.bridge === seen.bridge;
    if (bridged) {
        return {
            ...seen,
            networkName: wanted.networkName ?? null,
            networkId: wanted.networkId ?? null,
            bridge: wanted.bridge ?? null,
        };
    }
    const same =
        has(wanted, "networkName") &&
        !has(wanted, "networkId") &&
        wanted.networkName === seen.networkName &&
        (named?.id === undefined || named.id === seen.networkId);
    const byId =
        has(wanted, "networkId") &&
        !has(wanted, "networkName") &&
        wanted.networkId === seen.networkId &&
        networks.byName(seen.networkName)?.id === seen.networkId;
    if (same) {
        return { ...seen, networkId: null };
    }
    return byId ? { ...seen, networkName: null } : seen;
}

interface Context {
    readonly owner: RawResource;
    readonly networks: Networks;
    /** Whether outputs may hold what is not known yet: those of something that is about to be made. */
    readonly planned: boolean;
}

function compare(
    wanted: Raw | undefined,
    seen: Raw | undefined,
    filled: Filled | undefined,
    path: string,
    key: string,
    context: Context,
): Difference[] {
    const differs = [{ path, wanted, seen }];
    if (context.planned && (unknownMark(wanted) || unknownMark(seen))) {
        return [];
    }
    // What exists was made from values that were known: no state of it holds an input that is not.
    if (unknownMark(wanted)) {
        return differs;
    }
    // An encrypted input is opaque to every rule as it is.
    if (isMark(wanted)) {
        return [];
    }
    if (isMark(seen)) {
        return differs;
    }
    if (absent(wanted)) {
        const found = notFilled(filled, seen, context.owner, path);
        return found === undefined || (filled === undefined && empty(seen))
            ? []
            : [
                  {
                      path: found,
                      wanted,
                      seen: found === path ? seen : valueAt(seen, found.slice(path.length)),
                  },
              ];
    }
    if (absent(seen)) {
        return empty(wanted) ? [] : differs;
    }
    if (scalar(wanted) || scalar(seen)) {
        return scalar(wanted) &&
            scalar(seen) &&
            (alike(key, wanted, seen) || isOtherSize(context.owner, path, wanted, seen))
            ? []
            : differs;
    }
    if (isList(wanted) || isList(seen)) {
        const [a, b] = [listOf(wanted), listOf(seen)];
        const nics = path === "networkInterfaces";
        return a.length !== b.length
            ? differs
            : a.flatMap((item, i) =>
                  compare(
                      item,
                      nics ? readBackNic(item, b[i] ?? null, context.networks) : b[i],
                      filled,
                      `${path}[${i}]`,
                      key,
                      context,
                  ),
              );
    }
    const [a, b] = [wanted as RawObject, seen as RawObject];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
        compare(
            at(a, name),
            at(b, name),
            filledAt(filled, name),
            path === "" ? name : `${path}.${name}`,
            name,
            context,
        ),
    );
}

const at = (object: RawObject, key: string): Raw | undefined =>
    Object.hasOwn(object, key) ? object[key] : undefined;

function valueAt(raw: Raw | undefined, path: string): Raw | undefined {
    return path
        .split(/[.[\]]+/)
        .filter((word) => word !== "")
        .reduce<Raw | undefined>((value, word) => {
            if (isList(value)) {
                return value[Number(word)];
            }
            return isObject(value) ? at(value, word) : undefined;
        }, raw);
}

/**
 * Where a resource's outputs disagree with its inputs.
 * @param planned whether it is about to be made, so that outputs may hold what is not known yet
 */
const differences = (raw: RawResource, networks: Networks, planned: boolean): Difference[] => {
    const pinned = stylesheetOf(raw.properties.xml, NOWHERE).sheet.kind === "pinned";
    return compare(raw.properties, raw.observed ?? {}, filledOf(kindOf(raw), pinned), "", "", {
        owner: raw,
        networks,
        planned,
    });
};

/** Contents of seeds are never shown, and a quick digest of them could be guessed at. */
const SECRET = /^(userData|networkConfig|metaData)$/;
/** Longest text that a message shows as it is. */
const SHOWN = 60;

function show(raw: Raw | undefined, path: string, hide: boolean): string {
    if (absent(raw)) {
        return "nothing";
    }
    if (isMark(raw)) {
        const fact = markFact(raw, NOWHERE);
        return fact.why;
    }
    const plain = JSON.stringify(raw);
    if (!hide && plain.length <= SHOWN && !SECRET.test(path)) {
        return plain;
    }
    const size = isList(raw) ? `${raw.length} of them` : "a text";
    return `${size} (${hide || SECRET.test(path) ? slowDigest(12, plain) : digest(12, plain)})`;
}

/** A record's name for people. */
const problem = (raw: RawResource, { path, seen, wanted }: Difference): Problem => {
    const hide = raw.secretInputs.includes(path.split(/[.[]/)[0] ?? "");
    return {
        at: { resource: raw.urn, path },
        what:
            `the state says that the host differs: ${path} is ${show(seen, path, hide)}, wanted ` +
            `${show(wanted, path, hide)}`,
        fix: "run `bin/pulumi up`, or read the host with --live",
        // What the host has says nothing of what is wanted.
        ...(/^(domain|network)$/.test(kindOf(raw)) && !unknownMark(wanted) ? { readLive: true } : {}),
    };
};

/** Networks of a stack, for NICs of the same provider. */
export function networksOf(raws: readonly RawResource[]): (owner: RawResource) => Networks {
    const networks = new Map<string, RawResource>();
    raws.filter((r) => kindOf(r) === "network").forEach((r) =>
        networks.set(JSON.stringify([r.provider, r.properties.name]), r),
    );
    return (owner) => ({
        byName: (name) =>
            typeof name === "string" && name !== ""
                ? networks.get(JSON.stringify([owner.provider, name]))
                : undefined,
        onBridge: (bridge) =>
            typeof bridge !== "string" || bridge === ""
                ? []
                : [...networks.values()].filter(
                      (n) =>
                          n.provider === owner.provider &&
                          n.properties.mode === "bridge" &&
                          n.properties.bridge === bridge,
                  ),
    });
}

/** The resource with each property that differs hidden, and the problems that say so. */
export function observe(
    given: RawResource,
    networks: Networks,
    planned: boolean,
): { readonly raw: RawResource; readonly problems: readonly Problem[] } {
    // A provider is what its inputs say: what it was before does not fill an address that is gone.
    if (given.observed === undefined || given.type.startsWith("pulumi:providers:")) {
        return { raw: given, problems: [] };
    }
    if (!given.type.startsWith("libvirt:")) {
        return { raw: { ...given, properties: { ...given.observed, ...given.properties } }, problems: [] };
    }
    const raw = withBridged(given, networks);
    const found = differences(raw, networks, planned);
    if (found.length === 0) {
        return { raw: completed(raw), problems: [] };
    }
    const hidden = Object.fromEntries(
        found.map(({ path }) => [
            path.split(/[.[]/)[0] ?? "",
            markOpaque("the state says that the host differs"),
        ]),
    );
    return {
        raw: { ...completed(raw), properties: { ...completed(raw).properties, ...hidden } },
        problems: found.map((d) => problem(raw, d)),
    };
}

/**
 * With what outputs alone say: ids, what a command printed, what a component registered. An empty input says
 * nothing.
 */
export const completed = ({ observed, ...raw }: RawResource): RawResource =>
    observed === undefined
        ? raw
        : {
              ...raw,
              observed,
              properties: {
                  ...observed,
                  ...Object.fromEntries(
                      Object.entries(raw.properties).filter(
                          ([key, value]) => !absent(value) || absent(observed[key]),
                      ),
                  ),
              },
          };
