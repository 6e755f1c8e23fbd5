/**
 * `up` killed half-way, everything of it at once (SIGKILL): the next one recovers, or is told exactly what to
 * remove. Then an `up` whose Gateway finds no Tor network. The enclave has no transparent proxy; once it
 * stands, that is looked at.
 */
import assert from "../support/assert";
import { join } from "node:path";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type LeakWatch, watchLeaks } from "../../cli/live/leak-watch";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import type { EnclavePlan } from "../../plan/plan";
import { inNamespace } from "../../lab/run";
import { socksOnly } from "./parts/socks-only";
import { eventually, failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { leakFree } from "./support/leak-free";
import { orphans } from "./support/orphans";
import { recorded, wiped, wipedInTime } from "./support/wiped";
import { LIMIT, lab, stack, work, inLab } from "./support/world";

/** In seconds; a Gateway has booted by then, and waits for its tor. */
const LITTLE_PATIENCE = 45;

/** What the lab host sends into the internet is lost, without a word, or is not. */
const lost = async (yes: boolean): Promise<void> =>
    void (await inNamespace(
        lab().namespaces.internet,
        "nft",
        yes
            ? [
                  "add table ip away; add chain ip away in { type filter hook prerouting " +
                      "priority -300; policy drop; }",
              ]
            : ["delete table ip away"],
    ));

const TYPE = { domain: "libvirt:index/domain:Domain", network: "libvirt:index/network:Network" } as const;
type Kind = keyof typeof TYPE;

/** What the state holds of a kind: name to URN, read by hand: what the commands say is judged by it. */
async function inExport(session: StackSession, kind: Kind): Promise<ReadonlyMap<string, string>> {
    const text = await session.must(["stack", "export"], { timeoutSeconds: 60 });
    const { deployment } = JSON.parse(text.slice(text.indexOf("{"))) as {
        deployment: { resources?: { type: string; urn: string; outputs?: { name?: string } }[] };
    };
    return new Map(
        (deployment.resources ?? []).flatMap((r): [string, string][] =>
            r.type === TYPE[kind] && r.outputs?.name !== undefined ? [[r.outputs.name, r.urn]] : [],
        ),
    );
}

inLab();
describe("Killed half-way", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    let watch: LeakWatch | undefined;
    const settings = (readyTimeoutSeconds: number): StackSettings => ({
        ...wiped(labStackConfig(lab())),
        enclaves: [{ name: "only", transparentProxy: false, gateway: { readyTimeoutSeconds } }],
    });
    beforeAll(async () => {
        empty = await inventory();
        session = stack("kill");
        await session.init(settings(LITTLE_PATIENCE));
        const [enclave] = planOf("e2e-kill", settings(LITTLE_PATIENCE)).enclaves;
        assert.ok(enclave);
        plan = enclave;
    });
    afterAll(async () => {
        await watch?.stop().catch(() => undefined);
        session.forget();
    });

    const up = (): ReturnType<StackSession["start"]> =>
        session.start(["up", "--yes", "--skip-preview", "--suppress-outputs"], { timeoutSeconds: LIMIT.up });
    /** Kill an `up` the moment that libvirt lists something. */
    const killWhen = async (args: string[], name: string): Promise<void> => {
        const run = up();
        await eventually(`${name} in ${args.join(" ")}`, 120, async () =>
            (await mustVirsh(lab().uri, args)).split("\n").includes(name),
        );
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

    it("the next up says that the network is there already and what lists it, and leaves it as it is", async () => {
        await unknown("network", plan.external.name);
        await refused("network", plan.external.name);
    });

    /**
     * The kill may have come after the engine's note of it; then the note is taken back, as if it had
     * come before.
     */
    const unknown = async (kind: Kind, name: string): Promise<void> => {
        const urn = (await inExport(session, kind)).get(name);
        if (urn !== undefined) {
            await session.must(["state", "delete", urn, "--target-dependents", "--yes"], {
                timeoutSeconds: 60,
            });
        }
    };

    /**
     * The next `up` does not go on over what the state does not know: it names it and what lists it.
     */
    const refused = async (kind: Kind, name: string): Promise<void> => {
        const same = kind === "domain" ? "domuuid" : "net-uuid";
        const before = await mustVirsh(lab().uri, [same, name]);
        failedWith(
            await up().result,
            new RegExp(`${kind} ${name} is at \\S+ already and this stack's state does not know it`),
            /fix: bin\/sallyport orphans --stack e2e-kill$/m,
        );
        assert.equal(await mustVirsh(lab().uri, [same, name]), before, "it was touched");
        assert.equal((await inExport(session, kind)).has(name), false);
    };

    /**
     * What libvirt has and the state has not, and nothing else, is named with its fix. At least this
     * one is so.
     */
    const named = async (kind: Kind, leftover: string, living: readonly string[]): Promise<void> => {
        const known = await inExport(session, kind);
        const missing = living.filter((name) => name.startsWith("sallyport-e2e-kill-") && !known.has(name));
        assert.ok(missing.includes(leftover), `${leftover} is not among ${missing.join(", ") || "none"}`);
        const found = await orphans(session);
        for (const name of living) {
            const says = new RegExp(`${kind} ${name}: is at .*: not in the state of stack e2e-kill`);
            assert.equal(
                says.test(found.output),
                missing.includes(name),
                `${name}, of which the state ${missing.includes(name) ? "knows nothing" : "knows"}:\n${found.output}`,
            );
        }
        failedWith(found, /fix: bin\/sallyport orphans --stack e2e-kill --remove, which runs: virsh -c/);
    };

    it("what libvirt has and the state has not is named with the commands that remove it, and removed", async () => {
        await named(
            "network",
            plan.external.name,
            (await inventory()).networks.filter((name) => !empty.networks.includes(name)),
        );
        succeeded(await orphans(session, "--remove"));
        succeeded(await orphans(session));
    });

    it("while the Gateway is made: the next up says that it is there already; it is named, and removed", async () => {
        await killWhen(["list", "--name"], plan.gateway.domain);
        const { domains } = await inventory();
        assert.deepEqual(domains, [plan.gateway.domain]);
        await unknown("domain", plan.gateway.domain);
        await refused("domain", plan.gateway.domain);
        await named("domain", plan.gateway.domain, domains);
        // Also when the configuration has no such enclave any more.
        session.configure({ ...settings(LITTLE_PATIENCE), enclaves: [{ name: "other" }] });
        await named("domain", plan.gateway.domain, domains);
        session.configure(settings(LITTLE_PATIENCE));
        const removed = await orphans(session, "--remove");
        succeeded(removed);
        if (removed.output.includes("bin/pulumi refresh --clear-pending-creates")) {
            succeeded(
                await session.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], {
                    timeoutSeconds: LIMIT.up,
                }),
            );
        }
    });

    it("the next up recovers; without a Tor network it fails after the gate's limit with the last status, and makes no Workstation", async () => {
        watch = await watchLeaks({
            lab: lab(),
            enclave: plan,
            file: join(work, "kill.pcap"),
            appearWithin: 10_000,
        });
        await lost(true);
        try {
            failedWith(
                await up().result,
                /was not ready within 45 s; last status: (none|role|tor-start|bootstrap \d+ %)/,
                /fix: bin\/sallyport console /,
            );
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
        assert.deepEqual(
            (await inventory()).domains,
            [plan.gateway.domain, ...plan.workstations.map((w) => w.domain)].sort(),
        );
        succeeded(
            await session.run(
                ["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
                { timeoutSeconds: LIMIT.up },
            ),
        );
    });

    socksOnly(() => plan);

    it("meanwhile the external link carried ARP and TCP to relays' ORPorts, and nothing else", async () => {
        await leakFree(watch);
    });

    it("and destroy, killed when the guests are gone, goes on, has wiped what they had and leaves nothing", async () => {
        const destroy = (name: string): ReturnType<StackSession["start"]> => {
            const { args, env } = recorded(name);
            return session.start(["destroy", "--yes", "--skip-preview", ...args], {
                timeoutSeconds: LIMIT.destroy,
                env,
            });
        };
        const first = destroy("destroy-1.events");
        await eventually(
            "no domain is left",
            LIMIT.destroy,
            async () => (await inventory()).domains.length === 0,
        );
        assert.ok(first.killAll() > 1, "the run was over");
        await first.result;
        await session.run(["cancel", "--yes"], { timeoutSeconds: 60 });
        succeeded(await destroy("destroy-2.events").result);
        for (const { domain } of [plan.gateway, ...plan.workstations]) {
            wipedInTime(["destroy-1.events", "destroy-2.events"], [`${domain}-overlay`, `${domain}-seed`]);
        }
        assert.deepEqual(await inventory(), empty);
    });
});
