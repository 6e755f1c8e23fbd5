/** The plan as it may be shown: in outputs, state, reports. Pure. */
import type { EnclavePlan, StackPlan } from "./plan";

const SECRET = "[secret]";

/**
 * An enclave's plan with each secret replaced; of a bridge nothing is left, since its address is what it
 * hides.
 */
function publicEnclave({ egress, upstreamProxy, tunnel, ...rest }: EnclavePlan): unknown {
    return {
        ...rest,
        ...(egress === undefined
            ? {}
            : {
                  egress:
                      egress.mode === "bridges"
                          ? { mode: egress.mode, bridges: egress.bridges.map(() => SECRET) }
                          : egress,
              }),
        ...(upstreamProxy === undefined
            ? {}
            : {
                  upstreamProxy: {
                      ...upstreamProxy,
                      ...(upstreamProxy.user === undefined ? {} : { user: SECRET }),
                      ...(upstreamProxy.password === undefined ? {} : { password: SECRET }),
                  },
              }),
        ...(tunnel === undefined
            ? {}
            : {
                  tunnel: {
                      ...tunnel,
                      privateKey: SECRET,
                      ...(tunnel.presharedKey === undefined ? {} : { presharedKey: SECRET }),
                  },
              }),
    };
}

/** Plain data of the plan's form; `[secret]` stands for what is none of a reader's business. */
export const publicPlan = (plan: StackPlan): unknown => ({
    ...plan,
    enclaves: plan.enclaves.map(publicEnclave),
});
