/**
 * What a guest leaves on the lab host's disk is overwritten before it is removed. Nobody waits for this
 * Gateway's tor.
 */
import assert from "../support/assert";
import { rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type RunResult, runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { libvirtUri, resolveLab } from "../../lab/paths";
import type { EnclavePlan } from "../../plan/plan";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { secondHost } from "./support/second-host";
import { LIMIT, lab, root, stack, work, inLab } from "./support/world";
import { recorded, wiped, wipedInTime } from "./support/wiped";

/**
 * The lab's libvirt under another name, which can be made to lead elsewhere, as qemu:///system does on
 * another machine.
 */
const link = (): string => join(work, "link");
function open(sockets: string): void {
    rmSync(link(), { force: true });
    symlinkSync(sockets, link());
}

/** The gate gives up at once: the Gateway is there and runs, which is all that is needed. */
const settings = (transparentProxy: boolean): StackSettings => ({
    ...wiped(labStackConfig(lab())),
    enclaves: [{ name: "brief", transparentProxy, gateway: { readyTimeoutSeconds: 5 }, workstations: [] }],
});

inLab();
describe("Wiping", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    const run = (name: string, verb: "up" | "destroy"): Promise<RunResult> => {
        const { args, env } = recorded(`${name}.events`);
        return session.run([verb, "--yes", "--skip-preview", ...args], { timeoutSeconds: LIMIT.up, env });
    };
    beforeAll(async () => {
        empty = await inventory();
        session = stack("wipe");
        await session.init(settings(true));
        const [enclave] = planOf("e2e-wipe", settings(true)).enclaves;
        assert.ok(enclave);
        plan = enclave;
    });
    afterAll(() => session.forget());
    /** URNs of all that the state has. */
    const known = async (): Promise<string[]> => {
        const exported = await session.must(["stack", "export"], { timeoutSeconds: 60 });
        const { deployment } = JSON.parse(exported.slice(exported.indexOf("{"))) as {
            deployment: { resources: { urn: string }[] };
        };
        return deployment.resources.map((r) => r.urn).sort();
    };
    const volumes = (): string[] => ["overlay", "seed"].map((part) => `${plan.gateway.domain}-${part}`);
    const overlay = async (): Promise<string> =>
        (await mustVirsh(lab().uri, ["vol-list", plan.pool.name]))
            .split(/\s+/)
            .find((word) => /^[^/]+\.qcow2$/.test(word)) ?? "";

    it("a Gateway with another seed is replaced: the old one stops, its disk and seed are overwritten, then they go", async () => {
        failedWith(await run("first", "up"), /was not ready within 5 s/);
        const old = await overlay();
        const kept = await mustVirsh(lab().uri, ["vol-list", plan.dataPool.name]);
        assert.match(kept, new RegExp(`${plan.gateway.domain}-state`));
        // The same host by another name is the same host.
        open(resolveLab().sockets);
        session.configure({ ...settings(false), uri: libvirtUri(link()) });
        failedWith(await run("second", "up"), /was not ready within 5 s/);
        // The engine tells of the guest's end in no fixed order; the verb waits for it.
        wipedInTime(["second.events"], volumes());
        assert.notEqual(await overlay(), old);
        // What outlives its guest is neither replaced nor wiped.
        assert.equal(await mustVirsh(lab().uri, ["vol-list", plan.dataPool.name]), kept);
        assert.deepEqual((await inventory()).domains, [plan.gateway.domain]);
    });

    it("at another host, by another URI or by the same one, it is refused, and nothing is made, stopped or forgotten", async () => {
        const [state, there] = [await known(), await inventory()];
        assert.ok(state.some((urn) => urn.endsWith(`::${plan.gateway.domain}-host`)));
        const other = await secondHost();
        try {
            const refused = new RegExp(
                `this stack's guests are on host ` +
                    `[0-9a-f-]{36}/system, and this leads to host ${other.uuid}/system; fix: .*host_uuid`,
            );
            session.configure({ ...settings(false), uri: other.uri });
            failedWith(await run("elsewhere", "up"), /sallyport:uri: got "qemu:/, refused);
            session.configure({ ...settings(false), uri: libvirtUri(link()) });
            open(dirname(other.socket));
            failedWith(
                await session.run(["preview"], { timeoutSeconds: LIMIT.preview }),
                /sallyport:uri: got "qemu:/,
                refused,
            );
            failedWith(await run("not-here", "destroy"), refused);
            failedWith(
                await session.run(["refresh", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
                refused,
            );
            assert.equal(await mustVirsh(other.uri, ["nwfilter-list"]), "");
        } finally {
            open(resolveLab().sockets);
            await other.end();
        }
        assert.deepEqual([await known(), await inventory()], [state, there]);
    });

    it("while it runs nobody wipes it, and on what was wiped and not removed no guest is made", async () => {
        const { uri } = lab();
        const wipe = async (): Promise<RunResult> =>
            runToEnd(
                `${root}/bin/sallyport`,
                [
                    "wipe",
                    "--uri",
                    uri,
                    "--pool",
                    plan.pool.name,
                    "--volume",
                    await overlay(),
                    "--domain",
                    plan.gateway.domain,
                    "--wait",
                    "1",
                ],
                { cwd: root, timeoutSeconds: 60, env: {} },
            );
        failedWith(await wipe(), /is a disk of .*-gateway, which runs; fix/);
        await mustVirsh(uri, ["destroy", plan.gateway.domain]);
        await mustVirsh(uri, ["undefine", plan.gateway.domain]);
        succeeded(await wipe());
        // As after a destroy that was cut off: the state has the volumes and no guest.
        const urn = (await known()).find((one) => one.endsWith(`:Domain::${plan.gateway.domain}`)) ?? "";
        await session.must(["state", "delete", urn, "--target-dependents", "--yes"], { timeoutSeconds: 60 });
        failedWith(
            await session.run(["up", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.up }),
            /was wiped by .*; fix: bin\/pulumi up --replace/,
        );
        assert.deepEqual((await inventory()).domains, []);
    });

    it("destroy leaves nothing", async () => {
        succeeded(await run("destroy", "destroy"));
        assert.deepEqual(await inventory(), empty);
    });
});
