/** What conflicts of addresses depend on: a plan shows it, and so do seeds and networks (GUEST-02). */
import type { GatewayFilesPlan } from "./guest-plan";

/** An enclave's addresses and places. */
export interface AddressedEnclave extends GatewayFilesPlan {
    readonly external: { readonly mode: "nat"; readonly subnet: string } | { readonly mode: "bridge" };
}

/** Those of one host. */
export interface AddressPlan<E extends AddressedEnclave = AddressedEnclave> {
    readonly enclaves: readonly E[];
}
