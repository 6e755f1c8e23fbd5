/**
 * The life of an enclave by the verbs: a reboot of its host played, start, a page through Tor, stop, and Pulumi in
 * between, which changes nothing. A Gateway that was paused is not ready.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import assert from "../support/assert";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type RunResult, runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { openShell } from "../../cli/guest-shell";
import { unitScript } from "../../cli/unit/script";
import { inNamespace } from "../../lab";
import { mustVirsh } from "../../libvirt/client";
import type { EnclavePlan } from "../../plan/plan";
import type { Report } from "../../util/output";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { LIMIT, lab, root, say, stack, inLab, work } from "./support/world";

inLab();
describe("Life", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    let pools: string[];
    const settings = (): StackSettings => ({
        ...labStackConfig(lab()),
        enclaves: [{ name: "only", gateway: { readyTimeoutSeconds: LIMIT.up } }],
    });
    beforeAll(async () => {
        empty = await inventory();
        session = stack("life");
        await session.init(settings());
        const whole = planOf("e2e-life", settings());
        const [enclave] = whole.enclaves;
        assert.ok(enclave);
        plan = enclave;
        pools = [whole.imagePool, plan.pool, plan.statusPool].map(({ name }) => name);
    });
    afterAll(() => session.forget());

    const virsh = (...args: string[]): Promise<string> => mustVirsh(lab().uri, args, 120_000);
    const sallyport = (...args: string[]): Promise<RunResult> =>
        runToEnd(`${root}/bin/sallyport`, [...args, "--stack", "e2e-life"], {
            cwd: root,
            timeoutSeconds: LIMIT.up,
            env: session.environment,
            onLine: say,
        });
    const pulumi = (verb: string, ...more: string[]): Promise<RunResult> =>
        session.run([verb, "--yes", "--skip-preview", ...more], { timeoutSeconds: LIMIT.up });
    const workstation = (): string => plan.workstations[0]?.domain ?? "";
    const states = async (): Promise<string[]> =>
        Promise.all(
            [plan.gateway.domain, workstation()].map(async (name) => (await virsh("domstate", name)).trim()),
        );
    const page = async (): Promise<void> => {
        const shell = await openShell({ uri: lab().uri, domain: workstation(), timeoutSeconds: LIMIT.shell });
        try {
            const got = await shell.run(
                `curl -sS --retry 5 --retry-all-errors --max-time 60 http://${lab().web.hostname}/life`,
                LIMIT.fetch,
            );
            assert.match(got.output, /"path": ?"\/life"/);
        } finally {
            await shell.close();
        }
    };
    /** What power-off and start of the host leave. */
    const reboot = async (): Promise<void> => {
        for (const domain of [workstation(), plan.gateway.domain]) {
            await virsh("destroy", domain);
        }
        for (const network of [plan.isolated.name, plan.external.name]) {
            await virsh("net-destroy", network);
        }
        for (const pool of pools) {
            await virsh("pool-destroy", pool);
        }
    };
    /** What the host's unit does each minute (cli/unit). */
    const hostLooks = async (): Promise<void> => {
        const script = join(work, "unit.sh");
        writeFileSync(script, unitScript(planOf("e2e-life", settings())));
        await inNamespace(lab().namespaces.host, "sh", [script, "check"]);
    };
    const uuids = async (): Promise<string> => virsh("list", "--all", "--uuid", "--name");
    const unchanged = async (): Promise<void> => {
        const before = await uuids();
        for (const verb of ["refresh", "up"]) {
            const run = await pulumi(verb, "--expect-no-changes");
            succeeded(run);
            assert.match(run.output, /unchanged/);
        }
        assert.equal(await uuids(), before);
    };

    it("up: status says that everything is as it should be, within a second of its own", async () => {
        succeeded(await pulumi("up"));
        failedWith(
            await sallyport("status"),
            /kernel: what the host's kernel filters is not known/,
            /fix: bin\/sallyport unit install/,
        );
        await hostLooks();
        const from = performance.now();
        const run = await sallyport("status", "--json");
        say(`      status took ${((performance.now() - from) / 1000).toFixed(2)} s`);
        succeeded(run);
        const report = JSON.parse(run.output) as Report & { guests: { state: string }[] };
        assert.deepEqual(
            report.guests.map(({ state }) => state),
            ["running", "running"],
        );
        assert.ok(report.checks.some(({ id, status }) => id === "status.clock" && status === "pass"));
    });

    it("after a reboot of the host up and refresh say what is stopped, change nothing and start the pools alone", async () => {
        await reboot();
        const run = await pulumi("up", "--expect-no-changes");
        succeeded(run);
        assert.match(run.output, /stopped: only\/gateway, only\/ws1; .*fix: bin\/sallyport start/);
        assert.deepEqual(await states(), ["shut off", "shut off"]);
        await virsh("pool-destroy", plan.pool.name);
        await unchanged();
        assert.deepEqual(await states(), ["shut off", "shut off"]);
        succeeded(await sallyport("status"));
    });

    it("two starts at once bring it back in order, to a page through Tor; Pulumi changes nothing", async () => {
        for (const pool of pools) {
            await virsh("pool-destroy", pool);
        }
        const from = performance.now();
        const runs = await Promise.all([sallyport("start"), sallyport("start", "only")]);
        say(`      started after ${((performance.now() - from) / 1000).toFixed(1)} s`);
        runs.forEach(succeeded);
        assert.deepEqual(await states(), ["running", "running"]);
        await page();
        say(`      first page after ${((performance.now() - from) / 1000).toFixed(1)} s`);
        await hostLooks();
        succeeded(await sallyport("status"));
        await unchanged();
    });

    it("rules that the host's kernel has lost are seen, and repaired; libvirt tells of them as before", async () => {
        const bindings = await virsh("nwfilter-binding-list");
        await inNamespace(lab().namespaces.host, "nft", ["flush", "table", "bridge", "nat"]);
        await hostLooks();
        assert.equal(await virsh("nwfilter-binding-list"), bindings);
        const lost = /no frame of vnet\d+ is filtered on its way out/;
        for (const words of [["status"], ["start"], ["plan", "--live"]]) {
            failedWith(await sallyport(...words), lost, /bin\/sallyport repair/);
        }
        let done = false;
        const minutes = (async (): Promise<void> => {
            while (!done) {
                await hostLooks();
            }
        })();
        const run = await sallyport("repair").finally(() => (done = true));
        await minutes;
        succeeded(run);
        assert.match(run.output, /only\/ws1: its link is down(.|\n)*only\/ws1: its link is up/);
        await page();
        await hostLooks();
        succeeded(await sallyport("status"));
        // The lab confines no guest, which is a finding; there is no other.
        const plan = (await sallyport("plan", "--live")).output;
        assert.doesNotMatch(plan, lost);
        assert.doesNotMatch(plan, /FAIL (?!DD-20)/);
        const again = await sallyport("repair");
        succeeded(again);
        assert.match(again.output, /nothing to repair/);
    });

    it("stop asks the guests, and both power off by themselves", async () => {
        const run = await sallyport("stop");
        succeeded(run);
        assert.doesNotMatch(run.output, /its power (is|was) cut/);
        assert.deepEqual(await states(), ["shut off", "shut off"]);
        const active = (await virsh("net-list", "--name")).split("\n").map((line) => line.trim());
        assert.ok(!active.includes(plan.isolated.name) && !active.includes(plan.external.name));
        succeeded(await sallyport("stop"));
        await unchanged();
    });

    it("what is not as it was declared is not started, and nothing of it is", async () => {
        const xml = await virsh("dumpxml", "--inactive", workstation());
        await virsh("setmem", workstation(), "200000", "--config");
        failedWith(
            await sallyport("start"),
            /only\/ws1: its definition is not what the settings say: \/domain\/currentMemory/,
            /fix: /,
        );
        assert.deepEqual(await states(), ["shut off", "shut off"]);
        const memory = /<currentMemory unit='KiB'>(\d+)</.exec(xml)?.[1] ?? "";
        await virsh("setmem", workstation(), memory, "--config");
        failedWith(
            await sallyport("start", "onyl"),
            /there|declares no enclave or guest onyl; the nearest is only/,
        );
    });

    it("a Workstation is started behind its Gateway; one that was paused is not ready, and restarted", async () => {
        succeeded(await sallyport("start", "only/ws1"));
        await virsh("suspend", plan.gateway.domain);
        failedWith(await sallyport("status"), /only\/gateway: paused/);
        failedWith(await sallyport("start"), /only\/gateway: it is paused/, /restart only\/gateway/);
        // Longer than a clock may be off, and than a status line may be old.
        await new Promise((resolve) => setTimeout(resolve, 110_000));
        await virsh("resume", plan.gateway.domain);
        // Once it has said anything again.
        failedWith(await sallyport("start"), /the clock of \S+-gateway is .* behind the host's/, /restart/);
        failedWith(
            await sallyport("status"),
            /only\/gateway: clock: .* behind the host's/,
            /restart only\/gateway/,
        );
        succeeded(await sallyport("restart", "only/gateway"));
        assert.deepEqual(await states(), ["running", "running"]);
        await hostLooks();
        succeeded(await sallyport("status"));
    });

    it("destroy asks each guest to power off before it is removed, Workstations first, and leaves nothing", async () => {
        // A guest that is still booting restarts at the keys, and may need the limit.
        await page();
        const run = await pulumi("destroy");
        succeeded(run);
        assert.match(run.output, new RegExp(`${plan.gateway.domain}: off after`));
        assert.doesNotMatch(run.output, /its power is cut/);
        assert.ok(
            run.output.indexOf(`${workstation()}: off after`) <
                run.output.indexOf(`${plan.gateway.domain}: asked`),
        );
        assert.deepEqual(await inventory(), empty);
    });
});
