/** Plans for the tests of the seeds: made by the real configuration code, so that only valid ones occur. */
import * as fc from "fast-check";
import { loadPlan } from "../../../plan/load";
import type { EnclavePlan } from "../../../plan/plan";

/** The plan of one enclave with these settings. */
export function enclaveOf(
    settings: Record<string, unknown> = {},
    stack: Record<string, unknown> = {},
): EnclavePlan {
    const [enclave] = loadPlan("sallyport", "test", {
        ...stack,
        enclaves: [{ name: "default", ...settings }],
    }).plan.enclaves;
    if (enclave === undefined) {
        throw new Error("the configuration gave no enclave");
    }
    return enclave;
}

/** One line after DirAuthority, of the shape that the lab writes. */
export const AUTHORITY =
    "auth1 orport=5000 no-v2 v3ident=9E0D3D0B5CF1E1B83FBA5C7E8C9CE1A8A2D35C11 203.0.113.11:7000 " +
    "1111222233334444555566667777888899990000";

const octets = fc.uniqueArray(fc.integer({ min: 11, max: 254 }), { minLength: 0, maxLength: 8 });

/**
 * Any enclave: with or without a transparent proxy, NAT or a bridge outside, public or private Tor, 0 to 8
 * Workstations.
 */
export const anyEnclave: fc.Arbitrary<EnclavePlan> = fc
    .record({ transparentProxy: fc.boolean(), octets, bridge: fc.boolean(), privateTor: fc.boolean() })
    .map(({ transparentProxy, octets: last, bridge, privateTor }) =>
        enclaveOf(
            {
                transparentProxy,
                workstations: last.map((n, i) => ({ name: `w${i}`, address: `10.152.152.${n}` })),
                ...(bridge
                    ? {
                          external: {
                              mode: "bridge",
                              bridge: "br0",
                              address: "192.0.2.77/24",
                              route: "192.0.2.1",
                          },
                      }
                    : {}),
            },
            privateTor ? { torNetwork: { dirAuthorities: [AUTHORITY] } } : {},
        ),
    );
