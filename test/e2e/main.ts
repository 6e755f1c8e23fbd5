/** The suites that E2E_SUITES names, in that order, in a lab of their own; test/e2e/run says which go side by side. */
import "./support/around";
import { badInput } from "./bad-input";
import { enclave } from "./enclave";
import { gate } from "./gate";
import { insideGateway } from "./inside";
import { recovery } from "./recovery";
import { secrets } from "./secrets";
import { wiping } from "./wiping";

const SUITES: ReadonlyMap<string, () => void> = new Map([
    ["bad-input", badInput], ["secrets", secrets], ["wiping", wiping], ["enclave", enclave], ["gate", gate], ["recovery", recovery], ["inside-gateway", insideGateway],
]);

for (const name of (process.env["E2E_SUITES"] ?? "").split(" ")) {
    const suite = SUITES.get(name);
    if (suite === undefined) {
        throw new Error(`E2E_SUITES names "${name}"; allowed: ${[...SUITES.keys()].join(", ")}`);
    }
    suite();
}
