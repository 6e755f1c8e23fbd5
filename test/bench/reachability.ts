/**
 * How long the proof takes, and how it grows: 100 to 10,000 domains, medians, and the exponent of the growth.
 * Wanted: at most 50 ms for 1,000 domains, and near-linear growth. CPU time is beside it for machines that do more at once.
 * Run: test/bench/run proof
 */
import { modelOfExport } from "../../topology/adapters";
import { checkCertificate } from "../../topology/check-certificate";
import type { Model } from "../../topology/model";
import { prove } from "../../topology/reachability";
import { exportOf, planOf } from "../support/stacks";

const RUNS = 11;
/** Domains of one enclave: a Gateway and three Workstations. */
const PER_ENCLAVE = 4;
/** What one stack may hold; larger models are several stacks of different names side by side. */
const ENCLAVES = 64;

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** One parsed stack, copied with other ids: parsing seeds is the adapters' time, not the proof's. */
function modelOf(domains: number): Model {
    const enclaves = Array.from({ length: Math.min(ENCLAVES, Math.ceil(domains / PER_ENCLAVE)) }, (_, i) => ({
        name: `e${i}`, workstations: ["a", "b", "c"].map((name) => ({ name })),
    }));
    const text = JSON.stringify(exportOf(planOf({ enclaves })));
    const stacks = Math.ceil(domains / (enclaves.length * PER_ENCLAVE));
    const parts = Array.from({ length: stacks }, (_, i) => modelOfExport(text.replaceAll("pulumi:dev::", `pulumi:dev${i}::`).replaceAll("qemu:///system", `qemu+ssh://host${i}/system`), "bench"));
    const [first] = parts;
    if (first === undefined) {
        throw new Error("no domains");
    }
    return { ...first, networks: parts.flatMap((m) => m.networks), domains: parts.flatMap((m) => m.domains).slice(0, domains) };
}

function measure(domains: number): number {
    const model = modelOf(domains);
    // The seeds are parsed at the first question.
    model.domains.forEach((d) => d.seeds.kind === "known" && d.seeds.value.forEach((s) => [s.content.network, s.content.ruleset, s.content.torrc]));
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
            process.stdout.write(`${String(domains).padStart(6)} domains: first ${times[0]?.toFixed(1)} ms, check ${(performance.now() - begun).toFixed(1)} ms, ${wrong.length} objections; `);
        }
    }
    process.stdout.write(`median of ${RUNS} ${median(times).toFixed(1)} ms (${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)}), CPU ${median(cpu).toFixed(1)} ms, ${verdict}\n`);
    return median(times);
}

function main(): void {
    const sizes = [100, 300, 1000, 3000, 10000];
    const times = sizes.map(measure);
    const [small, large] = [times[2] ?? 1, times[4] ?? 1];
    process.stdout.write(`growth from 1,000 to 10,000 domains: exponent ${(Math.log(large / small) / Math.log(10)).toFixed(2)}\n`);
}

main();
