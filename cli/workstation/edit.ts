/**
 * What the settings hold after a Workstation came or went. Pure. Every Workstation that was there keeps the
 * address that it had.
 */
import { parseConfig } from "../../config/parse";
import { NAME_FORM, name as configName } from "../../config/forms";
import { allot } from "../../plan/allotment";
import { CliError } from "../../util/error";
import { nearest, nearestIs } from "../../util/nearest";

/** A Workstation as the settings' file has it; further keys are carried along. */
export interface StoredWorkstation {
    readonly name: string;
    readonly address?: string | undefined;
    /** false: nothing of it is kept. */
    readonly home?: unknown;
    readonly [key: string]: unknown;
}

export interface StoredEnclave {
    readonly name: string;
    readonly workstations?: readonly StoredWorkstation[] | undefined;
    readonly [key: string]: unknown;
}

export interface Edit {
    readonly verb: "add" | "remove";
    /** Undefined: the only one. */
    readonly enclave: string | undefined;
    readonly name: string;
    /** What a Workstation that comes has of the key `home`; undefined: the default. */
    readonly home?: false | { readonly sizeGiB: number } | undefined;
}

const named = <T extends { readonly name: string }>({ name }: T): { name: string } => ({ name });

/** What a stack has whose settings say nothing of it. */
export function defaults(): { enclaves: StoredEnclave[]; workstations: StoredWorkstation[] } {
    const { enclaves } = parseConfig({});
    return {
        enclaves: enclaves.map(named),
        workstations: enclaves.flatMap((e) => e.workstations.map(named)),
    };
}

/** The Workstations of an enclave, which has the default one where none are named. */
export const workstationsOf = ({ workstations }: StoredEnclave): readonly StoredWorkstation[] =>
    workstations ?? defaults().workstations;

function withAddresses(
    list: readonly StoredWorkstation[],
): (StoredWorkstation & { readonly address: string })[] {
    const addresses = allot(list);
    return list.map((w, i) => ({ ...w, address: addresses[i] ?? "" }));
}

/** One that is alone needs no address. */
const settled = (list: readonly StoredWorkstation[]): readonly StoredWorkstation[] =>
    list.length > 1 ? withAddresses(list) : list;

/** @throws CliError with the nearest name */
function unknown(what: string, wanted: string, names: readonly string[]): never {
    const near = nearest(wanted, names);
    const there = names.length === 0 ? "there is none" : `allowed: ${names.join(", ")}`;
    throw new CliError(
        `there is no ${what} ${wanted}${nearestIs(near)}; ${there}`,
        near === undefined ? "bin/sallyport workstation list shows what there is" : `name ${near}`,
    );
}

function target(enclaves: readonly StoredEnclave[], { enclave, name }: Edit): StoredEnclave {
    const names = enclaves.map((e) => e.name);
    const found = enclaves.filter((e) => enclave === undefined || e.name === enclave);
    const [only] = found;
    if (only !== undefined && found.length === 1) {
        return only;
    }
    if (enclave !== undefined && found.length === 0) {
        unknown("enclave", enclave, names);
    }
    throw new CliError(
        enclave === undefined
            ? `${name} may be in any of the enclaves ${names.join(", ")}`
            : `several enclaves are called ${enclave}`,
        enclave !== undefined
            ? "give them names that differ"
            : `name the one that is meant: ${names[0] ?? "ENCLAVE"}/${name}`,
    );
}

/** Workstations that were there and have their address written down now: `red/a 10.152.152.11`. */
const newlyWritten = (before: readonly StoredEnclave[], after: readonly StoredEnclave[]): string[] =>
    after.flatMap((enclave, e) => {
        const bare = before
            .slice(e, e + 1)
            .flatMap(workstationsOf)
            .filter((w) => w.address === undefined);
        return workstationsOf(enclave)
            .filter((w) => w.address !== undefined && bare.some(({ name }) => name === w.name))
            .map((w) => `${enclave.name}/${w.name} ${w.address}`);
    });

export interface Edited {
    readonly enclaves: readonly StoredEnclave[];
    /** Of the Workstation that came or went: `red/irc`. */
    readonly guest: string;
    /** The address that it has, or had. */
    readonly address: string;
    /** Whether a home volume is its own. */
    readonly hasHome: boolean;
    /** Others whose addresses are written down now: `red/a 10.152.152.11`. */
    readonly also: readonly string[];
}

const added = ({ name, home }: Edit): StoredWorkstation => (home === undefined ? { name } : { name, home });

/**
 * The enclaves with that Workstation or without it; one that comes gets the lowest free address. Everywhere
 * else addresses that were taken from the order of a list are written down as they were.
 * @throws CliError when the enclave is not there, or the Workstation is there already, or not
 */
export function edited(enclaves: readonly StoredEnclave[], edit: Edit): Edited {
    const place = target(enclaves, edit);
    const here = workstationsOf(place);
    const isThere = here.some((w) => w.name === edit.name);
    const guest = `${place.name}/${edit.name}`;
    if (edit.verb === "add" && !configName.safeParse(edit.name).success) {
        throw new CliError(
            `a Workstation's name: got "${edit.name}"; allowed: ${NAME_FORM}`,
            `bin/sallyport workstation add ${place.name}/NAME`,
        );
    }
    if (edit.verb === "add" && isThere) {
        throw new CliError(`the settings have a Workstation ${guest} already`, "give another name");
    }
    if (edit.verb === "remove" && !isThere) {
        unknown(
            "Workstation",
            guest,
            here.map((w) => `${place.name}/${w.name}`),
        );
    }
    const [most, next] =
        edit.verb === "add"
            ? [withAddresses([...here, added(edit)]), undefined]
            : [withAddresses(here), settled(here).filter((w) => w.name !== edit.name)];
    const after = enclaves.map((e) => {
        if (e === place) {
            return { ...e, workstations: next ?? most };
        }
        return e.workstations === undefined ? e : { ...e, workstations: settled(e.workstations) };
    });
    const it = most.find((w) => w.name === edit.name);
    return {
        enclaves: after,
        guest,
        address: it?.address ?? "",
        hasHome: it?.home !== false,
        also: newlyWritten(enclaves, after),
    };
}
