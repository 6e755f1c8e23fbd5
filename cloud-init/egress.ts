/** How tor leaves the Gateway: one answer for firewall, torrc and network configuration. Pure. */
import type { EgressChoice, GatewayFilesPlan } from "../plan/guest-plan";
import type { Endpoint } from "../values/endpoint";
import { NIC } from "./guest";

export interface Exit {
    /** The interface that tor's connections leave by. */
    readonly nic: string;
    /** The address that they leave under. */
    readonly source: string;
    /** The only places that they may go to; undefined for any public address, empty for none. */
    readonly peers?: readonly Endpoint[];
    /** A pluggable transport runs beside tor and talks to it over loopback. */
    readonly transport: boolean;
}

function peersOf(enclave: EgressChoice): readonly Endpoint[] | undefined {
    if (enclave.upstreamProxy !== undefined) {
        return [enclave.upstreamProxy.endpoint];
    }
    switch (enclave.egress?.mode) {
        case "bridges":
            return enclave.egress.bridges.map((b) => b.endpoint);
        case "relay-set":
            return enclave.egress.relays;
        default:
            return undefined;
    }
}

/** The egress of an enclave. */
export function egressOf(enclave: GatewayFilesPlan): Exit {
    const peers = peersOf(enclave);
    return {
        nic: enclave.tunnel === undefined ? NIC.outer : NIC.tunnel,
        source: enclave.tunnel?.address ?? enclave.gateway.outer.address,
        ...(peers === undefined ? {} : { peers }),
        transport:
            enclave.egress?.mode === "bridges" &&
            enclave.egress.bridges.some((b) => b.transport !== undefined),
    };
}

/** Whether the Gateway's seed holds something that must not be seen in state, previews, logs and reports. */
export const hasSecrets = ({ egress, upstreamProxy, tunnel }: EgressChoice): boolean =>
    egress?.mode === "bridges" || upstreamProxy?.password !== undefined || tunnel !== undefined;
