/** The suites that E2E_SUITES names, in that order, in a lab of their own. */
import "./support/around";
import { badInput } from "./bad-input";
import { demo } from "./demo";
import { enclave } from "./enclave";
import { gate } from "./gate";
import { insideGateway } from "./inside";
import type { Suite } from "./lanes";
import { asPackage } from "./package";
import { recovery } from "./recovery";
import { secrets } from "./secrets";
import { overSsh } from "./ssh";
import { wiping } from "./wiping";

const SUITES: Readonly<Record<Suite, () => void>> = {
    "bad-input": badInput,
    secrets,
    ssh: overSsh,
    wiping,
    enclave,
    gate,
    recovery,
    package: asPackage,
    demo,
    "inside-gateway": insideGateway,
};
const suites: ReadonlyMap<string, () => void> = new Map(Object.entries(SUITES));

for (const name of (process.env["E2E_SUITES"] ?? "").split(" ")) {
    const suite = suites.get(name);
    if (suite === undefined) {
        throw new Error(`E2E_SUITES names "${name}"; allowed: ${[...suites.keys()].join(", ")}`);
    }
    suite();
}
