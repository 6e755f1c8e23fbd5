/** The demo's result: checks for its exit status, numbers for the table. Pure. */
import type { LeakVerdict } from "../../capture/leak";
import type { Fetched } from "../live/fetch";
import type { DomainMemory } from "../live/memory";
import { type Check, failed, passed, type Report, report } from "../../util/output";

/** A step and how long it took, in seconds. */
export interface Phase {
    readonly name: string;
    readonly seconds: number;
}

export interface DemoResult extends Report {
    readonly phases: readonly Phase[];
    readonly fetched: readonly Fetched[];
    readonly memory: readonly DomainMemory[];
    readonly leaks: LeakVerdict;
    readonly domains: { readonly gateway: string; readonly workstations: readonly string[] };
    readonly uri: string;
}

function fetchCheck(f: Fetched): Check {
    const [id, title] = [`demo.fetch.${f.way.toLowerCase()}`, `Page through ${f.way}`];
    const saw = f.seenFrom
        .map((address, i) => `${address}${f.exits[i] === undefined ? " (no exit)" : ` (${f.exits[i]})`}`)
        .join(", ");
    return f.ok && f.anonymous
        ? passed(id, title, `the web server saw ${saw}`)
        : failed(
              id,
              title,
              `${f.detail || "no output"}; the web server saw ${saw || "no client"}`,
              "bin/sallyport lab status; then look at the consoles",
          );
}

function leakCheck(v: LeakVerdict): Check {
    const [id, title] = ["demo.leaks", "Leaks on the Gateway's external link"];
    const count = `${v.findings.length} of ${v.frames} frames`;
    if (v.ok) {
        return passed(id, title, count);
    }
    const first = v.findings.slice(0, 3).map((f) => `frame ${f.index}: ${f.summary}: ${f.reason}`);
    return failed(
        id,
        title,
        [count, ...v.problems, ...first].join("; "),
        "look at the capture file; do not trust this Gateway",
    );
}

export function demoResult(parts: Omit<DemoResult, keyof Report>): DemoResult {
    return { ...report([...parts.fetched.map(fetchCheck), leakCheck(parts.leaks)]), ...parts };
}

/** Two columns: names padded to the longest. */
function table(rows: readonly (readonly [string, string])[]): string {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
}

/** The closing table. */
export function demoTable(r: DemoResult): string {
    const rows: [string, string][] = [
        ...r.checks.map((check): [string, string] => [
            check.title,
            `${check.status === "pass" ? "" : "FAIL: "}${check.detail}`,
        ]),
        ...r.phases.map((phase): [string, string] => [phase.name, `${phase.seconds.toFixed(1)} s`]),
        ...r.memory.map((m): [string, string] => [
            `Memory of ${m.domain}`,
            `${m.guestMiB} MiB RAM, QEMU ${m.residentMiB} MiB`,
        ]),
    ];
    return table(rows);
}
