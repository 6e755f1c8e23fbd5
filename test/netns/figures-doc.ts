/** The table of docs/confinement.md: written from a run's report, and compared with every run after it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import type { Figures, RuleFigures } from "./figures";

export interface Throughput {
    readonly way: string;
    readonly said: string;
    /** Against a tor that is used directly on the host. Missing: never measured, or by an older benchmark. */
    readonly ratio?: number;
}

/**
 * What a way through the Gateway may cost at most: judged by the benchmark and before its figures are written
 * down, by no test.
 */
export const LEAST_RATIO = 0.9;

/** What is wrong with the measured ways, one line each; nothing measured is wrong as well. */
export const tooSlow = (measured: readonly Throughput[]): string[] => [
    ...(measured.length === 0 ? ["nothing was measured"] : []),
    ...measured.flatMap(({ way, ratio = 0 }) =>
        ratio >= LEAST_RATIO ? [] : [`${way}: ratio ${ratio.toFixed(2)}, wanted at least ${LEAST_RATIO}`],
    ),
];

interface Saved {
    readonly figures?: Figures;
    readonly throughput?: readonly Throughput[];
}

const DOCUMENT = join("docs", "confinement.md");
const [BEGIN, END] = ["<!-- figures: written by test/netns/run --write-docs -->", "<!-- end of figures -->"];
const report = (): string => join(projectRoot(), ".build", "netns-report.json");
const document = (): string => join(projectRoot(), DOCUMENT);

function saved(): Saved {
    try {
        return JSON.parse(readFileSync(report(), "utf8")) as Saved;
    } catch {
        return {}; // no run yet
    }
}

function save(more: Saved): void {
    mkdirSync(join(projectRoot(), ".build"), { recursive: true });
    writeFileSync(report(), `${JSON.stringify({ ...saved(), ...more }, null, 4)}\n`);
}

export const saveFigures = (figures: Figures): void => save({ figures });
export const saveThroughput = (throughput: readonly Throughput[]): void => save({ throughput });

/** What the table says until `test/netns/run --bench` has been run. */
const NOT_MEASURED: readonly Throughput[] = [
    { way: "throughput", said: "not measured: test/netns/run --bench" },
];

const row = (what: string, value: string | number): string => `| ${what} | ${value} |`;
const number = (n: number): string => n.toLocaleString("en-US");

const ruleRows = (role: string, f: RuleFigures): string[] => [
    row(`${role}: rules and drop policies`, f.rules),
    row(`${role}: those with a mutation that a probe notices`, `${f.rulesNoticed} of ${f.rules}`),
    row(
        `${role}: mutations noticed`,
        `${f.mutationsNoticed} of ${f.mutations}; behind each of the other ` +
            `${f.mutations - f.mutationsNoticed} stands another rule`,
    ),
];

/** Rows that are the same in every run of the same code. */
export const fixedRows = (f: Figures): string[] => [
    row("attacks", f.attacks),
    row(
        "attacks whose positive control shows a sign on an open Gateway or Workstation (the " +
            "others are seen by counters)",
        f.positiveControls,
    ),
    row("duties: what must work", f.duties),
    row("captures of the external link", f.captures),
    row("frames on it that are neither ARP nor for a relay", f.framesOutside),
    ...ruleRows("Gateway, default ruleset", f.gateway),
    ...ruleRows("Workstation", f.workstation),
    ...ruleRows("Workstation until its time is set", f.held),
    row(
        "rulesets of other configurations: mutations noticed",
        `${f.otherNoticed} of ${f.otherMutations}; behind each of the other ` +
            `${f.otherMutations - f.otherNoticed} stands another rule`,
    ),
    row(
        `all ${f.covered.rulesets} rulesets: mutations of every rule and condition that were played`,
        `${f.covered.played} of ${f.covered.mutations}`,
    ),
];

/** Rows that differ from run to run. */
const measuredRows = (f: Figures, throughput: readonly Throughput[]): string[] => [
    row("frames that the probes sent (one run)", number(f.framesSent)),
    row("frames on the external link that were judged (one run)", number(f.framesJudged)),
    ...throughput.map((t) => row(t.way, t.said)),
];

/**
 * Put the last runs' figures into the document. @throws Error when there is no report of a whole run, or a
 * way is too slow
 */
export function writeTable(): void {
    const { figures, throughput } = saved();
    if (figures === undefined) {
        throw new Error(`${report()} holds no whole run: test/netns/run`);
    }
    const slow = throughput === undefined ? [] : tooSlow(throughput);
    if (slow.length > 0) {
        throw new Error(`${slow.join("; ")}: not written down. On a quiet machine: test/netns/run --bench`);
    }
    const text = readFileSync(document(), "utf8");
    const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (from < 0 || to < from) {
        throw new Error(`${DOCUMENT} has lost the comments around its table: ${BEGIN} and ${END}`);
    }
    const rows = [
        "| what | figure |",
        "|---|---|",
        ...fixedRows(figures),
        ...measuredRows(figures, throughput ?? NOT_MEASURED),
    ];
    writeFileSync(document(), `${text.slice(0, from)}${BEGIN}\n${rows.join("\n")}\n${text.slice(to)}`);
}

/** Rows of this run that the document does not have. */
export function checkTable(figures: Figures): string[] {
    const lines = new Set(readFileSync(document(), "utf8").split("\n"));
    const missing = fixedRows(figures).filter((line) => !lines.has(line));
    return missing.length === 0 ? [] : [...missing, "bring it up to date with test/netns/run --write-docs"];
}
