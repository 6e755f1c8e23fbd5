/** A stylesheet rewrites what the provider sends to libvirt; only our own, letter for letter, are read. */
import type { Origin } from "./fact";

export type StylesheetKind =
    | "domain-gateway"
    | "domain-workstation"
    | "isolated-network"
    | "nat-network"
    | "bridge-network"
    | "private-volume";

/** A pool whose volumes a domain's stylesheet takes, and the folder that it writes before their names. */
export interface WrittenPool {
    readonly name: string;
    readonly path: string;
}

export type Stylesheet =
    /** None: the provider's own XML goes to libvirt. */
    | { readonly kind: "none" }
    /** One that this project renders; its effect is already in the record's facts. */
    | {
          readonly kind: "pinned";
          readonly which: StylesheetKind;
          readonly sha256: string;
          readonly at: Origin;
          /** Of overlay and seed. */
          readonly pool?: WrittenPool;
          /** Of the volume that outlives its guest. */
          readonly dataPool?: WrittenPool;
      }
    /** Anything else, also one that is not known yet: whatever the inputs say may be undone. */
    | { readonly kind: "opaque"; readonly why: string; readonly sha256?: string; readonly at: Origin };
