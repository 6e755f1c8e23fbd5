/**
 * Faults inside a booted Gateway: a corrupt ruleset at boot, tor killed, the ruleset flushed; and tor's own
 * word on who shares a circuit. Nobody can log in to a Gateway, so this one's seed gives its console a shell
 * (tampered/tamper.ts); the rest is as it ships. Its external network is a bridge that the host had before.
 */
import assert from "../support/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestShell } from "../../cli/guest-shell";
import { fetchPage, seenBy } from "../../cli/live/fetch";
import { labStackConfig, planOf } from "../../cli/live/lab-stack-config";
import { hostMac, type LeakWatch, watchLeaks } from "../../cli/live/leak-watch";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { NIC } from "../../cloud-init/guest";
import { ECHO_PORT } from "../../lab/addresses";
import { readWebLog } from "../../lab/weblog";
import { type Declared, declaredDomains } from "../../model/declared-domain";
import { UNCONFINED, domainFindings } from "../../model/live-domain";
import { readPcap } from "../../capture/pcap";
import type { Silence } from "../../capture/silence";
import { DEFAULT_SOCKS_PORT, TOR_BROWSER_PORT } from "../../values/ports";
import type { EnclavePlan } from "../../plan/plan";
import { allInVain, attempts, downloadDied, pagesArrive, startDownload } from "./support/download";
import { failedWith, succeeded } from "./support/expect";
import { HOST_BRIDGE, makeHostBridge, removeHostBridge } from "./support/host-bridge";
import { type Inventory, inventory } from "./support/inventory";
import { leakFree } from "./support/leak-free";
import { silent } from "./support/silent";
import { sendEverything } from "./support/stand-in";
import { shellOf, withShell } from "./support/shell";
import { circuitsOf, disjoint, said, subscribe, targetName } from "./support/streams";
import { READY, RULESET_LOADED, type StatusWatch, watchStatus } from "./support/status-watch";
import { tamperedProject } from "./support/tampered-project";
import { LIMIT, lab, stack, work, inLab, say } from "./support/world";
import { placed } from "../support/placed";

/** IRC's port: another than the default one. */
const OTHER_PORT = 9101;

