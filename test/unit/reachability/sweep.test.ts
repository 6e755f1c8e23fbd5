/** What is worked out for all addresses at once is what single packets get, one after the other. */
import fc from "fast-check";
import type { Chain, Match, Rule, Ruleset, Verdict } from "../../../cloud-init/nft/model";
import { shapesOf } from "../../../reachability/atoms";
import { narrowed, through } from "../../../reachability/firewall";
import { transferOf, type Flow, type Interface } from "../../../reachability/gateway";
import { CLASSES, type Packet } from "../../../reachability/packet";
import { TooMuch } from "../../../reachability/budget";

const NICS: readonly Interface[] = [
    { name: "ext0", addresses: ["10.0.0.1"] },
    { name: "int0", addresses: ["10.0.0.2"] },
];
const ADDRESSES = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "8.8.8.8"];
const RANGES = [...ADDRESSES, "10.0.0.0/30", "10.0.0.2-10.0.0.4", "0.0.0.0/0"];
/** What packets have: also an address that no rule names. */
const TRIED = [...ADDRESSES, "9.9.9.9"];
const MACS = ["02:00:00:00:00:01", "52:54:00:00:00:01", "52:54:00:00:00:02"];
const USERS = [undefined, "root", "user"];

const address = fc.constantFrom(...RANGES);
const list = fc.array(address, { minLength: 1, maxLength: 3 });
const match: fc.Arbitrary<Match> = fc.oneof(
    fc.record({ on: fc.constantFrom("iif" as const, "oif" as const), name: fc.constantFrom("ext0", "int0") }),
    fc.record({
        on: fc.constantFrom("saddr" as const, "daddr" as const),
        op: fc.constantFrom("in" as const, "not-in" as const),
        addresses: list,
    }),
    fc.record({
        on: fc.constant("source-pair" as const),
        op: fc.constantFrom("in-set" as const, "not-in-set" as const),
        set: fc.constant("pairs"),
    }),
    fc.record({
        on: fc.constant("tcp-destination" as const),
        op: fc.constantFrom("in-set" as const, "not-in-set" as const),
        set: fc.constant("places"),
    }),
    fc.record({
        on: fc.constant("dport" as const),
        protocol: fc.constantFrom("tcp" as const, "udp" as const),
        ports: fc.array(fc.constantFrom(53, 443, 9040, 9041), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ on: fc.constantFrom("ct-dnat" as const, "tcp-syn" as const, "fragment" as const) }),
    fc.record({ on: fc.constant("skuid" as const), user: fc.constantFrom("root", "user") }),
);
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("accept" as const, "drop" as const) }) },
    {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("redirect" as const), port: fc.constantFrom(9040, 9041) }),
    },
);
const rule: fc.Arbitrary<Rule> = fc.record({
    id: fc.constant(""),
    why: fc.constant(""),
    matches: fc.array(match, { maxLength: 3 }),
    verdict,
});
const chain = (hook: Chain["hook"], priority: number): fc.Arbitrary<Chain> =>
    fc.record({
        name: fc.constant(`${hook}${priority < 0 ? "_early" : ""}`),
        type: fc.constant("filter" as const),
        hook: fc.constant(hook),
        priority: fc.constant(priority),
        policy: fc.constantFrom("accept" as const, "drop" as const),
        rules: fc.array(rule, { maxLength: 5 }),
    });
const ruleset: fc.Arbitrary<Ruleset> = fc
    .record({
        pairs: fc.array(fc.tuple(fc.constantFrom(...MACS.slice(1)), fc.constantFrom(...ADDRESSES)), {
            maxLength: 3,
        }),
        places: fc.array(fc.tuple(fc.constantFrom(...ADDRESSES), fc.constantFrom(443, 9040)), {
            maxLength: 3,
        }),
        chains: fc.tuple(
            chain("prerouting", -10),
            chain("prerouting", 0),
            chain("input", 0),
            chain("forward", 0),
            chain("output", 0),
        ),
    })
    .map(({ pairs, places, chains }) => ({
        tables: [
            {
                family: "inet" as const,
                name: "t",
                chains,
                sets: [
                    {
                        name: "pairs",
                        type: "ether_addr . ipv4_addr" as const,
                        elements: pairs.map((p) => p.join(" . ")),
                        why: "",
                    },
                    {
                        name: "places",
                        type: "ipv4_addr . inet_service" as const,
                        elements: places.map((p) => p.join(" . ")),
                        why: "",
                    },
                ],
            },
        ],
    }));

