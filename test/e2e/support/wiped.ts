/**
 * Reads in the engine's own events whether volumes were overwritten before they went. That their guest has
 * gone by then is the verb's to see.
 */
import assert from "../../support/assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackSettings } from "../../../cli/live/lab-stack-config";
import { work } from "./world";

interface Event {
    readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
    readonly diagnosticEvent?: { readonly urn?: string; readonly message: string };
}

/** The same settings with wiping, which is off by default. */
export const wiped = (settings: StackSettings): StackSettings => ({
    ...settings,
    storage: { ...(settings["storage"] as object), wipe: true },
});

/** What makes Pulumi write its events into a file of this name, as arguments and environment. */
export const recorded = (
    name: string,
): { readonly args: string[]; readonly env: Record<string, string> } => ({
    args: ["--event-log", join(work, name)],
    env: { PULUMI_DEBUG_COMMANDS: "true" },
});

/** Events of the files in turn: of one run, or of runs that went on with one another's work. */
function eventsOf(names: readonly string[]): Event[] {
    return (
        names
            .map((name) => join(work, name))
            .filter((file) => existsSync(file))
            .flatMap((file) => readFileSync(file, "utf8").split("\n"))
            // A run that was killed may have left half a line.
            .flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as Event] : []))
    );
}

/** Volumes, by their resources' names, were wiped in time. */
export function wipedInTime(files: readonly string[], volumes: readonly string[]): void {
    const events = eventsOf(files);
    assert.ok(events.length > 0, `no events in ${files.join(", ")}`);
    const of = (urn: string | undefined, name: string): boolean => urn?.endsWith(`::${name}`) === true;
    const at = (what: string, found: (event: Event) => boolean): number => {
        const index = events.findIndex(found);
        assert.ok(index >= 0, `never happened: ${what}`);
        return index;
    };
    for (const name of volumes) {
        const overwritten = at(
            `${name} is overwritten`,
            (e) =>
                of(e.diagnosticEvent?.urn, `${name}-wipe`) &&
                /volume \S+: overwritten, \d+\.\d MiB; not reached by that: /.test(
                    e.diagnosticEvent?.message ?? "",
                ),
        );
        const removed = at(
            `${name} is being removed`,
            ({ resourcePreEvent: e }) => /^delete/.test(e?.metadata.op ?? "") && of(e?.metadata.urn, name),
        );
        assert.ok(overwritten < removed, `${name} is overwritten at ${overwritten}, removed at ${removed}`);
    }
}
