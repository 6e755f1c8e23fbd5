/**
 * Looks references up: NICs to networks, disks to volumes, seeds to domains. What is not found is named as
 * undeclared.
 */
import {
    digestOf,
    marked,
    hidden,
    known,
    mapFact,
    unknown,
    type Attachment,
    type Disk,
    type DiskSource,
    type Fact,
    type Network,
    type Nic,
    type Seed,
    type Volume,
    type VolumeRef,
} from "..";
import type { UnresolvedBase, UnresolvedVolume } from "./storage";
import type { UnresolvedAttachment, UnresolvedDisk, UnresolvedNic, UnresolvedSource } from "./unresolved";

/** What disks are made of: volumes and seeds. */
export type Stored = {
    readonly resource: Volume["resource"];
    readonly host: string;
    readonly name: Fact<string>;
    readonly pool: Fact<string | undefined>;
    readonly id: Fact<string>;
};

const uuid = (text: string): string => text.toLowerCase().replaceAll("-", "");

const key = (...parts: readonly string[]): string => JSON.stringify(parts);

/** What a disk's volume is looked up by; undefined: it is no volume. */
function volumeKey(host: string, source: UnresolvedSource): string | undefined {
    switch (source.from) {
        case "volume-key":
            return key(host, "key", source.key.split(";")[0] ?? source.key);
        case "volume-name":
            return key(host, "name", source.pool, source.name);
        case "file":
            return key(host, "key", source.path);
        default:
            return undefined;
    }
}

/** The source when no volume of the stack is it. */
function undeclared(source: UnresolvedSource): DiskSource {
    switch (source.from) {
        case "volume-key":
            return { from: "undeclared-volume", key: source.key };
        case "volume-name":
            return { from: "undeclared-volume", key: `${source.pool}/${source.name}` };
        default:
            return source;
    }
}

function index<T>(
    items: readonly T[],
    keysOf: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
    const map = new Map<string, T[]>();
    for (const item of items) {
        for (const k of keysOf(item)) {
            map.set(k, [...(map.get(k) ?? []), item]);
        }
    }
    return map;
}

const value = (fact: Fact<string | undefined>): readonly string[] =>
    fact.kind === "known" && fact.value !== undefined ? [fact.value] : [];

/** What a domain's references are looked up in. */
export class Lookup {
    readonly #networks: ReadonlyMap<string, readonly Network[]>;
    readonly #volumes: ReadonlyMap<string, readonly Stored[]>;
    readonly #networkIds: ReadonlyMap<string, Network>;
    readonly #storedIds: ReadonlyMap<string, Stored>;
    readonly #seeds: ReadonlyMap<string, Seed>;

