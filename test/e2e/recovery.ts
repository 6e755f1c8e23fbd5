/** `up` killed half-way, everything of it at once (SIGKILL): the next one recovers, or is told exactly what to remove. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../cli/virsh";
import { eventually, failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { orphans } from "./support/orphans";
import { LIMIT, lab, stack } from "./support/world";

describe("Killed half-way", () => {
    let session: StackSession;
    let empty: Inventory;
    before(async () => {
        empty = await inventory();
        session = stack("kill");
        // The Gateway alone, and a Tor network that answers: what is interrupted is the making, not the waiting.
        await session.init({ ...labStackConfig(lab()), enclaves: [{ name: "only", workstations: [] }] });
    });
    after(() => session.forget());

    const up = (): ReturnType<StackSession["start"]> => session.start(["up", "--yes", "--skip-preview", "--suppress-outputs"], { timeoutSeconds: LIMIT.up });
    /** Kill an `up` the moment that libvirt lists something. */
    const killWhen = async (args: string[], name: string): Promise<void> => {
        const run = up();
        await eventually(`${name} in ${args.join(" ")}`, 120, async () => (await mustVirsh(lab().uri, args)).split("\n").includes(name));
        assert.ok(run.killAll() > 1, "the run was over");
        const result = await run.result;
        assert.notEqual(result.exitCode, 0);
        assert.deepEqual(run.pids(), []);
        await session.run(["cancel", "--yes"], { timeoutSeconds: 60 });
    };
    it("while networks are made", async () => {
        await killWhen(["net-list", "--name"], "sallyport-e2e-kill-only-external");
        assert.notEqual((await inventory()).networks.length, 0);
    });

    it("what libvirt has and the state has not is named with the commands that remove it, and removed", async () => {
        const found = await orphans(session);
        if (found.exitCode !== 0) {
            failedWith(found, /sallyport-e2e-kill/, /way out: bin\/sallyport orphans --stack e2e-kill --remove, which runs: virsh -c/);
        }
        succeeded(await orphans(session, "--remove"));
        succeeded(await orphans(session));
    });

    it("while the Gateway is made", async () => {
        await killWhen(["list", "--name"], "sallyport-e2e-kill-only-gateway");
        assert.deepEqual((await inventory()).domains, ["sallyport-e2e-kill-only-gateway"]);
        const removed = await orphans(session, "--remove");
        succeeded(removed);
        if (removed.output.includes("bin/pulumi refresh --clear-pending-creates")) {
            succeeded(await session.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], { timeoutSeconds: LIMIT.up }));
        }
    });

    it("the next up recovers", async () => {
        succeeded(await up().result);
        succeeded(await session.run(["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"], { timeoutSeconds: LIMIT.up }));
    });

    it("and destroy leaves nothing", async () => {
        succeeded(await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }));
        assert.deepEqual(await inventory(), empty);
    });
});
