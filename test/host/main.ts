/** The suite of the host that HOST_VARIANT names. */
import { enclaveOn } from "./enclave";
import { VARIANTS } from "./support/host-vm";

const named = process.env["HOST_VARIANT"] ?? "";
const variant = VARIANTS.find((one) => one === named);
if (variant === undefined) {
    throw new Error(`HOST_VARIANT is "${named}"; allowed: ${VARIANTS.join(", ")}`);
}
enclaveOn(variant);
