/** The main job: an enclave declared, a Workstation on the web through Tor, nothing else anywhere. */
import assert from "../support/assert";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { labStackConfig, planOf } from "../../cli/live/lab-stack-config";
import { hostMac, type LeakWatch, watchLeaks } from "../../cli/live/leak-watch";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { livingInRegistry } from "../../lab/process-registry";
import { resolveLab } from "../../lab/paths";
import { inNamespace } from "../../lab/run";
import { type Declared, declaredDomains } from "../../model/declared-domain";
import { UNCONFINED, domainFindings } from "../../model/live-domain";
import { SEED_SUFFIX } from "../../values/disk-files";
import { readPcap } from "../../capture/pcap";
import type { Silence } from "../../capture/silence";
import { formatCpuset } from "../../values/cpuset";
import type { EnclavePlan } from "../../plan/plan";
import { neighbours } from "./parts/neighbours";
import { outages } from "./parts/outages";
import { PACK, beforeItExists, onceItExists, passed, withoutPreview } from "./policy";
import { controlPort } from "./control";
import { CLOCKS, startClocks } from "./support/clocks";
import { pagesArrive } from "./support/download";
import { interfaces } from "./support/enclave-stage";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { RULESET_LOADED, type StatusWatch, watchStatus } from "./support/status-watch";
import { withShell } from "./support/shell";
import { leakFree } from "./support/leak-free";
import { silent } from "./support/silent";
import { LIMIT, lab, stack, work, inLab, say } from "./support/world";
import { clocksOf, closeTo, drawnOffset, nothingLeaves, opens, timeState } from "./time";
import { placed } from "../support/placed";

