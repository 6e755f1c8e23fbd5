import * as fc from "fast-check";
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import {
    countersOf,
    rulesOf,
    type Chain,
    type Match,
    type Rule,
    type Ruleset,
} from "../../../cloud-init/nft/model";
import { renderMatch, renderRuleset } from "../../../cloud-init/nft/render";
import { workstationRuleset } from "../../../cloud-init/nft/workstation";
import { gatewayListeners } from "../../../cloud-init/torrc/gateway";
import { SOCKS_PORTS } from "../../../values/ports";
import { anyEnclave, enclaveOf } from "./plans";

const chains = (ruleset: Ruleset, hook: string, family = "inet"): Chain[] =>
    ruleset.tables
        .filter((t) => t.family === family)
        .flatMap((t) => t.chains.filter((c) => c.hook === hook && c.type === "filter"));
const accepting = (chain: Chain): Rule[] => chain.rules.filter((r) => r.verdict.do === "accept");
const portsIn = (rules: readonly Rule[], protocol: "tcp" | "udp"): number[] =>
    rules
        .flatMap((r) =>
            r.matches.flatMap((x) => (x.on === "dport" && x.protocol === protocol ? x.ports : [])),
        )
        .sort((a, b) => a - b);
const has = (rule: Rule, wanted: Partial<Match>): boolean =>
    rule.matches.some((x) =>
        Object.entries(wanted).every(([key, value]) => (x as Record<string, unknown>)[key] === value),
    );
const notEmpty = <T>(items: readonly T[]): readonly T[] => {
    expect(items).not.toHaveLength(0);
    return items;
};

describe("every Gateway's ruleset", () => {
    it("forwards nothing", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const chain of notEmpty(chains(gatewayRuleset(enclave), "forward"))) {
                    expect(chain.policy).toBe("drop");
                    expect(accepting(chain)).toEqual([]);
                }
            }),
        );
    });

    it("drops by policy on input, forward and output", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const hook of ["input", "forward", "output"]) {
                    const atFilter = chains(gatewayRuleset(enclave), hook).filter((c) => c.priority === 0);
                    expect(atFilter.map((c) => c.policy)).toEqual(["drop"]);
                }
            }),
        );
    });

    it("lets in exactly tor's listeners, and redirects to no other", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const ruleset = gatewayRuleset(enclave);
                const fresh = chains(ruleset, "input")
                    .flatMap(accepting)
                    .filter((r) => has(r, { on: "ct-state", state: "new" }));
                const listeners = gatewayListeners(enclave);
                const ports = (udp: boolean): number[] =>
                    listeners
                        .filter((l) => (l.kind === "DNSPort") === udp)
                        .map((l) => l.port)
                        .sort((a, b) => a - b);
                expect(portsIn(fresh, "tcp")).toEqual(ports(false));
                expect(portsIn(fresh, "udp")).toEqual(ports(true));
                for (const rule of notEmpty(fresh)) {
                    expect(rule.matches).toContainEqual({ on: "iif", name: "int0" });
                    expect(rule.matches).toContainEqual({
                        on: "daddr",
                        op: "in",
                        addresses: [enclave.gateway.inner.address],
                    });
                }
                const targets = [...rulesOf(ruleset)].flatMap(({ rule }) =>
                    rule.verdict.do === "redirect" ? [rule.verdict.port] : [],
                );
                expect(targets.sort()).toEqual(
                    listeners
                        .filter((l) => l.kind !== "SocksPort")
                        .map((l) => l.port)
                        .sort(),
                );
            }),
        );
    });

    it("opens new connections outside for tor's user alone, with TCP, after LANs are dropped", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const [chain] = chains(gatewayRuleset(enclave), "output").filter((c) => c.priority === 0);
                const rules = chain?.rules ?? [];
                const fresh = rules.filter(
                    (r) => r.verdict.do === "accept" && !has(r, { on: "ct-state", state: "established" }),
                );
                expect(fresh.map((r) => r.id)).toEqual(["output-tor"]);
                const [tor] = fresh;
                expect(tor?.matches).toContainEqual({ on: "skuid", user: "debian-tor" });
                expect(tor?.matches).toContainEqual({ on: "oif", name: "ext0" });
                expect(tor?.matches).toContainEqual({ on: "tcp-syn" });
                expect(rules.findIndex((r) => r.id === "output-lan")).toBeLessThan(
                    rules.findIndex((r) => r.id === "output-tor"),
                );
            }),
        );
    });

    it("accepts no related packet but the ICMP of path MTU discovery", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const related = [...rulesOf(gatewayRuleset(enclave))]
                    .map(({ rule }) => rule)
                    .filter((r) => has(r, { on: "ct-state", state: "related" }));
                expect(related.map((r) => has(r, { on: "icmp-frag-needed" }))).toEqual([true]);
            }),
        );
    });

    it("counts every drop under a name", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const { rule } of rulesOf(gatewayRuleset(enclave))) {
                    expect([rule.id, rule.counter !== undefined]).toEqual([
                        rule.id,
                        rule.verdict.do === "drop",
                    ]);
                }
            }),
        );
    });

    it("lets no guest speak under another's address: pairs of MAC and address, every Workstation's among them", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                for (const table of gatewayRuleset(enclave).tables) {
                    const pairs = table.sets.find((s) => s.name === "workstations")?.elements ?? [];
                    expect(pairs).toEqual(
                        expect.arrayContaining(
                            enclave.workstations.map((w) => `${w.nic.mac} . ${w.nic.address}`),
                        ),
                    );
                    expect(new Set(pairs.map((pair) => pair.split(" . ")[0])).size).toBe(pairs.length);
                    expect(new Set(pairs.map((pair) => pair.split(" . ")[1])).size).toBe(pairs.length);
                    expect(pairs.join()).not.toContain(`. ${enclave.gateway.inner.address},`);
                }
            }),
        );
    });

    it("is the same with any guest behind it, so a Workstation more leaves the Gateway and its guards alone", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const uncontrolled = enclave.workstations.map((w) => ({ ...w, control: false }));
                expect(gatewayRuleset({ ...enclave, workstations: uncontrolled })).toEqual(
                    gatewayRuleset({ ...enclave, workstations: [] }),
                );
            }),
        );
    });

    it("takes SocksPorts out of the catch-all before it", () => {
        const redirects = gatewayRuleset(enclaveOf()).tables[0]?.chains.find((c) => c.type === "nat");
        expect(redirects?.rules.map((r) => r.id)).toEqual([
            "redirect-not-socks",
            "redirect-dns",
            "redirect-tcp",
        ]);
        expect(portsIn(redirects?.rules.slice(0, 1) ?? [], "tcp")).toEqual(SOCKS_PORTS.map((p) => p.port));
    });

    it("has no redirect and no hole for one without a transparent proxy", () => {
        const ruleset = gatewayRuleset(enclaveOf({ transparentProxy: false }));
        const all = [...rulesOf(ruleset)].map(({ rule }) => rule);
        expect(all.filter((r) => r.verdict.do === "redirect" || has(r, { on: "ct-dnat" }))).toEqual([]);
        expect(ruleset.tables.flatMap((t) => t.chains.filter((c) => c.type === "nat"))).toEqual([]);
    });
});

