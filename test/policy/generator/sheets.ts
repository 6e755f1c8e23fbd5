/** Texts of stylesheets that are not this stack's. */
import {
    BRIDGE_NETWORK_STYLESHEET,
    isolatedNetworkStylesheet,
    natNetworkStylesheet,
} from "../../../libvirt/stylesheet";
import { FOREIGN } from "../mutants/mutant";
import type { Random } from "./random";

export const stylesheetsOf = (r: Random): readonly string[] => [
    FOREIGN,
    BRIDGE_NETWORK_STYLESHEET,
    isolatedNetworkStylesheet("trusted"),
    natNetworkStylesheet("trusted"),
    `<${r.word()}/>`,
];