inLab();
describe("Enclave", () => {
    let session: StackSession;
    let plan: EnclavePlan;
    let declared: readonly Declared[];
    let empty: Inventory;
    let watch: LeakWatch | undefined;
    let clocks: Awaited<ReturnType<typeof startClocks>> | undefined;
    let status: StatusWatch | undefined;
    const silences: Silence[] = [];
    const capture = join(work, "main.pcap");
    const upEnded = new AbortController();

    beforeAll(async () => {
        empty = await inventory();
        session = stack("main");
        const base = labStackConfig(lab());
        // Clocks of the test's own, which at first agree on nothing.
        const settings = {
            ...base,
            torNetwork: { ...(base["torNetwork"] as object), timeSources: CLOCKS },
            enclaves: [
                {
                    name: "default",
                    workstations: placed({ name: "ws1", control: true }, { name: "ws2" }),
                    clock: { windowSeconds: 3600, strict: true },
                    cpus: formatCpuset(cpus().map((_, i) => i)),
                },
            ],
        };
        clocks = await startClocks([0, 86_400, -86_400]);
        await session.init(settings);
        const whole = planOf("e2e-main", settings);
        const [enclave] = whole.enclaves;
        assert.ok(enclave);
        plan = enclave;
        declared = declaredDomains(whole, plan);
    });
    afterAll(async () => {
        status?.stop();
        await watch?.stop().catch(() => undefined);
        await clocks?.stop();
        session.forget();
    });
    const stage = {
        plan: (): EnclavePlan => plan,
        status: (): StatusWatch => {
            assert.ok(status, "nobody reads the Gateway's status");
            return status;
        },
        silences,
    };
    const workstation = (): string => plan.workstations[0]?.domain ?? "";
    const live = (domain: string): Promise<string> => mustVirsh(lab().uri, ["dumpxml", domain]);

    withoutPreview(() => labStackConfig(lab()));
    beforeItExists(() => session);

    it("pulumi up makes it under the policy pack, Workstations once tor is ready, captured from before the Gateway's power-on", async () => {
        const watching = watchLeaks({
            lab: lab(),
            enclave: plan,
            file: capture,
            appearWithin: LIMIT.up * 1000,
            signal: upEnded.signal,
        });
        watching.catch(() => undefined);
        status = watchStatus(plan);
        const from = Date.now() / 1000;
        try {
            passed(
                await session.run(["up", "--yes", "--suppress-outputs", ...PACK], {
                    timeoutSeconds: LIMIT.up,
                }),
            );
        } catch (error) {
            upEnded.abort(error);
            throw error;
        }
        watch = await watching;
        const domains = declared.map(({ domain }) => domain);
        const now = await inventory();
        // Positive control of every inventory that finds nothing.
        assert.deepEqual(now.domains, [...domains].sort());
        assert.equal(now.machines.length, domains.length);
        const missing = domains
            .flatMap((domain) =>
                [".qcow2", SEED_SUFFIX].map(
                    (end) => new RegExp(`(^|/)${domain}-[0-9a-f]{8}${end.replaceAll(".", "\\.")}$`),
                ),
            )
            .filter((file) => !now.files.some((name) => file.test(name)));
        assert.deepEqual(missing, [], `files: ${now.files.join(" ")}`);
        silences.push({ name: "first boot", from, to: status.after(from, RULESET_LOADED)?.time ?? NaN });
    });

    it("while its sources of time disagree, the Workstation's clock is off by what the state says and nothing leaves it", async () => {
        await withShell(workstation(), async (shell) => {
            const { set } = await timeState(shell, (state) => state.detail === "the sources disagree");
            assert.equal(set, false);
            const offset = await drawnOffset(session, workstation());
            const { cmos, system } = await clocksOf(shell);
            closeTo(cmos, offset, "the CMOS clock");
            closeTo(system, offset, "the system's clock");
            await nothingLeaves(shell);
            const host = await shell.run(
                "cat /sys/devices/system/clocksource/*/available_clocksource; ls /dev/ptp* /sys/class/ptp/*",
                20,
            );
            assert.doesNotMatch(host.output, /kvm|hyperv|xen|\/dev\/ptp\d/);
            assert.match(host.output, /tsc|acpi_pm|jiffies/);
        });
    });

    it("once they agree, one liar left out, the clock is right and the Workstation opens", async () => {
        await clocks?.stop();
        clocks = await startClocks([0, 0, 86_400]);
        await withShell(workstation(), async (shell) => {
            await timeState(shell, (state) => state.set);
            closeTo((await clocksOf(shell)).system, 0, "the system's clock");
            await opens(shell);
        });
    });

    it("the Workstation reaches the web through TransPort and through SocksPort; the server sees an exit", async () => {
        await withShell(workstation(), async (shell) => {
            await pagesArrive(shell, "TransPort", "SocksPort");
            const who = await shell.run("id -un; sudo -n true && echo root", 20);
            assert.match(who.output, /^user\n/);
            assert.doesNotMatch(who.output, /^root$/m);
        });
    });

    controlPort(() => plan);

    it("live domains are what was planned, with the devices of the allow-list, and nothing else", async () => {
        for (const one of declared) {
            assert.deepEqual(domainFindings(await live(one.domain), one, UNCONFINED), [], one.domain);
        }
    });

    it("the isolated bridge has the Gateway's and the Workstations' NICs as its only members", async () => {
        for (const w of plan.workstations) {
            assert.deepEqual(
                (await interfaces(w.domain)).map((nic) => nic.network),
                [plan.isolated.name],
            );
        }
        const all = (await Promise.all(declared.map(({ domain }) => interfaces(domain)))).flat();
        const expected = all
            .filter((nic) => nic.network === plan.isolated.name)
            .map((nic) => nic.device)
            .sort();
        const links = JSON.parse(
            (
                await inNamespace(lab().namespaces.host, "ip", [
                    "-j",
                    "link",
                    "show",
                    "master",
                    plan.isolated.bridge,
                ])
            ).stdout,
        ) as { ifname: string }[];
        assert.deepEqual(links.map((link) => link.ifname).sort(), expected);
        assert.equal(expected.length, 1 + plan.workstations.length);
        const addresses = JSON.parse(
            (
                await inNamespace(lab().namespaces.host, "ip", [
                    "-j",
                    "addr",
                    "show",
                    "dev",
                    plan.isolated.bridge,
                ])
            ).stdout,
        ) as { addr_info: unknown[] }[];
        assert.deepEqual(
            addresses.map((a) => a.addr_info),
            [[]],
            "the host has an address on the isolated network",
        );
    });

    neighbours(stage);

    it("a second up changes nothing", async () => {
        succeeded(
            await session.run(
                ["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
                { timeoutSeconds: LIMIT.up },
            ),
        );
    });

    it("refresh finds nothing", async () => {
        succeeded(
            await session.run(
                ["refresh", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
                { timeoutSeconds: LIMIT.up },
            ),
        );
    });

    onceItExists(() => session);

    it("a libvirt that hangs is given up on after the overall limit, with a clear message", async () => {
        const libvirtd = livingInRegistry(resolveLab().state).find((p) => p.name === "libvirtd");
        assert.ok(libvirtd);
        process.kill(libvirtd.pid, "SIGSTOP");
        try {
            // Nothing goes before its host was looked at.
            failedWith(
                await session.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"], {
                    timeoutSeconds: LIMIT.up,
                    env: { SALLYPORT_TIMEOUT: "10s" },
                }),
                /not end within 10s/,
                /fix: /,
            );
        } finally {
            process.kill(libvirtd.pid, "SIGCONT");
        }
        succeeded(await session.run(["cancel", "--yes"], { timeoutSeconds: 60 }));
        succeeded(
            await session.run(
                ["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
                { timeoutSeconds: LIMIT.up },
            ),
        );
    });

    outages(stage);

    it("the external link carried ARP and TCP to relays' ORPorts, and nothing else", async () => {
        await leakFree(watch);
    });

    it("the external link was silent from power-on, and from each reset, until the ruleset was loaded", async () => {
        assert.equal(silences.length, 3);
        say(
            `      silent for ${silent(readPcap(readFileSync(capture)), await hostMac(lab(), plan), silences)}`,
        );
    });

    it("destroy leaves nothing", async () => {
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        assert.deepEqual(await inventory(), empty);
    });
});
