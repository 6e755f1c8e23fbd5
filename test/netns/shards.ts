/** What is played, each shard in a cell of its own: shards play at once. */
import { join } from "node:path";
import { controlFiles } from "../../cloud-init/control";
import { TIME_USER } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import { untilTimeRuleset } from "../../cloud-init/nft/until-time";
import { workstationRuleset } from "../../cloud-init/nft/workstation";
import type { Ruleset } from "../../cloud-init/nft/model";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import { renderTorrc } from "../../cloud-init/torrc/options";
import { inNamespace } from "../../lab/run";
import type { EnclavePlan } from "../../plan/plan";
import { captured } from "./captured";
import {
    flushRules,
    lenientKernel,
    lenientWorkstation,
    loadRules,
    plugIn,
    rulesFile,
    strictKernel,
    write,
} from "./gateway";
import { startControlFilter, startGatewayTor } from "./gateway-tor";
import { mutate, mutateOtherWorkstation, mutateWay, mutateWhole } from "./mutate";
import { mutationsOf } from "./mutations";
import { startOnion } from "./onion";
import { phases } from "./phases";
import {
    CLOSED_CONTROL_REDUNDANT,
    CLOSED_REDUNDANT,
    CONTROL_REDUNDANT,
    WORKSTATION_REDUNDANT,
} from "./redundant";
import type { Tally } from "./report";
import { listeners, specOf, type Spec } from "./spec";
import { playWay, type BridgeLines } from "./egress";
import { endProcess, stageEnclave, type Stage } from "./world";

/** A cell whose Gateway has its rules and, after them, its NICs. */
export async function gateway(stage: Stage): Promise<Spec> {
    const ruleset = rulesFile(stage, "ruleset.nft", gatewayRuleset(stage.enclave));
    await loadRules(stage, ruleset);
    await strictKernel(stage);
    await plugIn(stage);
    return specOf(stage, { ruleset });
}

async function startTor(
    stage: Stage,
    spec: Spec,
    enclave = stage.enclave,
): Promise<{ pid: number; run: string }> {
    const tor = await startGatewayTor(
        stage,
        stage.names.gateway,
        "gateway",
        renderTorrc(gatewayTorrc(enclave)),
    );
    spec.set({
        torPid: tor.pid,
        control: join(tor.run, "control"),
        cookie: join(tor.run, "control.authcookie"),
        ...listeners(enclave),
    });
    return tor;
}

const reload = (stage: Stage, enclave: EnclavePlan = stage.enclave): Promise<void> =>
    loadRules(stage, rulesFile(stage, "ruleset.nft", gatewayRuleset(enclave)));

/**
 * All that needs nothing but listeners, so it need not wait for a Tor network: the sweeps over every port.
 */
export async function sweeps(tally: Tally, stage: Stage): Promise<void> {
    const spec = await gateway(stage);
    await lenientKernel(stage);
    let tor = 0;
    await captured(
        tally,
        stage,
        { name: "every sweep, kernel lenient", judge: "the Gateway's frames" },
        async () => {
            tor = (await startTor(stage, spec)).pid;
            await phases(tally, stage, spec, ["listens", "sweep"], "rules alone: ");
        },
    );
    await flushRules(stage);
    await phases(tally, stage, spec, ["sweep-control"]);
    await endProcess(tor);
}

export interface MainParts {
    readonly attacks: boolean;
    readonly end: boolean;
}

/** tor in use; every attack; tor killed, and back again. */
export async function attacks(tally: Tally, stage: Stage, parts: MainParts): Promise<void> {
    let spec: Spec | undefined;
    await captured(tally, stage, { name: "start and use of tor", judge: "every frame" }, async () => {
        spec = await gateway(stage);
        await stage.consensus;
        const onion = startOnion(stage);
        await startTor(stage, spec);
        spec.set({ onion: await onion.name });
        await phases(tally, stage, spec, ["ready", "tor"]);
        await onion.published();
        await phases(tally, stage, spec, ["onion"]);
    });
    if (spec === undefined) {
        throw new Error("the Gateway has no rules yet");
    }
    if (parts.attacks) {
        await everyAttack(tally, stage, spec);
    }
    await lenientKernel(stage);
    await reload(stage);
    if (parts.end) {
        const facts = spec;
        await captured(
            tally,
            stage,
            { name: "the end of tor", judge: "the Gateway's frames" },
            async () => void (await phases(tally, stage, facts, ["gone"])),
        );
        await startTor(stage, spec);
        await phases(tally, stage, spec, ["ready", "recovers"], "again: ");
    }
}

/** With our kernel settings, with lenient ones, and, as the positive control, with no rules at all. */
async function everyAttack(tally: Tally, stage: Stage, spec: Spec): Promise<void> {
    const judge = "the Gateway's frames";
    await captured(
        tally,
        stage,
        { name: "every attack, kernel strict", judge },
        async () => void (await phases(tally, stage, spec, ["fast"], "rules and kernel: ")),
    );
    await flushRules(stage);
    await captured(
        tally,
        stage,
        { name: "ruleset flushed, kernel strict", judge },
        async () => void (await phases(tally, stage, spec, ["flushed"])),
    );
    // Not captured: a stranger that gets as far as tor is answered SYN, by the inner address.
    await phases(tally, stage, spec, ["stranger"]);
    await lenientKernel(stage);
    await reload(stage);
    await captured(
        tally,
        stage,
        { name: "every attack, kernel lenient", judge },
        async () => void (await phases(tally, stage, spec, ["guard", "counters"], "rules alone: ")),
    );
    await flushRules(stage);
    await phases(tally, stage, spec, ["control"]);
}