describe("every Workstation's ruleset", () => {
    it("lets nothing in but answers and forwards nothing", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                const ruleset = workstationRuleset(enclave);
                for (const rule of notEmpty(chains(ruleset, "input").flatMap(accepting))) {
                    expect(
                        has(rule, { on: "iif", name: "lo" }) ||
                            has(rule, { on: "ct-state", state: "established" }),
                    ).toBe(true);
                }
                expect(chains(ruleset, "forward").flatMap(accepting)).toEqual([]);
            }),
        );
    });

    it("without a transparent proxy reaches SocksPorts and nothing else", () => {
        const rules = chains(workstationRuleset(enclaveOf({ transparentProxy: false })), "output").flatMap(
            accepting,
        );
        expect(rules.map((r) => r.id)).toEqual(["ws-output-lo", "ws-output-established", "ws-output-socks"]);
    });

    it("tells nothing of the outside", () => {
        fc.assert(
            fc.property(anyEnclave, (enclave) => {
                expect(renderRuleset(workstationRuleset(enclave))).not.toContain(
                    enclave.gateway.outer.address,
                );
            }),
        );
    });
});

describe("rendering", () => {
    it("replaces all rules in one transaction and declares every counter", () => {
        const ruleset = gatewayRuleset(enclaveOf());
        const text = renderRuleset(ruleset);
        expect(text.split("\n").filter((l) => !l.startsWith("#"))[0]).toBe("flush ruleset");
        for (const table of ruleset.tables) {
            for (const counter of notEmpty(countersOf(table))) {
                expect(text).toContain(`counter ${counter} { }`);
            }
        }
    });

    it("refuses names, addresses and ports that could change the meaning of the file", () => {
        const bad: Match[] = [
            { on: "iif", name: 'ext0" accept' },
            { on: "saddr", op: "in", addresses: ["10.0.0.1 accept; drop"] },
            { on: "saddr", op: "in", addresses: [] },
            { on: "dport", protocol: "tcp", ports: [0] },
            { on: "dport", protocol: "tcp", ports: [65536] },
            { on: "dport", protocol: "udp", ports: [1.5] },
            { on: "skuid", user: "tor\naccept" },
        ];
        for (const match of bad) {
            expect(() => renderMatch(match)).toThrow();
        }
    });

    it("refuses a comment with a line break and an id that occurs twice", () => {
        const rule: Rule = { id: "a", why: "b", matches: [], verdict: { do: "drop" } };
        const of = (...rules: Rule[]): Ruleset => ({
            tables: [
                {
                    family: "inet",
                    name: "t",
                    sets: [],
                    chains: [
                        { name: "c", type: "filter", hook: "input", priority: 0, policy: "drop", rules },
                    ],
                },
            ],
        });
        expect(() => renderRuleset(of({ ...rule, why: "b\naccept" }))).toThrow(/comment/);
        expect(() => renderRuleset(of(rule, rule))).toThrow(/"a"/);
        expect(renderRuleset(of(rule))).toContain("# a: b");
    });
});