inLab();
describe("Inside a Gateway", () => {
    let session: StackSession;
    let plan: EnclavePlan;
    let declared: readonly Declared[];
    let empty: Inventory;
    let watch: LeakWatch | undefined;
    let status: StatusWatch | undefined;
    let gateway: GuestShell | undefined;
    let powerOn = NaN;
    const silences: Silence[] = [];
    const capture = join(work, "inside.pcap");

    beforeAll(async () => {
        await makeHostBridge();
        empty = await inventory();
        session = stack("inside", { program: tamperedProject("inside"), env: { E2E_TAMPER: "shell" } });
        const settings = {
            ...labStackConfig(lab()),
            enclaves: [
                {
                    name: "default",
                    external: HOST_BRIDGE.external,
                    workstations: placed({ name: "ws1" }, { name: "ws2" }),
                },
            ],
        };
        await session.init(settings);
        const whole = planOf("e2e-inside", settings);
        const [enclave] = whole.enclaves;
        assert.ok(enclave);
        plan = enclave;
        declared = declaredDomains(whole, plan);
        status = watchStatus(plan);
    });
    afterAll(async () => {
        status?.stop();
        await gateway?.close();
        await watch?.stop().catch(() => undefined);
        session.forget();
    });
    const up = (tamper: "corrupt" | "shell", ...more: string[]): ReturnType<StackSession["run"]> =>
        session.run(["up", "--yes", "--skip-preview", "--suppress-outputs", ...more], {
            timeoutSeconds: LIMIT.up,
            env: { E2E_TAMPER: tamper },
        });
    const workstation = (i: number): string => plan.workstations[i]?.domain ?? "";
    const inGateway = async (script: string, seconds = 30): Promise<string> => {
        assert.ok(gateway, "there is no shell in the Gateway");
        const result = await gateway.run(script, seconds);
        assert.equal(result.status, 0, result.output);
        // The Gateway says its status on the same console, whenever it likes.
        return result.output.replaceAll(/^@sallyport.*\r?\n?/gm, "");
    };

    it("a corrupt ruleset at boot: up fails at the readiness gate with the reason, and makes no Workstation", async () => {
        watch = await watchLeaks({ lab: lab(), enclave: plan, file: capture, appearWithin: 10_000 });
        powerOn = Date.now() / 1000;
        failedWith(
            await up("corrupt"),
            /Gateway \S+-default-gateway failed: ruleset refused: .*/,
            /fix: bin\/sallyport console /,
        );
        assert.deepEqual((await mustVirsh(lab().uri, ["list", "--all", "--name"])).trim().split("\n"), [
            plan.gateway.domain,
        ]);
    });

    it("every NIC of that Gateway is down, tor does not run, the kernel drops every packet", async () => {
        await withShell(plan.gateway.domain, async (shell) => {
            const { output } = await shell.run(
                "ip -color=never -o link show up; echo tor: $(pgrep -xc tor); nft list ruleset",
                60,
            );
            assert.doesNotMatch(output, new RegExp(`\\b(${NIC.outer}|${NIC.inner}|e(th|n)\\w+)\\b`));
            assert.match(output, /: lo: <LOOPBACK,UP/, "positive control: lo is up");
            assert.match(output, /^tor: 0\n/m);
            assert.match(output, /table inet sallyport_lockdown \{/);
        });
    });

    it("repaired, the next up goes on, on a bridge of the host's", async () => {
        succeeded(await up("shell"));
        silences.push({
            name: "a corrupt ruleset, then a good one",
            from: powerOn,
            to: status?.after(powerOn, RULESET_LOADED)?.time ?? NaN,
        });
        for (const one of declared) {
            assert.deepEqual(
                domainFindings(await mustVirsh(lab().uri, ["dumpxml", one.domain]), one, UNCONFINED),
                [],
                one.domain,
            );
        }
        gateway = await shellOf(plan.gateway.domain);
        await withShell(workstation(0), (shell) => pagesArrive(shell, "TransPort", "SocksPort"));
    });

    it("a second up changes nothing, refresh finds nothing, and an up after it changes nothing either", async () => {
        succeeded(await up("shell", "--expect-no-changes"));
        succeeded(
            await session.run(
                ["refresh", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
                { timeoutSeconds: LIMIT.up },
            ),
        );
        succeeded(await up("shell", "--expect-no-changes"));
    });

    it("two Workstations, two ports, two SOCKS users have circuits of their own; one client's next fetch shares its circuit", async () => {
        assert.ok(gateway, "there is no shell in the Gateway");
        const names = new Map<string, string>();
        const fetches = (way: string, count: number, proxy: string): string =>
            Array.from({ length: count }, (_, i) => {
                const name = targetName();
                names.set(`${way} ${i + 1}`, name);
                return `curl -q -sS --fail -o /dev/null --max-time ${LIMIT.fetch} --proxy socks5h://${proxy} http://${name}/ || exit 1`;
            }).join("; ");
        const on = (port: number, user = ""): string => `${user}${plan.gateway.inner.address}:${port}`;
        const first = [
            // A Conflux set has two circuits, and tor may retire one at any time: of three fetches two
            // must share.
            fetches("default", 3, on(DEFAULT_SOCKS_PORT)),
            fetches("another port", 1, on(OTHER_PORT)),
            fetches("user a", 1, on(TOR_BROWSER_PORT, "a:x@")),
            fetches("user b", 1, on(TOR_BROWSER_PORT, "b:x@")),
        ].join("; ");
        const second = fetches("another Workstation", 1, on(DEFAULT_SOCKS_PORT));
        await subscribe(gateway);
        for (const [i, script] of [first, second].entries()) {
            await withShell(workstation(i), async (shell) => {
                const done = await shell.run(script, LIMIT.fetch);
                assert.equal(done.status, 0, done.output);
            });
        }
        const text = await said(gateway);
        const used = new Map([...names].map(([way, name]) => [way, circuitsOf(text, name)]));
        const show = JSON.stringify([...used].map(([way, circuits]) => [way, ...circuits]));
        for (const [way, circuits] of used) {
            for (const [other, its] of used) {
                assert.ok(
                    (way.split(" ")[0] === other.split(" ")[0] && way.startsWith("default")) ||
                        way === other ||
                        disjoint(circuits, its),
                    `${way} and ${other} share: ${show}`,
                );
            }
        }
        const own = [...used].filter(([way]) => way.startsWith("default")).map(([, circuits]) => circuits);
        assert.ok(
            own.some((a, i) => own.slice(i + 1).some((b) => !disjoint(a, b))),
            `no two fetches of one client share, so ids tell nothing: ${show}`,
        );
        say(`      ${show}`);
    });

    it("tor killed in mid-download: the download dies, nothing gets out while it is gone, then a page again", async () => {
        await withShell(workstation(0), async (shell) => {
            await startDownload(shell);
            const from = Date.now() / 1000;
            const gone = (): number => status?.after(from, '"phase":"tor-start"')?.time ?? Infinity;
            await inGateway(
                'pid=$(systemctl show -P MainPID tor@default); [ "$(cat /proc/$pid/comm)" = tor ' +
                    "] && kill -KILL $pid",
            );
            const killed = Date.now() / 1000;
            // The unit starts it anew after five seconds.
            const made = await attempts(shell, () => status?.after(gone(), READY) !== undefined);
            assert.ok(gone() < Infinity, "the Gateway did not say that its tor was gone");
            const asked = Date.now() / 1000;
            const age = Number(
                await inGateway(
                    "s=$(systemctl show -P ExecMainStartTimestampMonotonic tor@default); python3 -I -S -c \"print(float(open('/proc/uptime').read().split()[0]) - $s / 1e6)\"",
                ),
            );
            // No later than it was: the age was measured after the question was asked.
            const started = asked - age;
            assert.ok(
                started > killed,
                `tor started ${(killed - started).toFixed(1)} s before it was killed`,
            );
            allInVain(
                made.filter((a) => a.ended > killed && a.ended < started),
                "while tor was gone",
            );
            await downloadDied(shell);
            await pagesArrive(shell, "TransPort", "SocksPort");
        });
    });

    it("the ruleset flushed: the transparent way is gone, not open, and nothing that is sent inside leaves by itself", async () => {
        assert.equal(await inGateway("nft flush ruleset; nft list ruleset"), "");
        await withShell(workstation(0), async (shell) => {
            const transparent = await fetchPage(shell, lab(), "TransPort", 5);
            assert.deepEqual(
                { ok: transparent.ok, seenFrom: transparent.seenFrom },
                { ok: false, seenFrom: [] },
            );
            const byAddress = await shell.run(
                `curl -q -sS --noproxy '*' --max-time 5 http://${lab().web.address}/flushed`,
                15,
            );
            assert.notEqual(byAddress.status, 0, byAddress.output);
            assert.deepEqual(await sendEverything(plan), { gateway: true, answered: [] });
            await pagesArrive(shell, "SocksPort");
        });
    });

    it("the external link, the host's own bridge, carried ARP and TCP to relays' ORPorts, and nothing else", async () => {
        await leakFree(watch);
        say(
            `      silent for ${silent(readPcap(readFileSync(capture)), await hostMac(lab(), plan), silences)}`,
        );
    });

    it("negative test: a Gateway that forwards and masquerades is seen to: by the web server, and by the leak check, which names the frames", async () => {
        await inGateway(
            `nft 'add table ip open; add chain ip open out { type nat hook postrouting priority 100; }; add rule ip open out oifname ${NIC.outer} masquerade' && sysctl -qw net.ipv4.ip_forward=1`,
        );
        const open = await watchLeaks({
            lab: lab(),
            enclave: plan,
            file: join(work, "open.pcap"),
            appearWithin: 10_000,
        });
        const { web } = lab();
        await withShell(workstation(0), async (shell) => {
            const result = await shell.run(
                `curl -q -sS --fail --max-time 30 --noproxy '*' http://${web.address}/leak`,
                40,
            );
            assert.equal(result.status, 0, result.output);
        });
        assert.deepEqual(seenBy(readWebLog(web.log), "/leak"), [plan.gateway.outer.address]);
        const { answered } = await sendEverything(plan);
        for (const answer of [
            `TCP ${web.address}:80`,
            `UDP ${web.address}:${ECHO_PORT}`,
            `ICMP ${web.address}`,
        ]) {
            assert.ok(answered.includes(answer), `${answer} is not among ${answered.join(", ")}`);
        }
        const { ok, findings } = await open.stop();
        assert.equal(ok, false);
        const toWeb = findings.filter((f) => f.reason === `${web.address}:80 is no relay's ORPort`);
        assert.ok(
            toWeb.length > 0 && toWeb.every((f) => f.summary.includes(web.address)),
            JSON.stringify(findings.slice(0, 5)),
        );
        for (const kind of ["UDP", "ICMP"]) {
            assert.ok(
                findings.some(
                    (f) => f.summary.includes(` ${kind} `) && f.summary.includes(plan.gateway.outer.address),
                ),
                `no ${kind} among the findings`,
            );
        }
    });

    it("destroy leaves nothing but the bridge, which was there before", async () => {
        await gateway?.close();
        gateway = undefined;
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        assert.ok(empty.bridges.includes(HOST_BRIDGE.external.bridge));
        assert.deepEqual(await inventory(), empty);
        await removeHostBridge();
    });
});
