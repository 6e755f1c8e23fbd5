/**
 * A cloud-init seed, parsed down to typed rules and options. What cannot be parsed is opaque, never left out.
 */
import { countersOf, type Ruleset, type Table } from "../cloud-init/nft/model";
import type { Fact, Origin } from "./fact";
import type { Resource } from "./resource";

/** A file that user-data writes. */
export interface SeedFile {
    readonly path: string;
    readonly content: string;
    /** Octal as written; absent: cloud-init's 0644. */
    readonly permissions?: string;
    /** `user:group`; absent: root:root. */
    readonly owner?: string;
    readonly at: Origin;
}

/** A table and what it declares without using it. */
export interface SeedTable extends Table {
    readonly counters: readonly string[];
}

/** Counters that a table declares: what we render declares those that its rules use. */
export const declaredCounters = (table: Table & Partial<SeedTable>): readonly string[] =>
    [...(table.counters ?? countersOf(table))].sort();

/** A packet filter and how its file begins. */
export interface SeedRuleset extends Ruleset {
    readonly tables: readonly SeedTable[];
    /** Whether the first statement is `flush ruleset`, so that loading is one transaction over everything. */
    readonly flushes: boolean;
}

/** One line of torrc as tor reads it: `+Option` and `/Option` keep their sign, comments are gone. */
export interface TorOptionLine {
    readonly option: string;
    readonly value: string;
    /** First line is 1. */
    readonly line: number;
}

/** One NIC of network-config version 2. */
export interface SeedNic {
    /** Key of the entry. */
    readonly key: string;
    /** `match.macaddress`, lower case. */
    readonly mac?: string;
    /** `set-name`, or the key. */
    readonly name: string;
    /** `10.152.152.11/24`. */
    readonly addresses: readonly string[];
    readonly routes: readonly { readonly to: string; readonly via: string }[];
    readonly dhcp4: boolean;
    readonly dhcp6: boolean;
    /** Absent: the kernel's default. */
    readonly acceptRa?: boolean;
    readonly nameservers: readonly string[];
    /** Keys of the entry that are none of the above. */
    readonly otherKeys: readonly string[];
}

export interface SeedNetworkConfig {
    readonly version: number;
    readonly nics: readonly SeedNic[];
    /** Top-level keys beside version and ethernets (bonds, bridges, vlans, renderer …). */
    readonly otherKeys: readonly string[];
}

/** The parts of a seed. `undefined` in a known fact: the seed has no such part. */
export interface SeedContent {
    readonly files: Fact<readonly SeedFile[]>;
    /** Top-level keys of user-data; `write_files` is one of them. */
    readonly keys: Fact<readonly string[]>;
    /** Values of all top-level keys but write_files, as YAML has them. */
    readonly settings: Fact<Readonly<Record<string, unknown>>>;
    /** Content of /etc/sallyport/role without its line feed. */
    readonly role: Fact<string | undefined>;
    readonly ruleset: Fact<SeedRuleset | undefined>;
    readonly torrc: Fact<readonly TorOptionLine[] | undefined>;
    readonly sysctls: Fact<Readonly<Record<string, string>> | undefined>;
    readonly network: Fact<SeedNetworkConfig | undefined>;
    /** Values of meta-data. */
    readonly meta: Fact<Readonly<Record<string, string>>>;
    /** Keys of meta-data. */
    readonly metaKeys: Fact<readonly string[]>;
    readonly instanceId: Fact<string | undefined>;
    readonly localHostname: Fact<string | undefined>;
}

export interface Seed {
    readonly resource: Resource;
    readonly host: string;
    readonly name: Fact<string>;
    readonly pool: Fact<string | undefined>;
    /** Key or path of the volume that carries it; unknown before it exists. */
    readonly id: Fact<string>;
    readonly userData: Fact<string | undefined>;
    readonly networkConfig: Fact<string | undefined>;
    readonly metaData: Fact<string | undefined>;
    /** Properties of the resource that are not read here: what they hold may be in the guest as well. */
    readonly otherProperties: Readonly<Record<string, unknown>>;
    /** Parsed on first use, then kept. */
    readonly content: SeedContent;
}
