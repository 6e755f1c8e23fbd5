/** What a resource is, by its type token; one whose program is not known may run anything. */
import { memoize } from "../../util/memoize";
import { type RawResource } from "./raw";
import { isFromElsewhere } from "./plugins";
import { own } from "../../util/own";

export type Kind =
    | "domain"
    | "network"
    | "volume"
    | "pool"
    | "seed"
    | "provider"
    | "actuator"
    | "component"
    | "unrecognised"
    | "other";

/**
 * Packages whose resources are values in the state and nothing else. Any other may run what it likes where
 * Pulumi runs.
 */
const HARMLESS: ReadonlySet<string> = new Set(["pulumi", "random", "tls"]);

/** Packages whose plugin runs steps. Their resources are actuators. */
const STEPS: ReadonlySet<string> = new Set(["command", "sallyport"]);

/** Stacks, and what another stack says. Dynamic resources are programs. */
const PULUMI: ReadonlySet<string> = new Set(["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"]);

/** By type token: `libvirt:index/domain:Domain`, whatever the package's version. */
export const kindOf = memoize((raw: RawResource): Kind => {
    const [pkg = "", , last = ""] = raw.type.split(":");
    if (raw.type.startsWith("pulumi:providers:")) {
        // A plugin from elsewhere is an unknown program, whatever its package is called.
        if (isFromElsewhere(raw)) {
            return "actuator";
        }
        if (last === "libvirt") {
            return "provider";
        }
        return STEPS.has(last) || HARMLESS.has(last) ? "other" : "actuator";
    }
    if (pkg === "libvirt") {
        const kinds: Readonly<Record<string, Kind>> = {
            domain: "domain",
            network: "network",
            volume: "volume",
            pool: "pool",
            cloudinitdisk: "seed",
        };
        return own(kinds, last.toLowerCase()) ?? "unrecognised";
    }
    if (pkg === "command" || pkg.startsWith("pulumi-")) {
        return "actuator";
    }
    // Of the engine's own package these alone run nothing.
    if (pkg === "pulumi") {
        return PULUMI.has(raw.type) ? "other" : "actuator";
    }
    if (!raw.custom) {
        return "component";
    }
    return HARMLESS.has(pkg) ? "other" : "actuator";
});
