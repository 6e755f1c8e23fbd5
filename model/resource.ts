/** What every record of the model knows about where it comes from. */
import type { Fact } from "./fact";

/** Which vocabulary the record was written in; detected by shape, never by version. */
export type Shape = "provider-0.8" | "provider-0.9" | "libvirt-xml" | "unrecognised";

/** The shape of what has properties that only provider 0.8 knows (`old`), or only 0.9 (`recent`). */
export function shapeOf(old: boolean, recent: boolean): Shape | undefined {
    if (old) {
        return recent ? "unrecognised" : "provider-0.8";
    }
    return recent ? "provider-0.9" : undefined;
}

/** What a preview says will happen. */
export type Operation = "create" | "update" | "replace" | "delete" | "same" | "other";

/** Identity and Pulumi options of a resource; live XML has no options. */
export interface Resource {
    /** Unique in the model: the URN, or `domain NAME at URI` of live XML. */
    readonly id: string;
    /** Pulumi type token, or `domain` / `network` of live XML. */
    readonly type: string;
    /** Pulumi's name of the resource, or libvirt's. */
    readonly name: string;
    readonly shape: Shape;
    /** URN of the parent. */
    readonly parent?: string;
    /**
     * URNs that it is declared to depend on, through dependsOn or through inputs; transitive ones are not
     * listed.
     */
    readonly dependsOn: readonly string[];
    /** Top-level input -> URNs whose outputs feed it. */
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly deleteBeforeReplace?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges: readonly string[];
    /** Set when the source is a preview. */
    readonly operation?: Operation;
    /** Of all its inputs: of resources that no rule looks into. */
    readonly digest?: () => string;
    /** Top-level inputs that the state keeps encrypted. */
    readonly secretInputs: readonly string[];
}

/** A libvirt daemon. Networks and domains of one name on two hosts are different ones. */
export interface Host {
    /**
     * Key that networks, domains and volumes refer to: the URI, or the provider's URN while the URI is not
     * known.
     */
    readonly key: string;
    readonly uri: Fact<string>;
    /** Provider resources that lead to it. */
    readonly providers: readonly string[];
    /** Live only: its kernel was not read, so libvirt alone says which bridge each tap is on. */
    readonly tapsByLibvirt?: true;
}
