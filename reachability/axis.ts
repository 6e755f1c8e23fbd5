/**
 * Source and destination of the packets to try. The address space is cut at the bounds of every range that a
 * condition names; pieces for which the same conditions hold are one class, and one address of it stands for
 * all.
 */
import type { Match, Table } from "../cloud-init/nft/model";
import { memoize } from "../util/memoize";
import { bitsOf, noBits, others, setBit, type Bits } from "./bits";
import type { Budget } from "./budget";
import { bounds, portsBySet } from "./firewall";
import { Partition } from "./partition";

type Span = readonly [first: number, last: number];

/** The same addresses in as few spans as hold them: 244 neighbours are one. */
function joined(spans: readonly Span[]): Span[] {
    const found: [number, number][] = [];
    for (const [first, last] of [...spans].sort(([a], [b]) => a - b)) {
        const before = found.at(-1);
        if (before !== undefined && first <= before[1] + 1) {
            before[1] = Math.max(before[1], last);
        } else {
            found.push([first, last]);
        }
    }
    return found;
}

const dotted = (n: number): string =>
    [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");
const spansOf = memoize((list: readonly string[]): readonly Span[] => joined(list.map(bounds)));

/** A MAC that no rule names. */
export const STRANGER = "02:00:00:00:00:01";
/** An address that people know stands for the rest of the Internet. */
const WELL_KNOWN = 0x08080808;

/** A MAC and the address that goes with it. */
interface Pair {
    readonly mac: string;
    readonly address: string;
    readonly key: string;
}

function pairOf(element: string): Pair[] {
    const [mac = "", address] = element
        .toLowerCase()
        .split(" . ")
        .map((half) => half.trim());
    return address === undefined ? [] : [{ mac, address, key: `${mac} ${address}` }];
}

/** Half of a packet that is looked at; one that the machine itself sends has no MAC yet. */
export type Side = "saddr" | "own saddr" | "daddr";

export interface RuleInTable {
    readonly table: Table;
    readonly matches: readonly Match[];
}

/** A condition on an address alone, or on a pair of which the other half is a MAC. */
interface Condition {
    readonly match: Match;
    readonly spans?: readonly Span[];
    readonly pairs?: readonly Pair[];
    readonly negated: boolean;
}

const elementsOf = (table: Table, set: string): readonly string[] => {
    const found = table.sets.find((s) => s.name === set);
    if (found === undefined) {
        throw new Error(`the ruleset has no set "${set}" in table ${table.name}`);
    }
    return found.elements;
};

/** What one side of a packet is asked. */
function conditionsOf(side: Side, rules: readonly RuleInTable[]): Condition[] {
    return rules.flatMap(({ table, matches }) =>
        matches.flatMap((match): Condition[] => {
            if (match.on === (side === "daddr" ? "daddr" : "saddr")) {
                const list = "addresses" in match ? match.addresses : elementsOf(table, match.set);
                return [
                    {
                        match,
                        spans: spansOf(list),
                        negated: match.op === "not-in" || match.op === "not-in-set",
                    },
                ];
            }
            return side !== "daddr" && match.on === "source-pair"
                ? [
                      {
                          match,
                          pairs: side === "own saddr" ? [] : elementsOf(table, match.set).flatMap(pairOf),
                          negated: match.op === "not-in-set",
                      },
                  ]
                : [];
        }),
    );
}

export interface Axis {
    readonly size: number;
    /** Classes for which the condition holds. @param port for conditions on an address and a port */
    mask(match: Match, port?: number): Bits | undefined;
    /** A packet's half that stands for the class. */
    sample(n: number): { readonly mac: string; readonly address: string };
    /** The class of an address that was asked for by name, with a MAC that no rule names. */
    classOf(address: string): number;
}

/**
 * @param rules that are left for packets of one kind
 * @param single addresses that are a class of their own each
 * @param ports TCP ports that such a packet may have on its way
 */
export function axisOf(
    side: Side,
    rules: readonly RuleInTable[],
    single: readonly string[],
    ports: readonly number[],
    budget: Budget,
): Axis {
    const conditions = conditionsOf(side, rules);
    const places =
        side !== "daddr"
            ? []
            : rules.flatMap(({ table, matches }) =>
                  matches.flatMap((match) =>
                      match.on !== "tcp-destination"
                          ? []
                          : ports.map((port) => {
                                const set = table.sets.find((s) => s.name === match.set);
                                return {
                                    match,
                                    port,
                                    spans: joined(
                                        (set === undefined ? [] : (portsBySet(set).get(port) ?? [])).map(
                                            bounds,
                                        ),
                                    ),
                                    negated: match.op === "not-in-set",
                                };
                            }),
                  ),
              );
    const own = single.map((address) => [bounds(address)]);
    const spans = [
        ...conditions.flatMap((c) => c.spans ?? []),
        ...places.flatMap((p) => p.spans),
        ...own.flat(),
    ];
    budget.spend(spans.length);
    const starts = Float64Array.from(
        new Set([0, ...spans.flatMap(([first, last]) => (last < 2 ** 32 - 1 ? [first, last + 1] : [first]))]),
    ).sort();
    const pieceOf = (n: number): number => {
        let [low, high] = [0, starts.length - 1];
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            [low, high] = (starts[middle] ?? 0) <= n ? [middle, high] : [low, middle - 1];
        }
        return low;
    };
    const pairs = [...new Map(conditions.flatMap((c) => c.pairs ?? []).map((p) => [p.key, p])).values()];
    const pieces = starts.length;
    const pieceOfPair = pairs.map((pair) => pieceOf(bounds(pair.address)[0]));
    const partition = new Partition(pieces + pairs.length);
    const within = (list: readonly Span[]): number[] => {
        const found: number[] = [];
        const covered = pairs.length === 0 ? undefined : new Set<number>();
        for (const [first, last] of list) {
            for (let piece = pieceOf(first); piece < pieces && (starts[piece] ?? 0) <= last; piece += 1) {
                found.push(piece);
                covered?.add(piece);
            }
        }
        if (covered !== undefined) {
            pieceOfPair.forEach((piece, i) => {
                if (covered.has(piece)) {
                    found.push(pieces + i);
                }
            });
        }
        budget.spend(found.length + pairs.length + 1);
        return found;
    };
    const among = (list: readonly Pair[]): number[] => {
        const wanted = new Set(list.map((pair) => pair.key));
        return pairs.flatMap((pair, i) => (wanted.has(pair.key) ? [pieces + i] : []));
    };
    const members = conditions.map((c) => (c.spans !== undefined ? within(c.spans) : among(c.pairs ?? [])));
    const placed = places.map((p) => within(p.spans));
    [...members, ...placed, ...own.map(within)].forEach((list) => partition.split(list));
    const { of, first } = partition.classes();
    const mask = (list: readonly number[], negated: boolean): Bits => {
        const bits = bitsOf(
            first.length,
            list.map((member) => of[member] ?? 0),
        );
        return negated ? others(bits, first.length) : bits;
    };
    const masks = new Map<Match, Bits>(
        conditions.map((c, i) => [c.match, mask(members[i] ?? [], c.negated)]),
    );
    const byPort = new Map(places.map((p, i) => [p, mask(placed[i] ?? [], p.negated)]));
    const known = pieceOf(WELL_KNOWN);
    return {
        size: first.length,
        mask: (match, port) =>
            match.on === "tcp-destination"
                ? [...byPort].find(([p]) => p.match === match && p.port === port)?.[1]
                : masks.get(match),
        sample: (n) => {
            const member = first[n] ?? 0;
            const pair = pairs[member - pieces];
            return (
                pair ?? {
                    mac: STRANGER,
                    address: dotted(of[known] === n ? WELL_KNOWN : (starts[member] ?? 0)),
                }
            );
        },
        classOf: (address) => of[pieceOf(bounds(address)[0])] ?? 0,
    };
}

/** Classes that hold one of these addresses. */
export function classesOf(axis: Axis, addresses: readonly string[]): Bits {
    const bits = noBits(axis.size);
    addresses.forEach((address) => setBit(bits, axis.classOf(address)));
    return bits;
}
