/**
 * Entry of the policy pack: `bin/pulumi preview --policy-pack policy`. Prints nothing: stdout is the
 * engine's.
 */
import { PolicyPack } from "@pulumi/policy";
import { policy } from "./pack";
import "./secrets";

new PolicyPack("sallyport", {
    description: "Anonymity enclaves: rules and a reachability proof.",
    enforcementLevel: "mandatory",
    policies: [policy],
});
