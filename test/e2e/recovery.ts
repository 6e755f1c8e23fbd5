/**
 * `up` killed half-way, everything of it at once (SIGKILL): the next one recovers, or is told exactly what to remove. Then
 * an `up` whose Gateway finds no Tor network. The enclave has no transparent proxy; once it stands, that is looked at.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type LeakWatch, watchLeaks } from "../../cli/live/leak-watch";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../cli/virsh";
import type { EnclavePlan } from "../../topology/plan";
import { inNamespace } from "../../lab/run";
import { socksOnly } from "./parts/socks-only";
import { eventually, failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { leakFree } from "./support/leak-free";
import { orphans } from "./support/orphans";
import { LIMIT, lab, stack, work } from "./support/world";

/** In seconds; a Gateway has booted by then, and waits for its tor. */
const LITTLE_PATIENCE = 60;

/** What the lab host sends into the internet is lost, without a word, or is not. */
const lost = async (yes: boolean): Promise<void> => void await inNamespace(lab().namespaces.internet, "nft", yes
    ? ["add table ip away; add chain ip away in { type filter hook prerouting priority -300; policy drop; }"] : ["delete table ip away"]);

/** Names of a kind that the state holds, read by hand: what the command says is judged by it. */
async function inExport(session: StackSession, type: string): Promise<string[]> {
    const text = await session.must(["stack", "export"], { timeoutSeconds: 60 });
    const { deployment } = JSON.parse(text.slice(text.indexOf("{"))) as { deployment: { resources?: { type: string; outputs?: { name?: string } }[] } };
    return (deployment.resources ?? []).filter((r) => r.type === type).flatMap((r) => r.outputs?.name ?? []);
}

export const recovery = (): void => void describe("Killed half-way", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    let watch: LeakWatch | undefined;
    const settings = (readyTimeout: number): StackSettings =>
        ({ ...labStackConfig(lab()), enclaves: [{ name: "only", transparentProxy: false, gateway: { readyTimeout } }] });
    before(async () => {
        empty = await inventory();
        session = stack("kill");
        await session.init(settings(LITTLE_PATIENCE));
        const [enclave] = planOf("e2e-kill", settings(LITTLE_PATIENCE)).enclaves;
        assert.ok(enclave);
        plan = enclave;
    });
    after(async () => {
        await watch?.stop().catch(() => undefined);
        session.forget();
    });

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
        await killWhen(["net-list", "--name"], plan.external.name);
        assert.ok((await inventory()).networks.includes(plan.external.name));
    });

    /** What libvirt has and the state has not, and nothing else, is named with its way out. */
    const named = async (kind: "domain" | "network", type: string, living: readonly string[]): Promise<void> => {
        const known = await inExport(session, type);
        const missing = living.filter((name) => name.startsWith("sallyport-e2e-kill-") && !known.includes(name));
        const found = await orphans(session);
        for (const name of living) {
            const says = new RegExp(`${kind} ${name}: is at .*: not in the state of stack e2e-kill`);
            assert.equal(says.test(found.output), missing.includes(name), `${name}, of which the state ${missing.includes(name) ? "knows nothing" : "knows"}:\n${found.output}`);
        }
        if (missing.length > 0) {
            failedWith(found, /way out: bin\/sallyport orphans --stack e2e-kill --remove, which runs: virsh -c/);
        }
    };

    it("what libvirt has and the state has not is named with the commands that remove it, and removed", async () => {
        await named("network", "libvirt:index/network:Network", (await inventory()).networks.filter((name) => !empty.networks.includes(name)));
        succeeded(await orphans(session, "--remove"));
        succeeded(await orphans(session));
    });

    it("while the Gateway is made: it is named, and removed", async () => {
        await killWhen(["list", "--name"], plan.gateway.domain);
        const { domains } = await inventory();
        assert.deepEqual(domains, [plan.gateway.domain]);
        await named("domain", "libvirt:index/domain:Domain", domains);
        const removed = await orphans(session, "--remove");
        succeeded(removed);
        if (removed.output.includes("bin/pulumi refresh --clear-pending-creates")) {
            succeeded(await session.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], { timeoutSeconds: LIMIT.up }));
        }
    });

    it("the next up recovers; without a Tor network it fails after the gate's limit with the last status, and makes no Workstation", async () => {
        watch = await watchLeaks({ lab: lab(), enclave: plan, file: join(work, "kill.pcap"), appearWithin: 10_000 });
        await lost(true);
        try {
            failedWith(await up().result, /was not ready within 60 s; last status: (none|role|tor-start|bootstrap \d+ %)/, /way out: look at the console/, /run pulumi up again/);
        } finally {
            await lost(false);
        }
        assert.deepEqual((await inventory()).domains, [plan.gateway.domain]);
    });

    it("once the network is there the next up goes on with the same Gateway, and a further one changes nothing", async () => {
        const id = async (): Promise<string> => mustVirsh(lab().uri, ["domid", plan.gateway.domain]);
        const before = await id();
        session.configure(settings(LIMIT.up));
        succeeded(await up().result);
        assert.equal(await id(), before);
        assert.deepEqual((await inventory()).domains, [plan.gateway.domain, ...plan.workstations.map((w) => w.domain)].sort());
        succeeded(await session.run(["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"], { timeoutSeconds: LIMIT.up }));
    });

    socksOnly(() => plan);

    it("meanwhile the external link carried ARP and TCP to relays' ORPorts, and nothing else", async () => {
        await leakFree(watch);
    });

    it("and destroy leaves nothing", async () => {
        succeeded(await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }));
        assert.deepEqual(await inventory(), empty);
    });
});
