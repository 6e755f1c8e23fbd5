/** The suites of the host that HOST_VARIANT names; with HOST_OUTAGES=1 what restarts of it do as well. */
import { enclaveOn } from "./enclave";
import { outages } from "./outages";
import { VARIANTS } from "./support/host-vm";

const named = process.env["HOST_VARIANT"] ?? "";
const variant = VARIANTS.find((one) => one === named);
if (variant === undefined) {
    throw new Error(`HOST_VARIANT is "${named}"; allowed: ${VARIANTS.join(", ")}`);
}
enclaveOn(variant, process.env["HOST_OUTAGES"] === "1" ? outages : undefined);
