/** What must be there before what. */
import { memoize } from "../../util/memoize";
import type { Model, Resource } from "../../model";

/** Every resource of the model that has dependencies. */
const resourcesOf = (model: Model): Resource[] =>
    [
        model.networks,
        model.domains,
        model.seeds,
        model.volumes,
        model.pools,
        model.actuators,
        model.components,
    ]
        .flat()
        .map((r) => r.resource)
        .concat(model.others, model.unrecognised);

const byIds = memoize((model: Model) => new Map(resourcesOf(model).map((r) => [r.id, r])));

/** Ids of everything that a resource waits for, directly or not. */
export function dependenciesOf(model: Model, resource: Resource): ReadonlySet<string> {
    const byId = byIds(model);
    const seen = new Set<string>();
    const open = [...resource.dependsOn];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (!seen.has(id)) {
            seen.add(id);
            open.push(...(byId.get(id)?.dependsOn ?? []));
        }
    }
    return seen;
}
