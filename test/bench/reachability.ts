/**
 * How long the proof takes, and how it grows: 100 to 10,000 domains, medians, and the exponent of the growth.
 * Wanted: at most 20 ms for 1,000 domains, and near-linear growth. CPU time is beside it for machines that do
 * more at once. The proof's time holds the separate checker's, which is shown apart as well. Last, whole
 * plans of large exports. Run: test/bench/run proof
 */
import { execa } from "execa";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import { modelOfExport } from "../../model/adapters";
import { checkCertificate } from "../../reachability/check-certificate";
import type { Model } from "../../model";
import { prove } from "../../reachability";
import { exportText, largeStacks } from "../support/stacks";

const RUNS = 11;
const median = (times: readonly number[]): number =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** One parsed stack, copied with other ids: parsing seeds is the adapters' time, not the proof's. */
function modelOf(domains: number): Model {
    const parts = largeStacks(domains).map((resources) => modelOfExport(exportText(resources), "bench"));
    const [first] = parts;
    if (first === undefined) {
        throw new Error("no domains");
    }
    const all = <T>(of: (model: Model) => readonly T[]): readonly T[] => parts.flatMap(of);
    return {
        ...first,
        hosts: all((m) => m.hosts),
        networks: all((m) => m.networks),
        actuators: all((m) => m.actuators),
        domains: all((m) => m.domains).slice(0, domains),
    };
}

function measure(domains: number): number {
    const model = modelOf(domains);
    // The seeds are parsed at the first question.
    model.domains.forEach(
        (d) =>
            d.seeds.kind === "known" &&
            d.seeds.value.forEach((s) => [s.content.network, s.content.ruleset, s.content.torrc]),
    );
    const times: number[] = [];
    const cpu: number[] = [];
    let verdict = "";
    for (let run = 0; run < RUNS; run += 1) {
        const [start, before] = [performance.now(), process.cpuUsage()];
        const proof = prove(model);
        times.push(performance.now() - start);
        const used = process.cpuUsage(before);
        cpu.push((used.user + used.system) / 1000);
        verdict = proof.verdict;
        if (run === 0) {
            const begun = performance.now();
            const wrong = checkCertificate(proof.certificate);
            process.stdout.write(
                `${String(domains).padStart(6)} domains: first ${times[0]?.toFixed(1)} ms, ` +
                    `check ${(performance.now() - begun).toFixed(1)} ms, ${wrong.length} objections; `,
            );
        }
    }
    process.stdout.write(
        `median of ${RUNS} ${median(times).toFixed(1)} ms (${Math.min(...times).toFixed(1)} to ` +
            `${Math.max(...times).toFixed(1)}), CPU ${median(cpu).toFixed(1)} ms, ${verdict}\n`,
    );
    return median(times);
}

/** A whole `sallyport plan`, every rule and the proof, of an export that is this large. */
async function large(domains: number): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const file = join(folder, "export.json");
    writeFileSync(file, exportText(...largeStacks(domains)));
    const seconds: number[] = [];
    for (let run = 0; run < 3; run += 1) {
        const start = performance.now();
        const { stdout } = await execa(join(projectRoot(), "bin/sallyport"), ["plan", "--file", file], {
            reject: false,
        });
        seconds.push((performance.now() - start) / 1000);
        if (!stdout.includes(`: ${domains} domains, `)) {
            throw new Error(`plan did not answer: ${stdout.slice(0, 200)}`);
        }
    }
    process.stdout.write(
        `plan of an export of ${domains} domains, ${Math.round(statSync(file).size / 2 ** 20)} ` +
            `MiB: median of ${seconds.length} ${median(seconds).toFixed(1)} s\n`,
    );
    rmSync(folder, { recursive: true });
}

async function main(): Promise<void> {
    const sizes = [100, 300, 1000, 3000, 10000];
    const times = sizes.map(measure);
    const [small, largest] = [times[2] ?? 1, times[4] ?? 1];
    process.stdout.write(
        `growth from 1,000 to 10,000 domains: exponent ` +
            `${(Math.log(largest / small) / Math.log(10)).toFixed(2)}\n`,
    );
    await large(1024);
    await large(2048);
}

void main();
