/** What a run of the tier counted, for the table in docs/confinement.md. */
import type { LeakVerdict } from "../../capture/leak";
import type { PhaseFigures } from "./phases";

export interface RuleFigures {
    /** Rules and drop policies. */
    readonly rules: number;
    /** Those with a mutation that some probe notices. */
    readonly rulesNoticed: number;
    readonly mutations: number;
    /**
     * Mutations that a probe notices; behind each of the others stands another rule, named in redundant.ts.
     */
    readonly mutationsNoticed: number;
}

export interface CoverFigures {
    readonly rulesets: number;
    /** Of all rulesets. */
    readonly mutations: number;
    /** Those that were played, in their own ruleset or, of the very same rule, in another. */
    readonly played: number;
}

export interface Figures {
    readonly attacks: number;
    readonly duties: number;
    readonly positiveControls: number;
    readonly gateway: RuleFigures;
    readonly workstation: RuleFigures;
    /** A Workstation's other rules, until its time is set (strict mode). */
    readonly held: RuleFigures;
    /**
     * Mutations that were played in rulesets of other configurations, and those that a probe noticed;
     * redundant.ts names the others.
     */
    readonly otherMutations: number;
    readonly otherNoticed: number;
    readonly covered: CoverFigures;
    /** Frames that the probes put on the wire, in all phases. */
    readonly framesSent: number;
    /** Frames on the external link that were judged, and those that were neither ARP nor for a relay. */
    readonly framesJudged: number;
    readonly framesOutside: number;
    readonly captures: number;
}

const NO_RULES: RuleFigures = { rules: 0, rulesNoticed: 0, mutations: 0, mutationsNoticed: 0 };

export class FigureBook {
    private sums = {
        framesSent: 0,
        framesJudged: 0,
        framesOutside: 0,
        captures: 0,
        otherMutations: 0,
        otherNoticed: 0,
    };
    private counts = { attacks: 0, duties: 0, positiveControls: 0 };
    private cover: CoverFigures = { rulesets: 0, mutations: 0, played: 0 };
    private tables = { gateway: NO_RULES, workstation: NO_RULES, held: NO_RULES };

    /** A phase's own figures: frames add up, the probes are the same in every phase. */
    probes({ framesSent, ...counts }: PhaseFigures): void {
        this.sums.framesSent += framesSent;
        this.counts = counts;
    }

    capture(verdict: LeakVerdict): void {
        this.sums.framesJudged += verdict.frames;
        this.sums.framesOutside += verdict.findings.length;
        this.sums.captures += 1;
    }

    /** Mutations of a ruleset other than the default's. */
    way(mutations: number, noticed: number): void {
        this.sums.otherMutations += mutations;
        this.sums.otherNoticed += noticed;
    }

    covered(figures: CoverFigures): void {
        this.cover = figures;
    }

    rules(role: keyof FigureBook["tables"], figures: RuleFigures): void {
        this.tables[role] = figures;
    }

    all(): Figures {
        return { ...this.counts, ...this.sums, ...this.tables, covered: this.cover };
    }
}
