/** Which pool is where, and which files a stack's guests have. */
import { posix } from "node:path";
import { plainPath } from "../../values/host-paths";
import { valueAt, type Domain, type Model, type Pool, type Seed, type Volume } from "../../model";
import { volumeById } from "../select";

/** A volume or seed by its resource id. */
export const storedById = (model: Model, id: string): Volume | Seed | undefined =>
    volumeById(model, id) ?? model.seeds.find((seed) => seed.resource.id === id);

const named = (fact: Volume["name"] | Seed["pool"]): string | undefined =>
    fact.kind === "known" ? fact.value : undefined;

/** The volume or seed of this name in this pool of a host. */
export const storedAs = (model: Model, host: string, pool: string, name: string): Volume | Seed | undefined =>
    [...model.volumes, ...model.seeds].find(
        (stored) => stored.host === host && named(stored.name) === name && named(stored.pool) === pool,
    );

/** The declared pool whose folder a file lies in. */
export const poolAround = (model: Model, host: string, file: string): Pool | undefined =>
    model.pools.find(
        (pool) =>
            pool.host === host &&
            pool.path.kind === "known" &&
            pool.path.value !== undefined &&
            plainPath(pool.path.value) === plainPath(posix.dirname(file)),
    );

/** A file as libvirt's storage API names it. */
interface StoredFile {
    readonly pool: string;
    readonly volume: string;
}

/**
 * Where libvirt logs a domain's serial port, in a pool of the stack; undefined when that is not surely one
 * such file.
 */
export function statusFileOf(model: Model, domain: Domain): StoredFile | undefined {
    const devices = domain.devices.kind === "known" ? domain.devices.value : [];
    const [log, ...more] = devices
        .filter((device) => device.name === "serial")
        .map((device) => valueAt(device, "log.file"));
    if (log?.kind !== "known" || log.value === undefined || more.length > 0 || domain.name.kind !== "known") {
        return undefined;
    }
    // Our stylesheet takes the name from the domain that it is applied to.
    const file = log.value.replace("{/domain/name}", domain.name.value);
    const pool = poolAround(model, domain.host, file);
    return pool?.name.kind === "known" ? { pool: pool.name.value, volume: posix.basename(file) } : undefined;
}
