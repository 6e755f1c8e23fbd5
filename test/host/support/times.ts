/** Seconds that commands took, for docs/remote-hosts.md: one line each in .lab/host/times. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "./place";

export function record(variant: string, named: string, seconds: number): void {
    appendFileSync(join(place.dir, "times"), `${variant}\t${named}\t${seconds.toFixed(1)}\n`);
}
