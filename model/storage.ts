/** Volumes and pools. */
import type { Fact } from "./fact";
import type { Resource } from "./resource";
import type { Stylesheet } from "./stylesheet";
import type { Node } from "./tree";

/** What an overlay reads through to, or what a volume was copied from. */
export type VolumeRef =
    | { readonly from: "volume"; readonly volume: string }
    | { readonly from: "undeclared"; readonly key: string };

export interface Volume {
    readonly resource: Resource;
    readonly host: string;
    readonly name: Fact<string>;
    readonly pool: Fact<string>;
    /** Key or path, as disks refer to it; unknown before it exists. */
    readonly id: Fact<string>;
    readonly format: Fact<string | undefined>;
    /** Backing volume; undefined: none. */
    readonly base: Fact<VolumeRef | undefined>;
    /** File or address that the content is copied from; undefined: none. */
    readonly source: Fact<string | undefined>;
    /**
     * Seed whose ISO it holds, as `resource.id` (provider 0.9 carries seeds in volumes); `source` then names
     * no other.
     */
    readonly seed?: string;
    readonly stylesheet: Stylesheet;
    /** Permissions and the like: `target.permissions.mode`. */
    readonly xml: Node;
}

export interface Pool {
    readonly resource: Resource;
    readonly host: string;
    readonly name: Fact<string>;
    readonly type: Fact<string>;
    readonly path: Fact<string | undefined>;
    readonly stylesheet: Stylesheet;
    /** Everything else of the pool: `source`, `target.permissions.mode`. */
    readonly xml: Node;
}
