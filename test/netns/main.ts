/**
 * The netns tier: `test/netns/run`. Raises the stage, runs every probe with the rules loaded, with the rules gone
 * (positive controls) and with each rule missing or weaker (mutation controls), and takes everything down again.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../cli/root";
import { controlFiles } from "../../cloud-init/control";
import { TIME_USER } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { untilTimeRuleset } from "../../cloud-init/nft/until-time";
import { workstationRuleset } from "../../cloud-init/nft/workstation";
import { gatewayListeners, gatewayTorrc } from "../../cloud-init/torrc/gateway";
import { renderTorrc } from "../../cloud-init/torrc/options";
import { RELAYS, WEB } from "../../lab/addresses";
import { startCapture } from "../../lab/capture";
import { startDaemon } from "../../lab/daemon";
import { run } from "../../lab/run";
import { leakVerdict, summarise } from "../../proof/leak";
import { decodeFrame } from "../../proof/frame";
import { readPcap } from "../../proof/pcap";
import { SOCKS_PORTS } from "../../topology/ports";
import type { Endpoint, EnclavePlan } from "../../topology/plan";
import { flushRules, lenientKernel, lenientWorkstation, loadRules, plugIn, rulesFile, strictKernel, write } from "./gateway";
import { startControlFilter, startGatewayTor, torUid } from "./gateway-tor";
import { mutationsOf } from "./mutations";
import { checkTable, saveFigures, saveThroughput, writeTable } from "./figures-doc";
import { phase } from "./phases";
import { HELD_REDUNDANT, REDUNDANT, WORKSTATION_REDUNDANT } from "./redundant";
import { Tally } from "./report";
import { playWays } from "./ways";
import { buildCell, endProcess, HOST_MAC, neighbourAddress, raiseStage, stageEnclave, strikeStage, type Stage } from "./world";

const tally = new Tally();

const PARTS = ["attacks", "mutations", "end", "socks-only", "ways", "control-port", "workstation"] as const;
const only = process.argv.includes("--only") ? process.argv.slice(process.argv.indexOf("--only") + 1) : PARTS;

/** Whether this part is to be played; all are, unless the command line names some. */
const wanted = (part: (typeof PARTS)[number]): boolean => only.includes(part);

/** Somebody's onion service on the lab's internet: port 80 of the web server. */
async function startOnion(stage: Stage): Promise<() => Promise<string>> {
    const root = join(stage.paths.dir, "stage", "onion");
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const torrc = write(stage, "onion/torrc", [
        "TestingTorNetwork 1",
        ...stage.dirAuthorities.map((line) => `DirAuthority ${line}`),
        `DataDirectory ${join(root, "data")}`,
        "SocksPort 0",
        `HiddenServiceDir ${join(root, "service")}`,
        `HiddenServicePort 80 ${WEB.address}:${WEB.port}`,
        "Log notice stdout",
        "",
    ].join("\n"));
    startDaemon(stage.book, "tor onion service", stage.paths.names.internet, "tor", ["-f", torrc], join(stage.paths.logs, "tor-onion.log"));
    return async () => {
        for (;;) {
            try {
                return readFileSync(join(root, "service", "hostname"), "utf8").trim();
            } catch {
                await sleep(50);
            }
        }
    };
}

const listeners = (enclave: EnclavePlan): { tcpListeners: number[]; udpListeners: number[] } => {
    const all = gatewayListeners(enclave);
    return {
        tcpListeners: all.filter((l) => l.kind !== "DNSPort").map((l) => l.port),
        udpListeners: all.filter((l) => l.kind === "DNSPort").map((l) => l.port),
    };
};

interface Spec {
    readonly file: string;
    set(more: Record<string, unknown>): void;
}

/** What the probes need to know, as a file. */
function specOf(stage: Stage, enclave: EnclavePlan, more: Record<string, unknown>): Spec {
    const { inner, outer } = enclave.gateway;
    let facts: Record<string, unknown> = {
        namespaces: { host: stage.paths.names.host, gateway: stage.names.gateway, internet: stage.paths.names.internet },
        workstations: enclave.workstations.map((w, i) => ({ namespace: stage.names.workstations[i], mac: w.nic.mac, address: w.nic.address })),
        inner: { mac: inner.mac, address: inner.address },
        outer: { mac: outer.mac, address: outer.address },
        route: { mac: HOST_MAC, address: outer.route },
        neighbour: neighbourAddress(enclave),
        web: WEB.address,
        web6: WEB.address6,
        relays: RELAYS.map((relay) => [relay.address, relay.orPort]),
        socksPorts: SOCKS_PORTS.map((p) => p.port),
        ...listeners(enclave),
        mutations: [],
        redundant: [],
        ...more,
    };
    const file = write(stage, "spec.json", JSON.stringify(facts));
    return {
        file,
        set: (changes) => {
            facts = { ...facts, ...changes };
            write(stage, "spec.json", JSON.stringify(facts));
        },
    };
}

