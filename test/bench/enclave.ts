/**
 * What an enclave costs, boot included, on the embedded lab: time from `pulumi up` to the first page, and
 * time, memory and disk of one more Workstation. Run it on a quiet machine: without KVM the guests are
 * emulated.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openShell } from "../../cli/guest-shell";
import { fetchPage } from "../../cli/live/fetch";
import { labStackConfig, planOf } from "../../cli/live/lab-stack-config";
import { memoryOf } from "../../cli/live/memory";
import { StackSession } from "../../cli/live/stack-session";
import { projectRoot } from "../../util/root";
import { mustVirsh } from "../../libvirt/client";
import { startLab, stopLab } from "../../lab";
import { resolveLab } from "../../lab/paths";
import { made } from "../support/sandbox/sandbox";
import type { EnclavePlan } from "../../plan/plan";
import { placed } from "../support/placed";

const LIMIT = { up: 900, destroy: 180, shell: 300, fetch: 90 } as const;
const STACK = "bench-enclave";
/** Workstations added one by one after the first. */
const MORE = 2;

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const row = (name: string, value: string): void => console.log(`| ${name} | ${value} |`);

/** Bytes that a guest's volumes take on the host, in MiB. */
async function diskMiB(uri: string, enclave: EnclavePlan, domain: string): Promise<number> {
    const volumes = (await mustVirsh(uri, ["vol-list", enclave.pool.name]))
        .split("\n")
        .map((line) => line.trim().split(/\s+/)[0] ?? "");
    let bytes = 0;
    for (const volume of volumes.filter((name) => name.startsWith(`${domain}-`))) {
        bytes += Number(
            /^Allocation:\s+(\d+) bytes$/m.exec(
                await mustVirsh(uri, ["vol-info", "--bytes", "--pool", enclave.pool.name, volume]),
            )?.[1] ?? Number.NaN,
        );
    }
    return Math.round(bytes / 2 ** 20);
}

async function main(): Promise<void> {
    const root = projectRoot();
    const home = join(root, ".lab", "bench-enclave");
    rmSync(home, { recursive: true, force: true });
    const wasRunning = existsSync(resolveLab().info);
    if (!wasRunning) {
        // Another user may start theirs meanwhile.
        process.env["SALLYPORT_LAB_DIR"] = join(root, ".lab", "bench-lab");
        made("lab", resolveLab().dir);
    }
    const { lab } = await startLab({ progress: say });
    const settings = (workstations: number): Record<string, unknown> => ({
        ...labStackConfig(lab),
        storage: { path: join(lab.poolRoot, "bench-enclave") },
        enclaves: [
            {
                name: "default",
                workstations: placed(
                    ...Array.from({ length: workstations }, (_, i) => ({ name: `ws${i + 1}` })),
                ),
            },
        ],
    });
    mkdirSync(join(lab.poolRoot, "bench-enclave"), { recursive: true });
    const session = new StackSession({ root, stack: STACK, home });
    const up = async (): Promise<number> => {
        const begin = performance.now();
        await session.must(["up", "--yes", "--skip-preview", "--suppress-outputs"], {
            timeoutSeconds: LIMIT.up,
        });
        return (performance.now() - begin) / 1000;
    };
    const console_ = async (domain: string): Promise<void> => {
        const shell = await openShell({ uri: lab.uri, domain, timeoutSeconds: LIMIT.shell });
        try {
            const page = await fetchPage(shell, lab, "TransPort", LIMIT.fetch);
            if (!page.ok || !page.anonymous) {
                throw new Error(`${domain} got no page through Tor: ${page.detail}`);
            }
        } finally {
            await shell.close();
        }
    };
    const enclaveOf = (workstations: number): EnclavePlan => {
        const [enclave] = planOf(STACK, settings(workstations)).enclaves;
        if (enclave === undefined) {
            throw new Error("the plan has no enclave");
        }
        return enclave;
    };
    try {
        await session.init(settings(1));
        console.log(`\nthe default enclave, guests on ${lab.virt}\n\n| what | value |\n|---|---|`);
        const begin = performance.now();
        const first = enclaveOf(1);
        row("`pulumi up`, Gateway bootstrapped, Workstation started", `${(await up()).toFixed(1)} s`);
        await console_(first.workstations[0]?.domain ?? "");
        row(
            "from `pulumi up` to the Workstation's first page",
            `${((performance.now() - begin) / 1000).toFixed(1)} s`,
        );
        const gateway = await memoryOf(lab.uri, first.gateway.domain);
        row("Gateway's memory: guest, QEMU resident", `${gateway.guestMiB} MiB, ${gateway.residentMiB} MiB`);
        row("Gateway's disk: overlay and seed", `${await diskMiB(lab.uri, first, first.gateway.domain)} MiB`);
        const identity = await mustVirsh(lab.uri, ["domuuid", first.gateway.domain]);
        for (let count = 2; count <= 1 + MORE; count++) {
            const enclave = enclaveOf(count);
            const domain = enclave.workstations.at(-1)?.domain ?? "";
            session.configure(settings(count));
            const more = performance.now();
            const seconds = await up();
            await console_(domain);
            const memory = await memoryOf(lab.uri, domain);
            row(
                `Workstation ${count}: \`pulumi up\`, first page`,
                `${seconds.toFixed(1)} s, ${((performance.now() - more) / 1000).toFixed(1)} s`,
            );
            row(
                `Workstation ${count}: guest memory, QEMU resident, disk`,
                `${memory.guestMiB} MiB, ${memory.residentMiB} MiB, ` +
                    `${await diskMiB(lab.uri, enclave, domain)} MiB`,
            );
        }
        row(
            "Gateway after all this",
            (await mustVirsh(lab.uri, ["domuuid", first.gateway.domain])) === identity
                ? "the same"
                : "ANOTHER",
        );
    } finally {
        await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy });
        session.forget();
        if (!wasRunning) {
            await stopLab({ progress: say });
        }
        rmSync(home, { recursive: true, force: true });
    }
}

void main().catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
