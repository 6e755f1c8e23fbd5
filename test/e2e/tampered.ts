/** Anti-test: a Gateway that leaks must be seen to leak. On its way there, its readiness gate runs into its limit. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { seenBy } from "../../cli/live/fetch";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type LeakWatch, watchLeaks } from "../../cli/live/leak-watch";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../cli/virsh";
import { UPLINK } from "../../lab/addresses";
import { readWebLog } from "../../lab/weblog";
import type { LeakVerdict } from "../../proof/leak";
import type { EnclavePlan } from "../../topology/plan";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { withShell } from "./support/shell";
import { tamperedProject } from "./support/tampered-project";
import { LIMIT, lab, stack, work } from "./support/world";

export const leakingGateway = (): void => void describe("A Gateway that leaks", () => {
    let session: StackSession;
    let plan: EnclavePlan;
    let empty: Inventory;
    let watch: LeakWatch | undefined;
    const settings = (): StackSettings => labStackConfig(lab());
    /** A Tor network that is not there, and little patience. */
    const unreachable = (): StackSettings => ({
        ...settings(),
        torNetwork: { dirAuthorities: lab().torNetwork.dirAuthorities.map((line) => line.replace(/203\.0\.113\.\d+:/, "203.0.113.99:")) },
        enclaves: [{ name: "default", gateway: { readyTimeout: 60 } }],
    });

    before(async () => {
        empty = await inventory();
        session = stack("tampered", { program: tamperedProject("tampered"), env: { E2E_TAMPER: "firewall" } });
        await session.init(unreachable());
        const [enclave] = planOf("e2e-tampered", settings()).enclaves;
        assert.ok(enclave);
        plan = enclave;
    });
    after(async () => {
        await watch?.stop().catch(() => undefined);
        session.forget();
    });
    const up = (): ReturnType<StackSession["run"]> => session.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], { timeoutSeconds: LIMIT.up });

    it("without a Tor network up fails after the gate's limit with the last status, and makes no Workstation", async () => {
        const watching = watchLeaks({ lab: lab(), enclave: plan, file: join(work, "tampered.pcap"), appearWithin: LIMIT.up * 1000 });
        watching.catch(() => undefined);
        failedWith(await up(), /was not ready within 60 s; last status: (none|role|tor-start|bootstrap \d+ %)/, /way out: look at the console/, /run pulumi up again/);
        watch = await watching;
        assert.deepEqual((await mustVirsh(lab().uri, ["list", "--all", "--name"])).trim().split("\n"), [plan.gateway.domain]);
    });

    it("once the configuration is mended the next up goes on", async () => {
        session.configure(settings());
        succeeded(await up());
        assert.equal((await mustVirsh(lab().uri, ["list", "--name"])).trim().split("\n").length, 2);
    });

    it("the web server sees the lab host's own address", async () => {
        await withShell(plan.workstations[0]?.domain, async (shell) => {
            const result = await shell.run(`curl -q -sS --fail --max-time 30 --noproxy '*' http://${lab().web.address}/leak`, 40);
            assert.equal(result.status, 0, result.output);
        });
        assert.deepEqual(seenBy(readWebLog(lab().web.log), "/leak"), [UPLINK.host]);
    });

    it("the leak check is red, and names the frames", async () => {
        assert.ok(watch, "there is no capture");
        const verdict: LeakVerdict = await watch.stop();
        watch = undefined;
        assert.equal(verdict.ok, false);
        const toWeb = verdict.findings.filter((f) => f.reason === `${lab().web.address}:80 is no relay's ORPort`);
        assert.ok(toWeb.length > 0, JSON.stringify(verdict.findings.slice(0, 5)));
        assert.ok(toWeb.every((f) => f.summary.includes(lab().web.address)));
    });

    it("destroy leaves nothing", async () => {
        succeeded(await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }));
        assert.deepEqual(await inventory(), empty);
    });
});
