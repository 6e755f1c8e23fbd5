/**
 * Which mutation of which ruleset a probe has noticed: every rule and every condition of every ruleset must
 * be accounted for. Pure.
 */
import type { Mutation } from "./mutations";

export type Outcome = "noticed" | "behind another rule";

interface Played {
    readonly outcome: Outcome;
    readonly ruleset: string;
}

const key = ({ id, of }: Mutation): string => `${id} of ${of}`;

export class Coverage {
    private readonly declared = new Map<string, readonly Mutation[]>();
    private readonly played = new Map<string, Played[]>();

    /** A ruleset that is loaded somewhere in the tier, with all of its mutations. */
    declare(ruleset: string, mutations: readonly Mutation[]): void {
        this.declared.set(ruleset, mutations);
    }

    /** What became of a mutation in that ruleset. */
    note(ruleset: string, mutation: Mutation, outcome: Outcome): void {
        this.played.set(key(mutation), [...(this.played.get(key(mutation)) ?? []), { ruleset, outcome }]);
    }

    /**
     * Mutations of all rulesets, and those that were not played: neither in their own ruleset nor, of the
     * very same rule, in another.
     */
    all(): {
        readonly rulesets: readonly string[];
        readonly mutations: number;
        readonly played: number;
        readonly missing: readonly string[];
    } {
        const everything = [...this.declared].flatMap(([ruleset, mutations]) =>
            mutations.map((m) => ({ ruleset, m })),
        );
        const missing = everything
            .filter(({ m }) => (this.played.get(key(m)) ?? []).length === 0)
            .map(({ ruleset, m }) => `${ruleset}: ${m.id}`);
        return {
            rulesets: [...this.declared.keys()],
            mutations: everything.length,
            played: everything.length - missing.length,
            missing,
        };
    }
}

/** Rulesets of the tier, by what a configuration can choose; each must have been declared by the end. */
export const RULESETS = Object.freeze([
    "gateway",
    "SocksPorts only",
    "relay set",
    "plain bridge",
    "obfs4 bridge",
    "SOCKS5 proxy",
    "HTTPS proxy",
    "proxy in a LAN",
    "tunnel",
    "control port",
    "control port, SocksPorts only",
    "workstation",
    "workstation with the control port",
    "workstation, SocksPorts only",
    "held",
] as const);

export type RulesetName = (typeof RULESETS)[number];