/** Capture the external link while `during` runs; judge every frame, or only those that the Gateway sent. */
async function captured(
    stage: Stage,
    enclave: EnclavePlan,
    name: string,
    onlyFromGateway: boolean,
    during: () => Promise<void>,
    relays: readonly Endpoint[] = RELAYS.map((relay) => ({ address: relay.address, port: relay.orPort })),
): Promise<void> {
    const file = join(stage.paths.dir, "stage", `${name}.pcap`);
    const capture = await startCapture({ namespace: stage.paths.names.host, interface: stage.names.gatewayOuterPort, file });
    await during();
    const { droppedByKernel } = await capture.stop();
    const { outer } = enclave.gateway;
    const frames = readPcap(readFileSync(file));
    const judged = onlyFromGateway ? frames.filter((f) => decodeFrame(f.data, f.wireLength).sourceMac === outer.mac) : frames;
    const verdict = leakVerdict(judged, droppedByKernel, {
        gateway: { mac: outer.mac, address: outer.address },
        host: { mac: HOST_MAC, address: outer.route ?? "" },
        relays,
    });
    tally.figures.capture(verdict);
    const detail = `${verdict.frames} frames, ${verdict.findings.length} outside the allow-list`;
    const [first] = verdict.findings;
    const why = [...verdict.problems, ...(first === undefined ? [] : [`${first.summary}: ${first.reason}`])].join("; ");
    tally.add(`external link during ${name}: ARP and relays' ORPorts only`, verdict.ok, verdict.ok ? detail : `${detail}; ${why}`);
    // Anti-test: the same capture with one relay struck from the allow-list must be refused.
    const used = judged.map((f) => decodeFrame(f.data, f.wireLength)).find((f) => f.kind === "tcp" && f.sourceMac === outer.mac);
    const without = leakVerdict(judged, droppedByKernel, {
        gateway: { mac: outer.mac, address: outer.address },
        host: { mac: HOST_MAC, address: outer.route ?? "" },
        relays: relays.filter((r) => used?.kind !== "tcp" || r.address !== used.destination),
    });
    tally.add(`anti-test: ${name} without one relay in the allow-list is a leak`, !without.ok && without.findings.length > 0,
        used === undefined ? "no TCP seen" : summarise(used));
}

/** Every rule missing or weaker in turn: a probe notices, or the list says which other rule holds. */
async function mutate(stage: Stage, spec: Spec, ruleset: Ruleset, name: "mutate" | "mutate-workstation" | "mutate-held-workstation", layers: Readonly<Record<string, string>>): Promise<void> {
    const mutations = mutationsOf(ruleset);
    const redundant = Object.keys(layers);
    const stale = redundant.filter((id) => !mutations.some((m) => m.id === id));
    tally.add("every rule that is known to be a second layer exists", stale.length === 0, stale.join(", "));
    spec.set({ redundant, mutations: mutations.map((m, i) => ({ id: m.id, rule: m.rule, file: rulesFile(stage, `mutation-${i}.nft`, m.ruleset) })) });
    const results = await phase(tally, spec.file, name, "mutation ");
    const rules = new Set(mutations.map((m) => m.rule));
    const noticed = new Set(mutations.filter((m) => results.some((r) => r.name === m.id && r.noticed === true)).map((m) => m.rule));
    tally.figures.rules(({ "mutate": "gateway", "mutate-workstation": "workstation", "mutate-held-workstation": "held" } as const)[name],
        { rules: rules.size, rulesNoticed: noticed.size, mutations: mutations.length, mutationsNoticed: results.filter((r) => r.noticed === true).length });
    tally.note(`${results.filter((r) => r.noticed === true).length} of ${mutations.length} mutations noticed, ${redundant.length} stand behind another rule; `
        + `${noticed.size} of ${rules.size} rules and policies have one that is noticed`);
    tally.add("every rule has a mutation that is noticed", noticed.size === rules.size, [...rules].filter((r) => !noticed.has(r)).join(", "));
}

