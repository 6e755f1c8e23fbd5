/**
 * Large stacks of strangers: a Gateway whose ruleset has 100 to 1,600 rules of distinct addresses, and 300 to
 * 3,000 guests. Wanted: 400 rules in at most 5 s, 3,000 guests in at most 20 s, whole `sallyport plan`s. Run:
 * test/bench/run strangers
 */
import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import type { Export } from "../support/stacks";
import { strangersGateway, strangersGuests } from "../support/strangers";

async function planned(what: string, exported: Export): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const file = join(folder, "export.json");
    writeFileSync(file, JSON.stringify(exported));
    const start = performance.now();
    const { stdout, exitCode } = await execa(join(projectRoot(), "bin/sallyport"), ["plan", "--file", file], {
        reject: false,
    });
    process.stdout.write(
        `${what}: ${((performance.now() - start) / 1000).toFixed(1)} s, status ${exitCode}; ` +
            `${stdout.split("\n").at(-1)}\n`,
    );
    rmSync(folder, { recursive: true });
}

async function main(): Promise<void> {
    for (const rules of [100, 400, 1600]) {
        await planned(`a Gateway with ${rules} rules of distinct addresses`, strangersGateway(rules));
    }
    for (const guests of [300, 1000, 3000]) {
        await planned(`${guests} foreign guests`, strangersGuests(guests));
    }
}

void main();
