/** A search path on which one program is missing. */
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { work } from "./world";

/** PATH of a folder with links to every program of ours but these. */
export function pathWithout(...programs: string[]): string {
    const folder = join(work, `path-without-${programs[0] ?? ""}`);
    mkdirSync(folder);
    const taken = new Set(programs);
    for (const part of (process.env["PATH"] ?? "").split(delimiter)) {
        let names: string[];
        try {
            names = readdirSync(part);
        } catch {
            continue; // PATH may name folders that are not there
        }
        for (const name of names.filter((n) => !taken.has(n))) {
            taken.add(name);
            symlinkSync(join(part, name), join(folder, name));
        }
    }
    return folder;
}