async function play(stage: Stage): Promise<void> {
    mkdirSync(join(stage.paths.dir, "stage"), { recursive: true });
    const enclave = stageEnclave(stage.dirAuthorities);
    const onion = await startOnion(stage);
    await buildCell(stage, enclave);
    const rules = rulesFile(stage, "ruleset.nft", gatewayRuleset(enclave));
    const spec = specOf(stage, enclave, { ruleset: rules, torUid: await torUid() });

    let tor = 0;
    await captured(stage, enclave, "start and use of tor", false, async () => {
        await loadRules(stage, rules);
        await strictKernel(stage);
        await plugIn(stage, enclave);
        const started = await startGatewayTor(stage, stage.names.gateway, "gateway", renderTorrc(gatewayTorrc(enclave)));
        tor = started.pid;
        spec.set({ control: join(started.run, "control"), cookie: join(started.run, "control.authcookie"), torPid: tor, onion: await onion() });
        await phase(tally, spec.file, "ready");
        await phase(tally, spec.file, "tor");
    });
    if (wanted("attacks")) {
        await attacks(stage, enclave, spec, rules);
    }
    await lenientKernel(stage, enclave);
    await loadRules(stage, rules);
    if (wanted("mutations")) {
        await mutate(stage, spec, gatewayRuleset(enclave), "mutate", REDUNDANT);
    }
    if (wanted("end")) {
        await captured(stage, enclave, "the end of tor", true, async () => void (await phase(tally, spec.file, "gone")));
    }
    await endProcess(tor);
    await after(stage, enclave, spec);
}

/** Every attack: with our kernel settings, with lenient ones, and, as the positive control, with no rules at all. */
async function attacks(stage: Stage, enclave: EnclavePlan, spec: Spec, rules: string): Promise<void> {
    await captured(stage, enclave, "every attack, kernel strict", true, async () => void (await phase(tally, spec.file, "fast", "rules and kernel: ")));
    await flushRules(stage);
    await captured(stage, enclave, "ruleset flushed, kernel strict", true, async () => void (await phase(tally, spec.file, "flushed")));
    await lenientKernel(stage, enclave);
    await loadRules(stage, rules);
    await captured(stage, enclave, "every attack, kernel lenient", true, async () => void (await phase(tally, spec.file, "guard", "rules alone: ")));
    await phase(tally, spec.file, "counters");

    await flushRules(stage);
    await phase(tally, spec.file, "control");
}

/** Parts that start a tor of their own. */
async function after(stage: Stage, enclave: EnclavePlan, spec: Spec): Promise<void> {
    if (wanted("socks-only")) {
        await socksOnly(stage, spec);
    }
    if (wanted("ways")) {
        await playWays(stage, {
            set: (facts) => spec.set(facts),
            phase: (name, label) => phase(tally, spec.file, name, label),
            captured: (way, name, relays, during) => captured(stage, way, name, true, during, relays),
        });
    }
    await loadRules(stage, rulesFile(stage, "ruleset.nft", gatewayRuleset(enclave)));
    const tor = await startGatewayTor(stage, stage.names.gateway, "gateway", renderTorrc(gatewayTorrc(enclave)));
    spec.set({ torPid: tor.pid, control: join(tor.run, "control"), cookie: join(tor.run, "control.authcookie"), ...listeners(enclave) });
    await phase(tally, spec.file, "ready", "again: ");
    await phase(tally, spec.file, "recovers");
    if (wanted("control-port")) {
        await controlPort(stage, enclave, spec, tor.run);
    }
    if (wanted("workstation")) {
        const own = rulesFile(stage, "workstation.nft", workstationRuleset(enclave));
        await lenientWorkstation(stage);
        await run("ip", ["netns", "exec", stage.names.workstations[0], "nft", "-f", own]);
        spec.set({ workstationRuleset: own });
        await phase(tally, spec.file, "workstation");
        await mutate(stage, spec, workstationRuleset(enclave), "mutate-workstation", WORKSTATION_REDUNDANT);
        const held = rulesFile(stage, "held.nft", untilTimeRuleset(enclave));
        await run("ip", ["netns", "exec", stage.names.workstations[0], "nft", "-f", held]);
        spec.set({ workstationRuleset: held, timeUser: TIME_USER });
        await phase(tally, spec.file, "held-workstation");
        await mutate(stage, spec, untilTimeRuleset(enclave), "mutate-held-workstation", HELD_REDUNDANT);
    }
}