    constructor(
        networks: readonly Network[],
        volumes: readonly Stored[],
        readonly seeds: readonly Seed[],
    ) {
        const stored: readonly Stored[] = [...volumes, ...seeds];
        this.#networks = index(networks, (n) => [
            ...value(n.name).map((name) => key(n.host, "name", name)),
            ...value(n.id).map((id) => key(n.host, "id", uuid(id))),
        ]);
        this.#volumes = index(stored, (v) => [
            ...value(v.id).map((id) => key(v.host, "key", id)),
            ...value(v.name).flatMap((name) => value(v.pool).map((pool) => key(v.host, "name", pool, name))),
        ]);
        this.#networkIds = new Map(networks.map((n) => [n.resource.id, n]));
        this.#storedIds = new Map(stored.map((s) => [s.resource.id, s]));
        this.#seeds = new Map(seeds.map((s) => [s.resource.id, s]));
    }

    /** Several records of one name cannot all be right: each is a candidate. */
    #pick<T, R>(
        fact: Extract<Fact<T>, { kind: "known" }>,
        found: readonly R[],
        make: (found: R) => DiskSource | Attachment,
        missing: DiskSource | Attachment,
    ): Fact<DiskSource | Attachment> {
        const [first, second] = found;
        if (first === undefined) {
            return known(missing, fact.at);
        }
        return second === undefined
            ? known(make(first), fact.at)
            : unknown(fact.at, "several resources have this name", found.map(make));
    }

    #attachment(
        host: string,
        fact: Extract<Fact<UnresolvedAttachment>, { kind: "known" }>,
    ): Fact<Attachment> {
        const unresolved = fact.value;
        if (unresolved.to !== "network-name" && unresolved.to !== "network-id") {
            return known(unresolved, fact.at);
        }
        const [name, found] =
            unresolved.to === "network-name"
                ? [unresolved.name, this.#networks.get(key(host, "name", unresolved.name))]
                : [unresolved.id, this.#networks.get(key(host, "id", uuid(unresolved.id)))];
        return this.#pick(fact, found ?? [], (n): Attachment => ({ to: "network", network: n.resource.id }), {
            to: "undeclared-network",
            name,
        }) as Fact<Attachment>;
    }

    /**
     * A network's id that is not known here (the policy SDK hands over no ids): one of the networks that feed
     * the input, if they alone do.
     */
    #byDependency(
        fact: Extract<Fact<Attachment>, { kind: "known" }>,
        feeding: readonly string[],
    ): Fact<Attachment> {
        const blind = [...this.#networks.values()]
            .flat()
            .filter((n) => n.id.kind !== "known")
            .map((n) => n.resource.id);
        return feeding.length > 0 && feeding.every((urn) => blind.includes(urn))
            ? unknown(
                  fact.at,
                  `which network has this id is not known here ${marked(digestOf(fact.value))}`,
                  feeding.map((network): Attachment => ({ to: "network", network })),
              )
            : fact;
    }

    /**
     * Whether an id beside a name surely is another network's: one that this model knows, or not the known
     * one of the named network.
     */
    #isAnother(host: string, found: Fact<Attachment>, beside: Fact<string | undefined>): boolean {
        const named =
            found.kind === "known" && found.value.to === "network" ? found.value.network : undefined;
        if (beside.kind !== "known" || beside.value === undefined || named === undefined) {
            return false;
        }
        const owners = this.#networks.get(key(host, "id", uuid(beside.value))) ?? [];
        const own = this.#networkIds.get(named)?.id;
        return (
            owners.some((n) => n.resource.id !== named) ||
            (own?.kind === "known" && uuid(own.value) !== uuid(beside.value))
        );
    }

    /** @param dependencies inputs of the domain -> resources whose outputs feed them */
    nic(host: string, nic: UnresolvedNic, dependencies: Readonly<Record<string, readonly string[]>>): Nic {
        const { besideId, ...own } = nic;
        const linked = this.#nic(host, own, dependencies);
        return besideId !== undefined && this.#isAnother(host, linked.attachment, besideId)
            ? { ...linked, shadowed: [...linked.shadowed, besideId] }
            : linked;
    }

    #nic(
        host: string,
        nic: Omit<UnresolvedNic, "besideId">,
        dependencies: Readonly<Record<string, readonly string[]>>,
    ): Nic {
        const { fedBy, attachment, ...rest } = nic;
        if (attachment.kind === "known") {
            const found = this.#attachment(host, attachment);
            const nameless =
                found.kind === "known" &&
                found.value.to === "undeclared-network" &&
                attachment.value.to === "network-id";
            return {
                ...rest,
                attachment: nameless
                    ? this.#byDependency(found, fedBy === undefined ? [] : (dependencies[fedBy] ?? []))
                    : found,
            };
        }
        if (attachment.kind === "opaque") {
            return { ...rest, attachment };
        }
        const feeding = fedBy === undefined ? [] : (dependencies[fedBy] ?? []);
        // Anything else that feeds the value could make it name any network at all.
        const closed = feeding.every(
            (urn) => this.#networkIds.has(urn) || (fedBy === "devices" && this.#storedIds.has(urn)),
        );
        const networks = closed ? feeding.filter((urn) => this.#networkIds.has(urn)) : [];
        return {
            ...rest,
            attachment: unknown(
                attachment.at,
                attachment.why,
                networks.map((network): Attachment => ({ to: "network", network })),
            ),
        };
    }

    #source(host: string, fact: Extract<Fact<UnresolvedSource>, { kind: "known" }>): Fact<DiskSource> {
        const unresolved = fact.value;
        const lookup = volumeKey(host, unresolved);
        const found = lookup === undefined ? [] : (this.#volumes.get(lookup) ?? []);
        const missing = undeclared(unresolved);
        return this.#pick(
            fact,
            found,
            (v): DiskSource => ({ from: "volume", volume: v.resource.id }),
            missing,
        ) as Fact<DiskSource>;
    }

    /**
     * A domain's disks. An id that is not known yet is one of the volumes that feed the input, if those alone
     * do and there are as many of them as ids: then each is some volume's own id, as far as dependencies tell
     * (they do not tell an id from a text that the program makes of it).
     * @param dependencies inputs of the domain -> resources whose outputs feed them
     */
    disks(
        host: string,
        disks: readonly UnresolvedDisk[],
        dependencies: Readonly<Record<string, readonly string[]>>,
    ): Disk[] {
        const linked = disks.map((disk) =>
            disk.source.kind === "known" ? this.#source(host, disk.source) : undefined,
        );
        const settled = new Set(
            linked.flatMap((fact) =>
                fact?.kind === "known" && fact.value.from === "volume" ? [fact.value.volume] : [],
            ),
        );
        return disks.map(({ fedBy, source, ...rest }, i): Disk => {
            const found = linked[i];
            if (found !== undefined) {
                return { ...rest, source: found };
            }
            if (source.kind !== "unknown") {
                return { ...rest, source: hidden(source) };
            }
            const feeding = fedBy === undefined ? [] : (dependencies[fedBy] ?? []);
            const open = disks.filter(
                (disk) => disk.source.kind === "unknown" && disk.fedBy === fedBy,
            ).length;
            const closed = feeding.every(
                (urn) => this.#storedIds.has(urn) || (fedBy === "devices" && this.#networkIds.has(urn)),
            );
            const volumes = feeding.filter((urn) => this.#storedIds.has(urn) && !settled.has(urn));
            return {
                ...rest,
                source: unknown(
                    source.at,
                    source.why,
                    closed && volumes.length === open
                        ? volumes.map((volume): DiskSource => ({ from: "volume", volume }))
                        : [],
                ),
            };
        });
    }

    /**
     * The seed that fills a volume of provider 0.9: the one whose ISO it is copied from, or the only thing
     * that feeds the address before that is known.
     */
    #fills(unresolved: UnresolvedVolume): Seed | undefined {
        const { source, host, resource } = unresolved;
        // Provider 0.8 uploads a file of the machine that runs Pulumi, whatever the host has under that path.
        if (resource.shape !== "provider-0.9") {
            return undefined;
        }
        if (source.kind === "known") {
            const path = source.value?.replace(/^file:\/\//, "");
            return path === undefined
                ? undefined
                : this.seeds.find((s) => s.host === host && s.id.kind === "known" && s.id.value === path);
        }
        const feeding = source.kind === "unknown" ? (resource.propertyDependencies.create ?? []) : [];
        return feeding.length === 1 ? this.#seeds.get(feeding[0] ?? "") : undefined;
    }

    volume(unresolved: UnresolvedVolume): Volume {
        const { base, baseFedBy, ...plain } = unresolved;
        const seed = this.#fills(unresolved);
        const rest =
            seed === undefined
                ? plain
                : { ...plain, source: known(undefined, plain.source.at), seed: seed.resource.id };
        const resolve = (ref: UnresolvedBase): VolumeRef => {
            const [found, other] =
                this.#volumes.get(
                    "key" in ref
                        ? key(unresolved.host, "key", ref.key)
                        : key(unresolved.host, "name", ref.pool, ref.name),
                ) ?? [];
            return found === undefined || other !== undefined
                ? { from: "undeclared", key: "key" in ref ? ref.key : `${ref.pool}/${ref.name}` }
                : { from: "volume", volume: found.resource.id };
        };
        if (base.kind !== "unknown") {
            return { ...rest, base: mapFact(base, (ref) => (ref === undefined ? undefined : resolve(ref))) };
        }
        const feeding = unresolved.resource.propertyDependencies[baseFedBy] ?? [];
        // Of two, the program has made something else.
        const [only, ...others] = feeding;
        return {
            ...rest,
            base: unknown(
                base.at,
                base.why,
                only !== undefined && others.length === 0 && this.#storedIds.has(only)
                    ? [{ from: "volume", volume: only }]
                    : [],
            ),
        };
    }

    storedById(id: string): Stored | undefined {
        return this.#storedIds.get(id);
    }

    /** The seed with this resource id, or the one that fills the volume of this id. */
    seedOf(id: string, volumes: ReadonlyMap<string, Volume>): Seed | undefined {
        return this.#seeds.get(id) ?? this.#seeds.get(volumes.get(id)?.seed ?? "");
    }
}
