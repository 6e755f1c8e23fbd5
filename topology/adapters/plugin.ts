/**
 * Which program a provider is, as the engine takes it from the provider's own inputs: `__internal`, or beside it in states
 * of old engines (pkg/resource/deploy/providers/registry.go). One from elsewhere is somebody's program, whatever its
 * package is called.
 */
import { createHash } from "node:crypto";
import { has, isMark, isObject, type Raw, type RawObject, type RawResource } from "./raw";

/** SHA-256 of the address that Pulumi.yaml's `packages.libvirt` leads to (`remote.url` of the parameterization). */
const LIBVIRT_SOURCE = "b6104f48f0b347984fb894e154a157e307307aaa6a33a11705f84c00de58c1e7";
/** Pulumi's bridge that runs a Terraform provider; which one, its parameterization says. */
const BRIDGE = "terraform-provider";
/** Of `__internal`: what chooses no program. */
const HARMLESS: ReadonlySet<string> = new Set(["version", "pluginChecksums"]);
const CHOOSING = ["name", "parameterization", "pluginDownloadURL", "envVarMappings"];

/** The address in a parameterization; undefined: it has none that can be read. */
function addressOf(value: Raw | undefined): string | undefined {
    try {
        const { remote, ...more } = JSON.parse(Buffer.from(String(value), "base64").toString("utf8")) as { remote?: { url?: unknown } };
        return typeof value === "string" && Object.keys(more).length === 0 && typeof remote?.url === "string" ? remote.url : undefined;
    } catch {
        return undefined;
    }
}

/** Whether these settings lead to another program than the package's own plugin, or this project's libvirt provider. */
function leadsElsewhere(settings: RawObject, name: string): boolean {
    const chosen = CHOOSING.filter((key) => has(settings, key));
    if (chosen.length === 0) {
        return false;
    }
    const address = addressOf(settings.parameterization);
    return name !== "libvirt" || chosen.some((key) => key !== "name" && key !== "parameterization") || settings.name !== BRIDGE
        || address === undefined || createHash("sha256").update(address).digest("hex") !== LIBVIRT_SOURCE;
}

/** @param raw a resource of type `pulumi:providers:NAME` */
export function isElsewhere(raw: RawResource): boolean {
    const { __internal: internal = {}, ...beside } = raw.properties;
    const name = raw.type.split(":")[2] ?? "";
    const anyCase = Object.keys(beside).some((key) => key.toLowerCase() === "plugindownloadurl" && has(beside, key));
    return anyCase || isMark(internal) || !isObject(internal) || leadsElsewhere(internal, name) || leadsElsewhere(beside, name)
        || Object.keys(internal).some((key) => !HARMLESS.has(key) && !CHOOSING.includes(key));
}
