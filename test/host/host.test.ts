/**
 * The suites of the host that HOST_VARIANT names; with HOST_SUITE=outages what restarts of it do, and hosts
 * that lack something, as well,
 * with HOST_SUITE=golden the golden image.
 */
import { enclaveOn } from "./enclave";
import { goldenOn } from "./golden";
import { lacking } from "./lacking";
import { outages } from "./outages";
import { VARIANTS } from "./support/host-vm";

const named = process.env["HOST_VARIANT"] ?? "";
const variant = VARIANTS.find((one) => one === named);
if (variant === undefined) {
    throw new Error(`HOST_VARIANT is "${named}"; allowed: ${VARIANTS.join(", ")}`);
}
if (process.env["HOST_SUITE"] === "golden") {
    goldenOn(variant);
} else {
    enclaveOn(variant, (stage) => {
        if (process.env["HOST_SUITE"] === "outages") {
            outages(stage);
            lacking(stage);
        }
    });
}
