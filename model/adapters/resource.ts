/** What the engine says of every resource, whatever its type. */
import { sealOf, type Origin, type Resource, type Shape } from "..";
import { type RawResource } from "./raw";

export function resourceOf(raw: RawResource, shape: Shape): Resource {
    const {
        urn,
        type,
        name,
        parent,
        dependsOn,
        propertyDependencies,
        protect,
        deleteBeforeReplace,
        retainOnDelete,
        ignoreChanges,
        operation,
        secretInputs,
    } = raw;
    return {
        id: urn,
        type,
        name,
        shape,
        dependsOn,
        propertyDependencies,
        protect,
        ignoreChanges,
        secretInputs,
        ...(parent === undefined ? {} : { parent }),
        ...(deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace }),
        ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
        ...(operation === undefined ? {} : { operation }),
    };
}

/** A resource that no rule looks into. */
export const unread = (raw: RawResource): Resource => ({
    ...resourceOf(raw, "unrecognised"),
    digest: () => sealOf(raw.properties),
});

export const origin = (raw: RawResource): Origin => ({ resource: raw.urn, path: "" });