/** The same by trying every packet that these few addresses, MACs and ports can make. */
function tried(rules: Ruleset): Record<string, readonly string[]> {
    const found = new Map<string, Set<string>>();
    const add = (key: string, packet: Packet): void => {
        found.set(key, (found.get(key) ?? new Set()).add(packet.class));
    };
    const own = NICS.flatMap((nic) => nic.addresses);
    const shapes = shapesOf(rules).filter((shape) => shape.family === "ipv4");
    for (const nic of NICS) {
        for (const shape of shapes) {
            for (const sourceMac of MACS) {
                for (const source of TRIED) {
                    for (const destination of TRIED) {
                        const packet: Packet = {
                            ...shape,
                            sourceMac,
                            source,
                            destination,
                            redirected: false,
                        };
                        const early = through(rules, "prerouting", { ...packet, iif: nic.name });
                        const seen: Packet = {
                            ...packet,
                            iif: nic.name,
                            ...(early.redirectedTo === undefined
                                ? {}
                                : {
                                      port: early.redirectedTo,
                                      redirected: true,
                                      destination: nic.addresses[0] ?? "",
                                  }),
                        };
                        if (
                            early.passes &&
                            own.includes(seen.destination) &&
                            through(rules, "input", seen).passes
                        ) {
                            add(`in ${nic.name}`, packet);
                        }
                        for (const out of early.passes && !own.includes(seen.destination) ? NICS : []) {
                            if (through(rules, "forward", { ...seen, oif: out.name }).passes) {
                                add(`forward ${nic.name} > ${out.name}`, packet);
                            }
                        }
                        for (const user of USERS) {
                            if (
                                through(rules, "output", {
                                    ...packet,
                                    sourceMac: "",
                                    oif: nic.name,
                                    ...(user === undefined ? {} : { user }),
                                }).passes
                            ) {
                                add(`out ${nic.name}`, packet);
                            }
                        }
                    }
                }
            }
        }
    }
    return Object.fromEntries(
        [...found].map(([key, classes]) => [key, CLASSES.filter((name) => classes.has(name))]),
    );
}

function swept(rules: Ruleset): Record<string, readonly string[]> {
    const { forwarded, delivered, emitted } = transferOf(rules, NICS, []);
    const named = (what: string, map: ReadonlyMap<string, Flow>): [string, Flow][] =>
        [...map].map(([key, flow]) => [`${what} ${key}`, flow]);
    const flows = [...named("in", delivered), ...named("forward", forwarded), ...named("out", emitted)];
    return Object.fromEntries(
        flows
            .map(([key, { classes }]) => [
                key,
                CLASSES.filter((name, i) => name !== "IPv6" && (classes & (1 << i)) !== 0),
            ])
            .filter(([, names]) => names?.length !== 0),
    );
}

test("random rulesets", () => {
    fc.assert(
        fc.property(ruleset, (rules) => {
            expect(swept(rules)).toEqual(tried(rules));
        }),
        { numRuns: 25 },
    );
});

test("rules that are left for a kind of packet decide as all of them do", () => {
    fc.assert(
        fc.property(ruleset, fc.nat(), (rules, n) => {
            const shapes = shapesOf(rules);
            const packet: Packet = {
                ...(shapes[n % shapes.length] ?? shapes[0]),
                iif: "int0",
                sourceMac: MACS[1] ?? "",
                source: "10.0.0.3",
                destination: "10.0.0.1",
                redirected: false,
            } as Packet;
            expect(through(narrowed(rules, packet), "prerouting", packet).passes).toBe(
                through(rules, "prerouting", packet).passes,
            );
        }),
        { numRuns: 100 },
    );
});

test("four hundred rules of distinct addresses take few steps, and too many are not worked out", () => {
    const rules = (n: number): Ruleset => ({
        tables: [
            {
                family: "inet",
                name: "t",
                sets: [],
                chains: [
                    {
                        name: "forward",
                        type: "filter",
                        hook: "forward",
                        priority: 0,
                        policy: "drop",
                        rules: Array.from({ length: n }, (_, i) => ({
                            id: "",
                            why: "",
                            verdict: { do: "drop" as const },
                            matches: [
                                {
                                    on: "saddr" as const,
                                    op: "in" as const,
                                    addresses: [`10.1.${i >> 7}.${i & 127}`],
                                },
                                {
                                    on: "daddr" as const,
                                    op: "in" as const,
                                    addresses: [`10.2.${i >> 7}.${i & 127}`],
                                },
                            ],
                        })),
                    },
                ],
            },
        ],
    });
    expect(transferOf(rules(400), NICS, [], [], 30_000_000).forwarded.size).toBe(0);
    expect(() => transferOf(rules(400), NICS, [], [], 100_000)).toThrow(TooMuch);
});

test("a list of tens of thousands of ports is one kind of port", () => {
    const ports = Array.from({ length: 60_000 }, (_, i) => i + 1000);
    expect(
        shapesOf({
            tables: [
                {
                    family: "inet",
                    name: "t",
                    sets: [],
                    chains: [
                        {
                            name: "input",
                            type: "filter",
                            hook: "input",
                            priority: 0,
                            policy: "drop",
                            rules: [
                                {
                                    id: "",
                                    why: "",
                                    matches: [{ on: "dport", protocol: "tcp", ports }],
                                    verdict: { do: "accept" },
                                },
                            ],
                        },
                    ],
                },
            ],
        }).length,
    ).toBeLessThan(30);
});
