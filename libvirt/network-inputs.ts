/** What is declared of an enclave's two networks: for the components, and for what foretells their changes. */
import type { ExternalNetworkPlan, IsolatedNetworkPlan } from "../plan/plan";
import { BRIDGE_NETWORK_STYLESHEET, isolatedNetworkStylesheet, natNetworkStylesheet } from "./stylesheet";

/** A bare bridge: no forwarding, no address, no DHCP, no DNS. */
export const isolatedInputs = (plan: IsolatedNetworkPlan) => ({
    name: plan.name,
    mode: "none",
    bridge: plan.bridge,
    autostart: false,
    xml: { xslt: isolatedNetworkStylesheet(plan.zone) },
});

/** A NAT network, or a network that stands for a bridge which the host has. */
export const externalInputs = (plan: ExternalNetworkPlan) => ({
    name: plan.name,
    bridge: plan.bridge,
    autostart: false,
    ...(plan.mode === "nat"
        ? {
              mode: "nat",
              addresses: [plan.subnet],
              dhcp: { enabled: false },
              xml: { xslt: natNetworkStylesheet(plan.zone) },
          }
        : { mode: "bridge", xml: { xslt: BRIDGE_NETWORK_STYLESHEET } }),
});
