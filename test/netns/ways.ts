/** The ways out other than plain tor, each with real tor on the private network: a relay set, bridges, a proxy. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitOf } from "../../cloud-init/exit";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import { renderTorrc } from "../../cloud-init/torrc/options";
import { RELAYS } from "../../lab/addresses";
import { startDaemon } from "../../lab/daemon";
import { run } from "../../lab/run";
import { parseBridge } from "../../topology/bridge";
import type { Endpoint, EnclavePlan } from "../../topology/plan";
import { loadRules, rulesFile, write } from "./gateway";
import { startGatewayTor } from "./gateway-tor";
import type { Phase } from "./phases";
import { endProcess, stageEnclave, type Stage } from "./world";

const BRIDGE: Endpoint = { address: "203.0.113.31", port: 5001 };
const OBFS4: Endpoint = { address: "203.0.113.31", port: 4443 };
const PROXY: Endpoint = { address: "203.0.113.41", port: 1080 };

/** A bridge on the lab's internet, plain and with obfs4. @returns its two lines */
async function startBridge(stage: Stage): Promise<{ plain: string; obfs4: string }> {
    const root = join(stage.paths.dir, "stage", "bridge");
    mkdirSync(root, { recursive: true, mode: 0o700 });
    await run("ip", ["-n", stage.paths.names.internet, "addr", "replace", `${BRIDGE.address}/32`, "dev", "lo"]);
    const torrc = write(stage, "bridge/torrc", [
        "TestingTorNetwork 1",
        "AssumeReachable 1",
        ...stage.dirAuthorities.map((line) => `DirAuthority ${line}`),
        `DataDirectory ${join(root, "data")}`,
        "Nickname bridge1",
        `Address ${BRIDGE.address}`,
        `OutboundBindAddress ${BRIDGE.address}`,
        `ORPort ${BRIDGE.address}:${BRIDGE.port}`,
        "BridgeRelay 1",
        "PublishServerDescriptor 0",
        "BridgeDistribution none",
        "ExtORPort auto",
        "ServerTransportPlugin obfs4 exec /usr/bin/obfs4proxy",
        `ServerTransportListenAddr obfs4 ${OBFS4.address}:${OBFS4.port}`,
        "SocksPort 0",
        "ShutdownWaitLength 0",
        "Log notice stdout",
        "",
    ].join("\n"));
    startDaemon(stage.book, "tor bridge", stage.paths.names.internet, "tor", ["-f", torrc], join(stage.paths.logs, "tor-bridge.log"));
    const line = join(root, "data", "pt_state", "obfs4_bridgeline.txt");
    const fingerprint = join(root, "data", "fingerprint");
    for (let i = 0; i < 200 && !(existsSync(line) && existsSync(fingerprint)); i++) {
        await sleep(100);
    }
    const [, key = ""] = readFileSync(fingerprint, "utf8").trim().split(" ");
    const template = readFileSync(line, "utf8").split("\n").find((l) => l.startsWith("Bridge obfs4 ")) ?? "";
    const cert = template.slice(template.indexOf("cert="));
    return { plain: `${BRIDGE.address}:${BRIDGE.port} ${key}`, obfs4: `obfs4 ${OBFS4.address}:${OBFS4.port} ${key} ${cert}` };
}

/** Somebody's SOCKS5 proxy: another tor would hide what it does, so a plain one. */
async function startProxy(stage: Stage): Promise<void> {
    await run("ip", ["-n", stage.paths.names.internet, "addr", "replace", `${PROXY.address}/32`, "dev", "lo"]);
    startDaemon(stage.book, "proxy", stage.paths.names.internet, "/usr/bin/python3",
        ["-B", join(stage.probes, "socks5d.py"), PROXY.address, String(PROXY.port), "someone", "secret"], join(stage.paths.logs, "proxy.log"));
}

async function ways(stage: Stage): Promise<[name: string, enclave: EnclavePlan][]> {
    const plain = stageEnclave(stage.dirAuthorities);
    const bridge = await startBridge(stage);
    await startProxy(stage);
    const relays = RELAYS.filter((r) => r.nickname !== "exit4").map((r) => ({ address: r.address, port: r.orPort }));
    return [
        ["relay set", { ...plain, egress: { mode: "relay-set", relays } }],
        ["plain bridge", { ...plain, egress: { mode: "bridges", bridges: [parseBridge("bridge", bridge.plain)] } }],
        ["obfs4 bridge", { ...plain, egress: { mode: "bridges", bridges: [parseBridge("bridge", bridge.obfs4)] } }],
        ["SOCKS5 proxy", { ...plain, upstreamProxy: { kind: "socks5", endpoint: PROXY, user: "someone", password: "secret" } }],
    ];
}

/** What the caller brings: it counts results and judges captures. */
export interface Judge {
    set(facts: Record<string, unknown>): void;
    phase(name: Phase, label: string): Promise<unknown>;
    captured(enclave: EnclavePlan, name: string, relays: readonly Endpoint[], during: () => Promise<void>): Promise<void>;
}

/** Each way out in turn, with a tor that starts from nothing: what it needs, it must get through that way. */
export async function playWays(stage: Stage, judge: Judge): Promise<void> {
    for (const [name, enclave] of await ways(stage)) {
        const { peers = [], transport } = exitOf(enclave);
        await loadRules(stage, rulesFile(stage, "way.nft", gatewayRuleset(enclave)));
        judge.set({ peers: peers.map((e) => [e.address, e.port]), loopback: transport });
        await judge.captured(enclave, name, peers, async () => {
            const folder = `way-${name.toLowerCase().replaceAll(" ", "-")}`;
            const tor = await startGatewayTor(stage, stage.names.gateway, folder, renderTorrc(gatewayTorrc(enclave)));
            judge.set({ control: join(tor.run, "control"), cookie: join(tor.run, "control.authcookie"), torPid: tor.pid });
            await judge.phase("ready", `${name}: `);
            await judge.phase("pinned", `${name}: `);
            await endProcess(tor.pid);
        });
    }
}
