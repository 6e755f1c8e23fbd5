/**
 * Egress other than plain tor, each with real tor on the private network: a relay set, bridges, a
 * proxy.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { egressOf } from "../../cloud-init/egress";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import { renderTorrc } from "../../cloud-init/torrc/options";
import { RELAYS } from "../../lab/addresses";
import { startDaemon } from "../../lab/daemon";
import { run } from "../../lab/run";
import { parseBridge } from "../../values/bridge";
import type { EnclavePlan } from "../../plan/plan";
import type { Endpoint } from "../../values/endpoint";
import { captured } from "./captured";
import { loadRules, rulesFile } from "./gateway";
import { startGatewayTor } from "./gateway-tor";
import { mutateWay } from "./mutate";
import { phases } from "./phases";
import { LOOPBACK_REDUNDANT, PINNED_REDUNDANT } from "./redundant";
import type { Tally } from "./report";
import type { Spec } from "./spec";
import { endProcess, PROBES, type Network, type Stage } from "./world";

const BRIDGE: Endpoint = { address: "203.0.113.31", port: 5001 };
const OBFS4: Endpoint = { address: "203.0.113.31", port: 4443 };
const PROXY: Endpoint = { address: "203.0.113.41", port: 1080 };
const HTTPS_PROXY: Endpoint = { address: "203.0.113.41", port: 3128 };

/** What a bridge's operator gives away, for a client without and with obfs4. */
export interface BridgeLines {
    readonly plain: string;
    readonly obfs4: string;
}

/**
 * A bridge on the lab's internet, started once there is a consensus: one that asks in vain waits before it
 * asks again.
 */
export async function startBridge(network: Network): Promise<BridgeLines> {
    await network.consensus;
    const root = join(network.paths.dir, "stage", "bridge");
    mkdirSync(root, { recursive: true, mode: 0o700 });
    await run("ip", [
        "-n",
        network.paths.names.internet,
        "addr",
        "replace",
        `${BRIDGE.address}/32`,
        "dev",
        "lo",
    ]);
    const torrc = join(root, "torrc");
    writeFileSync(
        torrc,
        [
            "TestingTorNetwork 1",
            "AssumeReachable 1",
            ...network.dirAuthorities.map((line) => `DirAuthority ${line}`),
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
        ].join("\n"),
    );
    startDaemon(
        network.registry,
        "tor bridge",
        network.paths.names.internet,
        "tor",
        ["-f", torrc],
        join(network.paths.logs, "tor-bridge.log"),
    );
    const line = join(root, "data", "pt_state", "obfs4_bridgeline.txt");
    const fingerprint = join(root, "data", "fingerprint");
    for (let i = 0; i < 200 && !(existsSync(line) && existsSync(fingerprint)); i++) {
        await sleep(100);
    }
    const [, key = ""] = readFileSync(fingerprint, "utf8").trim().split(" ");
    const template =
        readFileSync(line, "utf8")
            .split("\n")
            .find((l) => l.startsWith("Bridge obfs4 ")) ?? "";
    const cert = template.slice(template.indexOf("cert="));
    return {
        plain: `${BRIDGE.address}:${BRIDGE.port} ${key}`,
        obfs4: `obfs4 ${OBFS4.address}:${OBFS4.port} ${key} ${cert}`,
    };
}

/** Proxies, SOCKS5 and HTTP: another tor would hide what it does, so plain ones. */
export async function startProxies(network: Network): Promise<void> {
    const { internet } = network.paths.names;
    await run("ip", ["-n", internet, "addr", "replace", `${PROXY.address}/32`, "dev", "lo"]);
    for (const [program, { address, port }] of [
        ["socks5d", PROXY],
        ["connectd", HTTPS_PROXY],
    ] as const) {
        startDaemon(
            network.registry,
            program,
            internet,
            "/usr/bin/python3",
            ["-B", join(PROBES, `${program}.py`), address, String(port), "someone", "secret"],
            join(network.paths.logs, `${program}.log`),
        );
    }
}

/** @param line of the bridge, as its operator gives it away */
const bridged = (plain: EnclavePlan, line: string): EnclavePlan => ({
    ...plain,
    egress: { mode: "bridges", bridges: [parseBridge("bridge", line)] },
});

const WAYS = {
    "relay set": (plain: EnclavePlan): EnclavePlan => {
        const relays = RELAYS.filter((r) => r.nickname !== "exit4").map((r) => ({
            address: r.address,
            port: r.orPort,
        }));
        return { ...plain, egress: { mode: "relay-set", relays } };
    },
    "SOCKS5 proxy": (plain: EnclavePlan): EnclavePlan => ({
        ...plain,
        upstreamProxy: { kind: "socks5", endpoint: PROXY, user: "someone", password: "secret" },
    }),
    "HTTPS proxy": (plain: EnclavePlan): EnclavePlan => ({
        ...plain,
        upstreamProxy: { kind: "https", endpoint: HTTPS_PROXY, user: "someone", password: "secret" },
    }),
    "plain bridge": async (plain: EnclavePlan, bridge: Promise<BridgeLines>): Promise<EnclavePlan> =>
        bridged(plain, (await bridge).plain),
    "obfs4 bridge": async (plain: EnclavePlan, bridge: Promise<BridgeLines>): Promise<EnclavePlan> =>
        bridged(plain, (await bridge).obfs4),
};

/** No relay at all means that nothing leaves, not that nothing is pinned. */
async function emptied(tally: Tally, stage: Stage, spec: Spec, enclave: EnclavePlan): Promise<void> {
    const empty: EnclavePlan = { ...enclave, egress: { mode: "relay-set", relays: [] } };
    await loadRules(stage, rulesFile(stage, "empty.nft", gatewayRuleset(empty)));
    spec.set({ peers: [] });
    await phases(tally, stage, spec, ["shut"], "relay set, empty: ");
}

/** One egress, with a tor that starts from nothing: what it needs, it must get through that way. */
export async function playWay(
    tally: Tally,
    stage: Stage,
    spec: Spec,
    name: keyof typeof WAYS,
    bridge: Promise<BridgeLines>,
): Promise<void> {
    const enclave = await WAYS[name](stage.enclave, bridge);
    const { peers = [], transport } = egressOf(enclave);
    const ruleset = rulesFile(stage, "way.nft", gatewayRuleset(enclave));
    await loadRules(stage, ruleset);
    const facts = { peers: peers.map((e) => [e.address, e.port]), loopback: transport };
    spec.set({ ...facts, ruleset });
    await captured(tally, stage, { name, judge: "the Gateway's frames", relays: peers }, async () => {
        const tor = await startGatewayTor(
            stage,
            stage.names.gateway,
            name.toLowerCase().replaceAll(" ", "-"),
            renderTorrc(gatewayTorrc(enclave)),
        );
        spec.set({
            control: join(tor.run, "control"),
            cookie: join(tor.run, "control.authcookie"),
            torPid: tor.pid,
        });
        await phases(tally, stage, spec, ["ready", "pinned"], `${name}: `);
        await endProcess(tor.pid);
    });
    await mutateWay(tally, stage, spec, {
        name,
        ruleset: gatewayRuleset(enclave),
        phase: "mutate-pinned",
        redundant: transport ? { ...PINNED_REDUNDANT, ...LOOPBACK_REDUNDANT } : PINNED_REDUNDANT,
    });
    if (enclave.egress?.mode === "relay-set") {
        await emptied(tally, stage, spec, enclave);
        spec.set(facts);
        await loadRules(stage, ruleset);
        await phases(tally, stage, spec, ["open"], "positive control, relay set filled again: ");
    }
}
