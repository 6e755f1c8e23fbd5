/** Ways into the model. */
import type { Model } from "..";
import { buildModel, type BuildOptions } from "./build";
import { InputError } from "./input-error";
import { readPolicyResources, type PolicyResourceLike } from "./policy";
import { readPreview } from "./preview";
import { parseJson, readExport } from "./state";

export { InputError, NoResources } from "./input-error";
export { readLive } from "./live";
export type { LiveHost, Taps } from "./live-host";
export { SECRET_KEYS, type PolicyResourceLike } from "./policy";
export { isSecret } from "./state-values";
export type { BuildOptions } from "./build";

/** From the resources of a stack policy, or of one resource alone; the SDK's proxy is left behind here. */
export const modelOfPolicy = (resources: readonly PolicyResourceLike[], options: BuildOptions = {}): Model =>
    buildModel("policy", { resources: readPolicyResources(resources), problems: [] }, options);

/** @throws InputError for a stack without anything of libvirt's: nothing could be shown to hold */
function requireLibvirtResources(model: Model, what: string): Model {
    if (model.domains.length + model.networks.length + model.unrecognised.length === 0) {
        const types = [
            ...new Set(
                [...model.others, ...[...model.components, ...model.actuators].map((c) => c.resource)].map(
                    (r) => r.type.split(":")[0] ?? "",
                ),
            ),
        ]
            .filter((t) => t !== "" && t !== "pulumi")
            .sort();
        throw new InputError(
            `${what} declares no domain and no network of ` +
                `libvirt's${types.length === 0 ? "" : `; it has resources of ${types.slice(0, 8).join(", ")}`}`,
            "use a stack of the libvirt provider (types libvirt:index/domain:Domain and " +
                "libvirt:index/network:Network)",
        );
    }
    return model;
}

/**
 * From the text of `pulumi stack export`.
 * @param what names the text in errors
 * @throws InputError when it is cut off, empty, something else, or has nothing of libvirt's
 */
export const modelOfExport = (text: string, what: string, options: BuildOptions = {}): Model =>
    requireLibvirtResources(buildModel("export", readExport(parseJson(text, what)), options), what);

/** From the text of `pulumi preview --json`. @throws InputError as above */
export const modelOfPreview = (text: string, what: string, options: BuildOptions = {}): Model =>
    requireLibvirtResources(buildModel("preview", readPreview(parseJson(text, what)), options), what);
