/**
 * A Workstation's gate: asked whenever one is created, and no Gateway replaced under a Workstation that runs.
 */
import assert from "../support/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { labStackConfig, planOf } from "../../cli/live/lab-stack-config";
import { type RunResult, runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { inNamespace } from "../../lab/run";
import type { EnclavePlan } from "../../plan/plan";
import { PACK, passed } from "./policy";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory, machineOf } from "./support/inventory";
import { waitReady } from "./support/wait-ready";
import { LIMIT, lab, root, stack, work, inLab, say } from "./support/world";
import { placed } from "../support/placed";

/** Domains that run, by name and UUID. */
type Running = Readonly<Record<string, string>>;

async function running(): Promise<Running> {
    const text = await mustVirsh(lab().uri, ["list", "--name", "--uuid"]);
    return Object.fromEntries(
        text
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .filter((words) => words.length === 2)
            .map(([uuid = "", name = ""]) => [name, uuid]),
    );
}

inLab();
describe("Gate", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    const configure = (more: object, ...workstations: string[]): void => {
        const settings = {
            ...labStackConfig(lab()),
            enclaves: [
                { name: "one", ...more, workstations: placed(...workstations.map((name) => ({ name }))) },
            ],
        };
        const [enclave] = planOf("e2e-gate", settings).enclaves;
        assert.ok(enclave);
        plan = enclave;
        session.configure(settings);
    };
    const up = (...more: string[]): Promise<RunResult> =>
        session.run(["up", "--yes", "--skip-preview", "--suppress-outputs", ...more], {
            timeoutSeconds: LIMIT.up,
        });
    const gateway = (): string => plan.gateway.domain;
    const workstation = (name: string): string =>
        plan.workstations.find((w) => w.name === name)?.domain ?? "";

    beforeAll(async () => {
        empty = await inventory();
        session = stack("gate");
        await session.init(labStackConfig(lab()));
        configure({}, "ws1");
    });
    afterAll(() => session.forget());

    it("a Gateway that hangs is not ready, whatever it said before; one that goes on is, within seconds", async () => {
        succeeded(await up());
        const machine = await machineOf(gateway());
        process.kill(machine, "SIGSTOP");
        try {
            // Not paused: for libvirt it runs.
            assert.equal((await mustVirsh(lab().uri, ["domstate", gateway()])).trim(), "running");
            failedWith(
                await waitReady(plan, 10),
                /was not ready within 10 s; last status: ready.*, no heartbeat for at least (9|1\d) s: it hangs or restarts/,
                /fix: /,
            );
        } finally {
            process.kill(machine, "SIGCONT");
        }
        succeeded(await waitReady(plan, 30));
        const from = performance.now();
        succeeded(await waitReady(plan, 30));
        say(
            `      asked while it is ready, the gate takes ` +
                `${((performance.now() - from) / 1000).toFixed(1)} s`,
        );
    });

    it("a Workstation that comes later is not created while its Gateway is off, and those that run stay", async () => {
        const first = await running();
        // Right after it was ready: what its seed wrote is on its disk.
        await mustVirsh(lab().uri, ["destroy", gateway()]);
        configure({}, "ws1", "ws2");
        failedWith(await up(), /-gateway is not running but shut off/, /fix: /);
        assert.deepEqual(await running(), { [workstation("ws1")]: first[workstation("ws1")] });
        assert.deepEqual((await inventory()).domains, [gateway(), workstation("ws1")].sort());
    });

    it("with the Gateway on again it is, after the Gateway has said that it is ready", async () => {
        const [first] = [await running()];
        await mustVirsh(lab().uri, ["start", gateway()]);
        succeeded(await up());
        const now = await running();
        assert.deepEqual(Object.keys(now).sort(), [gateway(), workstation("ws1"), workstation("ws2")].sort());
        assert.equal(now[workstation("ws1")], first[workstation("ws1")]);
    });

    /** What the preview of a change replaces, of the types that are named; its whole text for `plan`. */
    const replaced = async (...types: string[]): Promise<{ names: string[]; text: string }> => {
        const { output } = await session.run(["preview", "--json", "--show-sames"], {
            timeoutSeconds: LIMIT.preview,
        });
        const text = output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1);
        const steps = (JSON.parse(text) as { steps: { op: string; urn: string }[] }).steps;
        const names = steps
            .filter((s) => s.op === "replace" && types.some((type) => s.urn.includes(`${type}::`)))
            .map((s) => s.urn.split("::").at(-1) ?? "");
        return { names: names.sort(), text };
    };
    const everyDomain = (): string[] => [gateway(), workstation("ws1"), workstation("ws2")].sort();

    it("a preview that replaces the Gateway replaces its Workstations too, and passes the pack and plan", async () => {
        configure({ gateway: { memoryMiB: 264 } }, "ws1", "ws2");
        passed(await session.run(["preview", ...PACK], { timeoutSeconds: LIMIT.preview }));
        const { names, text } = await replaced("domain:Domain", "network:Network");
        assert.deepEqual(names, everyDomain());
        const file = join(work, "gate-preview.json");
        writeFileSync(file, text);
        const judged = await runToEnd(join(root, "bin/sallyport"), ["plan", "--preview", file], {
            cwd: root,
            timeoutSeconds: LIMIT.preview,
            env: session.environment,
        });
        succeeded(judged);
        assert.match(judged.output, /ok: every rule holds/);
    });

    it("so does one that replaces the isolated network: each has a NIC on it", async () => {
        configure({ isolated: { bridge: "spgate1" } }, "ws1", "ws2");
        passed(await session.run(["preview", ...PACK], { timeoutSeconds: LIMIT.preview }));
        assert.deepEqual(
            (await replaced("domain:Domain", "network:Network")).names,
            [...everyDomain(), plan.isolated.name].sort(),
        );
    });

    it("up stops them before the old Gateway and network go; where the new network can't be made, the next up starts them once the new Gateway is ready", async () => {
        const { host } = lab().namespaces;
        const old = await running();
        const samples: Running[] = [old];
        const sampled = async (run: Promise<RunResult>): Promise<RunResult> => {
            let over = false;
            void run.finally(() => {
                over = true;
            });
            while (!over) {
                samples.push(await running());
                await new Promise((resolve) => setTimeout(resolve, 30));
            }
            samples.push(await running());
            return run;
        };
        // Somebody else's bridge. All that is replaced has gone by then, and the engine deletes it once
        // more next time.
        await inNamespace(host, "ip", ["link", "add", "spgate1", "type", "bridge"]);
        failedWith(await sampled(up()), /spgate1.*File exists/);
        assert.deepEqual(
            [samples.at(-1), (await inventory()).networks.includes(plan.isolated.name)],
            [{}, false],
        );
        await inNamespace(host, "ip", ["link", "delete", "spgate1"]);
        succeeded(await sampled(up()));
        const last = samples.at(-1) ?? {};
        assert.deepEqual(Object.keys(last).sort(), Object.keys(old).sort());
        assert.equal(
            Object.keys(old).filter((name) => old[name] === last[name]).length,
            0,
            "each is another domain",
        );
        const names = [workstation("ws1"), workstation("ws2")];
        for (const sample of samples) {
            for (const name of names.filter((n) => sample[n] !== undefined)) {
                const generation = sample[name] === old[name] ? old : last;
                assert.equal(
                    sample[gateway()],
                    generation[gateway()],
                    `${name} ran without its Gateway: ${JSON.stringify(sample)}`,
                );
            }
        }
        const members = await inNamespace(host, "ip", ["-j", "link", "show", "master", "spgate1"]);
        assert.equal((JSON.parse(members.stdout) as unknown[]).length, 3, "each is on the new bridge");
        // The new Gateway was seen alone, on its way to ready.
        assert.ok(
            samples.some((s) => s[gateway()] === last[gateway()] && names.every((n) => s[n] === undefined)),
        );
    });

    it("a second up changes nothing, and destroy leaves nothing", async () => {
        succeeded(await up("--expect-no-changes"));
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        assert.deepEqual(await inventory(), empty);
    });
});