/** A tor that is up, in a cell whose kernel would let everything through. */
async function lenientWithTor(tally: Tally, stage: Stage): Promise<Spec> {
    const spec = await gateway(stage);
    await lenientKernel(stage);
    await stage.consensus;
    await startTor(stage, spec);
    await phases(tally, stage, spec, ["ready"], `${stage.cell}: `);
    return spec;
}

/** The Gateway's rules, each missing or weaker in turn. */
export async function gatewayMutations(tally: Tally, stage: Stage): Promise<void> {
    await mutate(tally, stage, await lenientWithTor(tally, stage), "gateway");
}

/**
 * A Workstation's rules, and those that it has until its time is set: attacks, positive controls, mutations.
 */
export async function workstation(tally: Tally, stage: Stage): Promise<void> {
    const spec = await lenientWithTor(tally, stage);
    await lenientWorkstation(stage);
    const own = async (name: string, ruleset: Ruleset): Promise<void> => {
        const file = rulesFile(stage, name, ruleset);
        await inNamespace(stage.names.workstations[0], "nft", ["-f", file]);
        spec.set({ workstationRuleset: file, timeUser: TIME_USER });
    };
    await own("workstation.nft", workstationRuleset(stage.enclave));
    await phases(tally, stage, spec, ["workstation"]);
    await mutate(tally, stage, spec, "workstation");
    const [plan] = stage.enclave.workstations;
    const controlling = workstationRuleset(
        stage.enclave,
        plan === undefined ? undefined : { ...plan, control: true },
    );
    await own("workstation.nft", controlling);
    await mutateOtherWorkstation(tally, stage, spec, {
        name: "workstation with the control port",
        ruleset: controlling,
        phase: "mutate-workstation",
        redundant: WORKSTATION_REDUNDANT,
    });
    tally.coverage.declare(
        "workstation, SocksPorts only",
        mutationsOf(workstationRuleset({ ...stage.enclave, transparentProxy: false })),
    );
    await own("held.nft", untilTimeRuleset(stage.enclave));
    await phases(tally, stage, spec, ["held-workstation"]);
    await mutate(tally, stage, spec, "held");
}

/** The enclave without a transparent proxy. */
export async function socksOnly(tally: Tally, stage: Stage): Promise<void> {
    const spec = await gateway(stage);
    await lenientKernel(stage);
    const closed = stageEnclave(stage.dirAuthorities, stage.cell, false);
    await reload(stage, closed);
    await stage.consensus;
    let tor = 0;
    await captured(tally, stage, { name: "SocksPorts only", judge: "the Gateway's frames" }, async () => {
        tor = (await startTor(stage, spec, closed)).pid;
        await phases(tally, stage, spec, ["ready", "socks-only"], "SocksPorts only: ");
    });
    await mutateWhole(tally, stage, spec, {
        name: "SocksPorts only",
        ruleset: gatewayRuleset(closed),
        phase: "mutate-socks-only",
        redundant: CLOSED_REDUNDANT,
    });
    await endProcess(tor);
}

/** The control filter, for the first Workstation alone. */
export async function controlPort(tally: Tally, stage: Stage): Promise<void> {
    const spec = await gateway(stage);
    await lenientKernel(stage);
    const given: EnclavePlan = {
        ...stage.enclave,
        workstations: stage.enclave.workstations.map((w, i) => ({ ...w, control: i === 0 })),
    };
    await reload(stage, given);
    await stage.consensus;
    const tor = await startTor(stage, spec);
    await phases(tally, stage, spec, ["ready"], "control port: ");
    const filter = await startControlFilter(
        stage,
        tor.run,
        write(stage, "control.json", controlFiles(given)[0]?.content ?? ""),
    );
    await phases(tally, stage, spec, ["control-port"]);
    await mutateWay(tally, stage, spec, {
        name: "control port",
        ruleset: gatewayRuleset(given),
        phase: "mutate-control-port",
        redundant: CONTROL_REDUNDANT,
    });
    const closed = gatewayRuleset({ ...given, transparentProxy: false });
    spec.set({ ruleset: rulesFile(stage, "closed.nft", closed) });
    await loadRules(stage, rulesFile(stage, "closed.nft", closed));
    await mutateWay(tally, stage, spec, {
        name: "control port, SocksPorts only",
        ruleset: closed,
        phase: "mutate-closed-control-port",
        redundant: CLOSED_CONTROL_REDUNDANT,
    });
    await endProcess(filter.pid);
}

/** Kinds of egress other than plain tor, one after the other. */
export async function ways(
    tally: Tally,
    stage: Stage,
    names: readonly Parameters<typeof playWay>[3][],
    bridge: Promise<BridgeLines>,
): Promise<void> {
    const spec = await gateway(stage);
    await lenientKernel(stage);
    await stage.consensus;
    for (const name of names) {
        await playWay(tally, stage, spec, name, bridge);
    }
}
