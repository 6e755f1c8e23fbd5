/** Enclaves with each of the other kinds of egress. Keys are random and used nowhere else. */
import { parseBridge } from "../../../values/bridge";
import type { TunnelPlan } from "../../../plan/guest-plan";
import type { EnclavePlan } from "../../../plan/plan";
import { enclaveOf } from "./plans";

const OBFS4 =
    "obfs4 192.0.2.7:443 0123456789ABCDEF0123456789ABCDEF01234567 " +
    "cert=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA iat-mode=0";
const PLAIN = "192.0.2.8:9001 76543210FEDCBA9876543210FEDCBA9876543210";

export const BRIDGES: EnclavePlan = {
    ...enclaveOf(),
    egress: {
        mode: "bridges",
        bridges: [parseBridge("bridges[0]", OBFS4), parseBridge("bridges[1]", PLAIN)],
    },
};

export const RELAY_SET: EnclavePlan = {
    ...enclaveOf(),
    egress: {
        mode: "relay-set",
        relays: [
            { address: "203.0.113.11", port: 5000 },
            { address: "203.0.113.21", port: 5000 },
            { address: "203.0.113.11", port: 5000 },
        ],
    },
};

export const PROXY: EnclavePlan = {
    ...enclaveOf(),
    upstreamProxy: {
        kind: "socks5",
        endpoint: { address: "192.168.7.7", port: 1080 },
        user: "user",
        password: "pass",
    },
};

export const TUNNEL_PLAN: TunnelPlan = {
    endpoint: { address: "192.0.2.66", port: 51820 },
    address: "10.66.0.2",
    peerPublicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    privateKey: "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
};

export const TUNNEL: EnclavePlan = { ...enclaveOf(), tunnel: TUNNEL_PLAN };

export const WAYS: [string, EnclavePlan][] = [
    ["bridges", BRIDGES],
    ["a relay set", RELAY_SET],
    ["a proxy", PROXY],
    ["a tunnel", TUNNEL],
    [
        "bridges through a tunnel",
        { ...TUNNEL, ...(BRIDGES.egress === undefined ? {} : { egress: BRIDGES.egress }) },
    ],
];
