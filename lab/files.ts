/** Small file helpers. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** Write a file so that readers see the old text or the new one. */
export function writeAtomically(file: string, text: string, mode = 0o644): void {
    const half = `${file}.${process.pid}.tmp`;
    writeFileSync(half, text, { mode });
    renameSync(half, file);
}

/** The last lines of a log for an error message; empty when there is no log. */
export function tail(file: string, lines = 5): string {
    if (!existsSync(file)) {
        return "";
    }
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join(" | ");
}
