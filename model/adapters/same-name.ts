/** Resources that are one object on the host, since they have one name there. */
import { type Domain, type Fact, type Network, type Pool, type Problem } from "..";

type Named = Pick<Network, "resource" | "host" | "name"> & { readonly pool?: Fact<string | undefined> };

/**
 * Two of one name are one object on the host: the second is refused, or takes the first for its own. A seed
 * in a pool is a volume.
 */
export function problemsOf(
    networks: readonly Network[],
    domains: readonly Domain[],
    pools: readonly Pool[],
    stored: readonly Named[],
): Problem[] {
    const twice = (what: string, records: readonly Named[]): Problem[] => {
        const seen = new Map<string, string>();
        return records.flatMap(({ resource, host, name, pool }) => {
            const place = pool?.kind === "known" ? pool.value : undefined;
            const key =
                name.kind === "known" && (pool === undefined || place !== undefined)
                    ? JSON.stringify([host, place, name.value])
                    : resource.id;
            const before = seen.get(key);
            seen.set(key, resource.id);
            return before === undefined
                ? []
                : [
                      {
                          at: name.at,
                          what: `${before} is a ${what} of the same name on the same host`,
                          fix: "give one of them another name",
                      },
                  ];
        });
    };
    return [
        ...twice("network", networks),
        ...twice("domain", domains),
        ...twice(
            "pool",
            pools.map(({ resource, host, name }) => ({ resource, host, name })),
        ),
        ...twice("volume", stored),
    ];
}
