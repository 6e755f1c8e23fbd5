/**
 * Which program the engine runs as a provider: pkg/resource/deploy/providers/registry.go keeps a plugin's
 * name, address and parameters among the provider's inputs, under `__internal` (state.ts hands them over as
 * `internal`).
 */
import { createHash } from "node:crypto";
import { has, isObject, property, type RawObject, type RawResource } from "./raw";

/** The bridge that runs a Terraform provider, and the one provider that this project knows. */
const BRIDGE = "terraform-provider";
const PROVIDER = "dmacvicar/libvirt";
/** SHA-256 of the name of the registry that the bridge asks when none is named. */
const REGISTRY = "418802da46bb7a4f72a0d6d3f4f79184be152ac4e9cc05c47329f4fddce7218b";

/** Plain settings of the engine's own: they name no program. */
const SETTINGS = ["version", "pluginchecksums"];

/** `REGISTRY/OWNER/NAME` out of the bridge's parameters: base64 of `{"remote":{"url":…,"version":…}}`. */
function remoteOf(parameters: unknown): string | undefined {
    try {
        const { remote, ...more } = JSON.parse(
            Buffer.from(String(parameters), "base64").toString("utf8"),
        ) as { remote?: { url?: unknown } };
        return Object.keys(more).length === 0 && typeof remote?.url === "string" ? remote.url : undefined;
    } catch {
        return undefined;
    }
}

function isBridged(internal: RawObject): boolean {
    const [registry = "", ...provider] = (remoteOf(internal.parameterization) ?? "").split("/");
    return (
        internal.name === BRIDGE &&
        provider.join("/") === PROVIDER &&
        createHash("sha256").update(registry).digest("hex") === REGISTRY
    );
}

/** Whether a provider's plugin comes from another place than its package's own, or is another one. */
export function isFromElsewhere({ type, properties }: RawResource): boolean {
    const address = (object: RawObject): boolean =>
        Object.keys(object).some((key) => key.toLowerCase() === "plugindownloadurl" && has(object, key));
    const internal = property(properties, "internal");
    if (address(properties) || internal === undefined) {
        // States of old engines have them beside a provider's own settings.
        return (
            address(properties) || ["parameterization", "envVarMappings"].some((key) => has(properties, key))
        );
    }
    const own = type.split(":").at(-1) ?? "";
    const plain = (object: RawObject): boolean =>
        Object.keys(object).every(
            (key) => SETTINGS.includes(key.toLowerCase()) || (key === "name" && object.name === own),
        );
    return (
        !isObject(internal) ||
        address(internal) ||
        !(plain(internal) || (own === "libvirt" && isBridged(internal)))
    );
}
