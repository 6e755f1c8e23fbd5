/** What the probes need to know about their cell, as a file. */
import { RELAYS, WEB } from "../../lab/addresses";
import { gatewayListeners } from "../../cloud-init/torrc/gateway";
import { CONNECTIONS_PER_WORKSTATION, httpTunnelPortsOf, socksPortsOf } from "../../values/ports";
import type { EnclavePlan } from "../../plan/plan";
import { write } from "./gateway";
import { torUid } from "./gateway-tor";
import { HOST_MAC, neighbourAddress, type Stage } from "./world";

export interface Spec {
    readonly file: string;
    set(more: Record<string, unknown>): void;
}

export const listeners = (enclave: EnclavePlan): { tcpListeners: number[]; udpListeners: number[] } => {
    const all = gatewayListeners(enclave);
    return {
        tcpListeners: all.filter((l) => l.kind !== "DNSPort").map((l) => l.port),
        udpListeners: all.filter((l) => l.kind === "DNSPort").map((l) => l.port),
    };
};

/** A cell's facts; `more` and later changes go on top. */
export async function specOf(stage: Stage, more: Record<string, unknown> = {}): Promise<Spec> {
    const { enclave, names } = stage;
    const { inner, outer } = enclave.gateway;
    let facts: Record<string, unknown> = {
        cpu: stage.cpu,
        namespaces: { host: names.host, gateway: names.gateway, internet: stage.paths.names.internet },
        workstations: enclave.workstations.map((w, i) => ({
            namespace: names.workstations[i],
            mac: w.nic.mac,
            address: w.nic.address,
        })),
        inner: { mac: inner.mac, address: inner.address },
        outer: { mac: outer.mac, address: outer.address },
        route: { mac: HOST_MAC, address: outer.route },
        neighbour: neighbourAddress(enclave),
        web: WEB.address,
        web6: WEB.address6,
        relays: RELAYS.map((relay) => [relay.address, relay.orPort]),
        socksPorts: socksPortsOf(enclave).map((p) => p.port),
        httpTunnelPorts: httpTunnelPortsOf(enclave).map((p) => p.port),
        ...listeners(enclave),
        torUid: await torUid(),
        connections: CONNECTIONS_PER_WORKSTATION,
        mutations: [],
        redundant: [],
        ...more,
    };
    const save = (): string => write(stage, "spec.json", JSON.stringify(facts));
    return {
        file: save(),
        set: (changes) => {
            facts = { ...facts, ...changes };
            save();
        },
    };
}