/** The enclave without a transparent proxy. */
async function socksOnly(stage: Stage, spec: Spec): Promise<void> {
    const closed = stageEnclave(stage.dirAuthorities, false);
    await loadRules(stage, rulesFile(stage, "socks-only.nft", gatewayRuleset(closed)));
    const tor = await startGatewayTor(stage, stage.names.gateway, "gateway", renderTorrc(gatewayTorrc(closed)));
    spec.set(listeners(closed));
    await phase(tally, spec.file, "ready", "SocksPorts only: ");
    await captured(stage, closed, "SocksPorts only", true, async () => void (await phase(tally, spec.file, "socks-only")));
    await endProcess(tor.pid);
}

/** The control filter, for the first Workstation alone. */
async function controlPort(stage: Stage, enclave: EnclavePlan, spec: Spec, torRun: string): Promise<void> {
    const given: EnclavePlan = { ...enclave, workstations: enclave.workstations.map((w, i) => ({ ...w, control: i === 0 })) };
    await loadRules(stage, rulesFile(stage, "control.nft", gatewayRuleset(given)));
    const config = write(stage, "control.json", controlFiles(given)[0]?.content ?? "");
    const filter = await startControlFilter(stage, torRun, config);
    await phase(tally, spec.file, "control-port");
    await endProcess(filter.pid);
    await loadRules(stage, rulesFile(stage, "ruleset.nft", gatewayRuleset(enclave)));
}

/** Only what the figures need: a Gateway in use, and beside it a tor that a program on the host uses directly. */
async function bench(stage: Stage): Promise<void> {
    mkdirSync(join(stage.paths.dir, "stage", "direct"), { recursive: true });
    const enclave = stageEnclave(stage.dirAuthorities);
    await buildCell(stage, enclave);
    const rules = rulesFile(stage, "ruleset.nft", gatewayRuleset(enclave));
    await loadRules(stage, rules);
    await strictKernel(stage);
    await plugIn(stage, enclave);
    const directPort = 9050;
    const torrc = write(stage, "direct/torrc", [
        "TestingTorNetwork 1",
        ...stage.dirAuthorities.map((line) => `DirAuthority ${line}`),
        `DataDirectory ${join(stage.paths.dir, "stage", "direct", "data")}`,
        `SocksPort 127.0.0.1:${directPort}`,
        "Log notice stdout",
        "",
    ].join("\n"));
    startDaemon(stage.book, "tor on the host", stage.paths.names.host, "tor", ["-f", torrc], join(stage.paths.logs, "tor-direct.log"));
    const tor = await startGatewayTor(stage, stage.names.gateway, "gateway", renderTorrc(gatewayTorrc(enclave)));
    const spec = specOf(stage, enclave, { ruleset: rules, torUid: await torUid(), directPort, control: join(tor.run, "control"), cookie: join(tor.run, "control.authcookie") });
    await phase(tally, spec.file, "ready");
    const results = await phase(tally, spec.file, "throughput");
    if (results.length > 0 && results.every((r) => r.ok)) {
        saveThroughput(results.map((r) => ({ way: r.name, said: r.detail })));
    }
}

async function main(): Promise<void> {
    // Whatever ends this program early, it has failed.
    process.exitCode = 1;
    const dir = join(projectRoot(), ".lab", "netns");
    const stop = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
        process.on(name, () => stop.abort(new Error(`ended by ${name}`)));
    }
    const strike = async (when: string): Promise<void> => {
        const left = await strikeStage(dir, () => undefined);
        tally.add(`${when} nothing is left of the stage`, left.length === 0, left.join(", "));
    };
    await strike("before,");
    try {
        const stage = await raiseStage(dir, (text) => tally.note(text), stop.signal);
        await Promise.race([process.argv[2] === "--bench" ? bench(stage) : play(stage), new Promise<never>((_, reject) => stop.signal.addEventListener("abort", () => reject(stop.signal.reason as Error)))]);
    } catch (error) {
        tally.add("the tier ran to its end", false, error instanceof Error ? error.message : String(error));
    } finally {
        if (process.argv[2] !== "--keep") {
            await strike("after,");
        }
    }
    if (process.argv[2] !== "--bench" && only === PARTS && tally.failed === 0) {
        saveFigures(tally.figures.all());
        const stale = checkTable(tally.figures.all());
        tally.add("docs/confinement.md tells these numbers", stale.length === 0, stale.join("; "));
    }
    process.stdout.write(`${tally.closing()}\n`);
    process.exitCode = tally.failed === 0 ? 0 : 1;
}

if (process.argv[2] === "--write-docs") {
    writeTable();
} else {
    void main();
}
