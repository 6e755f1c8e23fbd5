/** A stack with one thing changed, and the rule that has to object. */
import { parse, stringify } from "yaml";
import type { FixtureResource } from "../fixtures/resources";

export interface Mutant {
    readonly title: string;
    /** The rule that must be among those that object. */
    readonly rule: string;
    /** Changes a copy of a good stack. */
    readonly change: (stack: FixtureResource[]) => void;
    /**
     * Judge it as a preview of this change, with what it does to each resource (default: same), and not as a
     * stack.
     */
    readonly preview?: (resource: FixtureResource) => string;
    /** Where the provider of that preview leads afterwards. */
    readonly uri?: string;
    /** Judge it as an export, with what the provider has read back. */
    readonly exported?: true;
}

/** Mutants that can be made of a good stack: the default export of a file that is about one rule. */
export type Mutants = (stack: readonly FixtureResource[]) => readonly Mutant[];

export const NETWORK = "libvirt:index/network:Network";
export const DOMAIN = "libvirt:index/domain:Domain";
export const SEED = "libvirt:index/cloudinitDisk:CloudinitDisk";
export const VOLUME = "libvirt:index/volume:Volume";
export const POOL = "libvirt:index/pool:Pool";
export const COMMAND = "command:local:Command";

export const ofType = (stack: readonly FixtureResource[], type: string, name = /./): FixtureResource[] =>
    stack.filter((r) => r.type === type && name.test(r.name));

/** Change the resource with this URN. */
export const edit =
    (urn: string, change: (props: Record<string, unknown>, resource: FixtureResource) => void) =>
    (stack: FixtureResource[]): void => {
        const found = stack.find((r) => r.urn === urn);
        if (found === undefined) {
            throw new Error(`the stack has no ${urn}`);
        }
        change(found.props, found);
    };

/** Set properties; undefined removes. */
export const set = (urn: string, values: Record<string, unknown>): ((stack: FixtureResource[]) => void) =>
    edit(urn, (props) => {
        for (const [key, value] of Object.entries(values)) {
            if (value === undefined) {
                Reflect.deleteProperty(props, key);
            } else {
                props[key] = value;
            }
        }
    });

export interface UserData {
    write_files: { path: string; content: string; owner?: string; permissions?: string }[];
    [key: string]: unknown;
}

const userData = new Map<string, UserData>();

/** User-data, read once for each text. */
function readUserData(text: string): UserData {
    const data = userData.get(text) ?? (parse(text) as UserData);
    userData.set(text, data);
    return data;
}

/** Change user-data; it is written as JSON, which is YAML and quick to write. */
export const editUserData = (
    urn: string,
    change: (data: UserData) => void,
): ((stack: FixtureResource[]) => void) =>
    edit(urn, (props) => {
        const data = structuredClone(readUserData(String(props["userData"])));
        change(data);
        props["userData"] = `#cloud-config\n${JSON.stringify(data)}`;
    });

/** The stack lacks what the mutant would change. */
export class NothingToChange extends Error {}

/** Change the text of one file of user-data; an unchanged text is a mistake of the mutant's. */
export const editFile = (
    urn: string,
    path: string,
    change: (text: string) => string,
): ((stack: FixtureResource[]) => void) =>
    editUserData(urn, (data) => {
        const file = data.write_files.find((f) => f.path === path);
        const text = file === undefined ? undefined : change(file.content);
        if (file === undefined || text === file.content) {
            throw new NothingToChange(`nothing to change in ${path}`);
        }
        file.content = text ?? "";
    });

export type Nic = Record<string, unknown>;
interface Devices {
    readonly interfaces: Nic[];
}

/** NICs of a domain, in the words of either provider. */
export const nicsOf = (props: Record<string, unknown>): Nic[] =>
    (props["devices"] as Devices | undefined)?.interfaces ?? (props["networkInterfaces"] as Nic[]);

/** A NIC in the words of the domain's provider, otherwise like its first. */
export function nicOn(
    props: Record<string, unknown>,
    kind: "network" | "bridge" | "card",
    name: unknown,
    mac?: string,
): Nic {
    const recent = props["devices"] !== undefined;
    const own = recent
        ? {
              network: { network: { network: name } },
              bridge: { bridge: { bridge: name } },
              card: { direct: { dev: name, mode: "bridge" } },
          }[kind]
        : { network: { networkName: name }, bridge: { bridge: name }, card: { macvtap: name } }[kind];
    return recent
        ? { ...nicsOf(props)[0], ...(mac === undefined ? {} : { mac: { address: mac } }), source: own }
        : { ...own, ...(mac === undefined ? {} : { mac }) };
}

/** Change network-config or meta-data as YAML. */
export const editYaml = (
    urn: string,
    property: "networkConfig" | "metaData",
    change: (data: Record<string, unknown>) => void,
): ((stack: FixtureResource[]) => void) =>
    edit(urn, (props) => {
        const data = parse(String(props[property])) as Record<string, unknown>;
        change(data);
        // As cloud-init reads it: a MAC of digits alone in quotes.
        props[property] = stringify(data, { version: "1.1" });
    });

export const textOf = (resource: FixtureResource, path: string): string =>
    readUserData(String(resource.props["userData"])).write_files.find((f) => f.path === path)?.content ?? "";

export const short = (resource: FixtureResource): string => resource.name.replace(/^sallyport-test-/, "");
export const FOREIGN =
    '<xsl:stylesheet version="1.0" ' +
    'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><xsl:copy-of ' +
    'select="/"/></xsl:template></xsl:stylesheet>';
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
