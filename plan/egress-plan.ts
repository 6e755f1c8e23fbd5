/** The egress of an enclave, from its configuration. Pure. */
import type { EnclaveConfig } from "../config/schema";
import { parseBridge } from "../values/bridge";
import { parseEndpoint } from "../values/endpoint";
import type { EnclavePlan } from "./plan";
import type { Endpoint } from "../values/endpoint";

/** @throws Error for a text that the schema would have refused; it may hold a secret and is not shown */
function endpoint(text: string): Endpoint {
    const found = parseEndpoint(text);
    if (found === undefined) {
        throw new Error("an endpoint is not address:port");
    }
    return found;
}

function egress(config: EnclaveConfig["egress"]): Pick<EnclavePlan, "egress"> {
    switch (config.mode) {
        case "tor":
            return {};
        case "bridges":
            return {
                egress: {
                    mode: "bridges",
                    bridges: config.bridges.map((line, i) => parseBridge(`bridges[${i}]`, line)),
                },
            };
        case "relay-set":
            return { egress: { mode: "relay-set", relays: (config.relays ?? []).map(endpoint) } };
    }
}

/** What the plan says of the egress; a file of relays has been read by now. */
export function plannedEgress({
    egress: out,
    upstreamProxy,
    tunnel,
}: EnclaveConfig): Pick<EnclavePlan, "egress" | "upstreamProxy" | "tunnel"> {
    return {
        ...egress(out),
        ...(upstreamProxy === undefined
            ? {}
            : {
                  upstreamProxy: {
                      kind: upstreamProxy.kind,
                      endpoint: endpoint(upstreamProxy.endpoint),
                      ...(upstreamProxy.user === undefined || upstreamProxy.password === undefined
                          ? {}
                          : { user: upstreamProxy.user, password: upstreamProxy.password }),
                  },
              }),
        ...(tunnel === undefined
            ? {}
            : {
                  tunnel: {
                      endpoint: endpoint(tunnel.endpoint),
                      address: tunnel.address,
                      peerPublicKey: tunnel.peerPublicKey,
                      privateKey: tunnel.privateKey,
                      ...(tunnel.presharedKey === undefined ? {} : { presharedKey: tunnel.presharedKey }),
                      ...(tunnel.mtuBytes === undefined ? {} : { mtu: tunnel.mtuBytes }),
                  },
              }),
    };
}
