/**
 * A ruleset on all destinations at once: for one class of sources, the destinations that no rule has decided
 * yet are a set, and each rule takes its own out of it. What passes is what firewall.ts would let pass, one
 * packet at a time.
 */
import {
    rulesOf,
    type Hook,
    type Match,
    type Ruleset,
    type Table,
    type Verdict,
} from "../cloud-init/nft/model";
import { memoize } from "../util/memoize";
import { axisOf, type Axis } from "./axis";
import { both, either, hasBit, isEmpty, noBits, others, without, type Bits } from "./bits";
import type { Budget } from "./budget";
import { chainsOf, matches } from "./firewall";
import type { Packet } from "./packet";

/** Conditions that the axes answer. */
const ADDRESSED: ReadonlySet<Match["on"]> = new Set<Match["on"]>([
    "saddr",
    "daddr",
    "source-pair",
    "tcp-destination",
]);

interface Step {
    /** Absent: every one. */
    readonly source?: Bits;
    readonly destination?: Bits;
    readonly verdict: Verdict;
}

/** A packet without a port is at none of a set's places. */
const unasked = (axis: Axis, match: Match): Bits =>
    match.on === "tcp-destination" && match.op === "not-in-set"
        ? others(noBits(axis.size), axis.size)
        : noBits(axis.size);

interface Line {
    readonly steps: readonly Step[];
    readonly accepts: boolean;
}

/** Destinations that pass, by the port that a redirect gave them. */
export type Passing = ReadonlyMap<number | undefined, Bits>;

const redirectsOf = memoize((ruleset: Ruleset): readonly number[] =>
    [...rulesOf(ruleset)].flatMap(({ rule: { verdict } }) =>
        verdict.do === "redirect" ? [verdict.port] : [],
    ),
);

/** The rules that packets on one of these ports may meet: of a thousand rules that name a port each, one. */
function onPorts(ruleset: Ruleset, packet: Packet, ports: readonly number[], budget: Budget): Ruleset {
    const tries = ports.map((port) => ({ ...packet, port }));
    return {
        tables: ruleset.tables.map((table) => ({
            ...table,
            chains: table.chains.map((chain) => {
                budget.spend(chain.rules.length);
                return {
                    ...chain,
                    rules: chain.rules.filter((rule) =>
                        rule.matches.every(
                            (match) =>
                                match.on !== "dport" || tries.some((one) => matches(match, one, table)),
                        ),
                    ),
                };
            }),
        })),
    };
}

export class Sweep {
    readonly source: Axis;
    readonly destination: Axis;
    readonly #left: Ruleset;
    readonly #lines = new Map<string, readonly Line[]>();

    /**
     * @param left the rules that are left for such packets (`narrowed`)
     * @param packet one of them; its addresses do not matter, nor its MAC, but that it has none
     * @param own addresses of the machine itself
     * @param named sources that are asked for by name
     */
    constructor(
        left: Ruleset,
        packet: Packet,
        own: readonly string[],
        named: readonly string[],
        private readonly budget: Budget,
    ) {
        const ports = [
            ...new Set([...(packet.port === undefined ? [] : [packet.port]), ...redirectsOf(left)]),
        ];
        this.#left = onPorts(left, packet, ports, budget);
        const rules = this.#left.tables
            .filter((t) => t.family === "inet")
            .flatMap((table) =>
                table.chains.flatMap((c) => c.rules.map((r) => ({ table, matches: r.matches }))),
            );
        this.source = axisOf(
            packet.sourceMac === "" ? "own saddr" : "saddr",
            rules,
            [...own, ...named],
            ports,
            budget,
        );
        this.destination = axisOf("daddr", rules, own, ports, budget);
    }

    all(): Bits {
        return others(noBits(this.destination.size), this.destination.size);
    }

    #linesOf(hook: Hook, packet: Packet): readonly Line[] {
        const key = `${hook} ${packet.port} ${packet.redirected} ${packet.oif}`;
        const before = this.#lines.get(key);
        if (before !== undefined) {
            return before;
        }
        const lines = (chainsOf(this.#left).get(hook) ?? []).map(({ table, chain }): Line => {
            this.budget.spend(chain.rules.length);
            return {
                accepts: chain.policy === "accept",
                steps: chain.rules.flatMap((rule) => this.#step(rule.matches, rule.verdict, packet, table)),
            };
        });
        this.#lines.set(key, lines);
        return lines;
    }

    #step(conditions: readonly Match[], verdict: Verdict, packet: Packet, table: Table): Step[] {
        if (
            verdict.do === "log" ||
            !conditions.every((match) => ADDRESSED.has(match.on) || matches(match, packet, table))
        ) {
            return [];
        }
        if (packet.protocol !== "tcp" && conditions.some((match) => match.on === "tcp-destination")) {
            return [];
        }
        const join = (axis: Axis, ...on: readonly Match["on"][]): Bits | undefined =>
            conditions
                .filter((match) => on.includes(match.on))
                .map((match) => axis.mask(match, packet.port) ?? unasked(axis, match))
                .reduce<Bits | undefined>(
                    (found, mask) => (found === undefined ? mask : both(found, mask)),
                    undefined,
                );
        const [source, destination] = [
            join(this.source, "saddr", "source-pair"),
            join(this.destination, "daddr", "tcp-destination"),
        ];
        return [
            {
                verdict,
                ...(source === undefined ? {} : { source }),
                ...(destination === undefined ? {} : { destination }),
            },
        ];
    }

    /**
     * What passes a hook of packets from one class of sources to these destinations.
     * @param packet with the port, the interfaces and the mark of a redirect that they have here
     */
    passing(hook: Hook, packet: Packet, source: number, destinations: Bits): Passing {
        let states = new Map<number | undefined, Bits>([[undefined, destinations]]);
        for (let chain = 0; ; chain += 1) {
            const next = new Map<number | undefined, Bits>();
            const add = (port: number | undefined, bits: Bits): void => {
                next.set(port, either(next.get(port) ?? noBits(this.destination.size), bits));
            };
            let ended = true;
            for (const [port, alive] of states) {
                const line = this.#linesOf(
                    hook,
                    port === undefined ? packet : { ...packet, port, redirected: true },
                )[chain];
                if (line === undefined) {
                    add(port, alive);
                } else {
                    ended = false;
                    this.#run(line, source, port, alive, add);
                }
            }
            states = new Map([...next].filter(([, bits]) => !isEmpty(bits)));
            if (ended) {
                return states;
            }
        }
    }

    #run(
        line: Line,
        source: number,
        port: number | undefined,
        alive: Bits,
        add: (port: number | undefined, bits: Bits) => void,
    ): void {
        let rest = alive;
        this.budget.spend(line.steps.length + 1);
        for (const { source: from, destination: to, verdict } of line.steps) {
            if (from !== undefined && !hasBit(from, source)) {
                continue;
            }
            this.budget.spend(rest.length);
            if (verdict.do === "accept" || verdict.do === "redirect") {
                add(
                    verdict.do === "redirect" ? verdict.port : port,
                    to === undefined ? rest : both(rest, to),
                );
            }
            if (to === undefined) {
                return;
            }
            rest = without(rest, to);
            if (isEmpty(rest)) {
                return;
            }
        }
        if (line.accepts) {
            add(port, rest);
        }
    }
}
