/**
 * `sallyport workstation`: adds and removes Workstations in a stack's settings. What an address hangs on is
 * written down there, so that no other guest changes.
 */
import { dirname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { parseConfig } from "../config/parse";
import { allot, unwritten } from "../plan/allotment";
import { emit, failed, passed, report } from "../util/output";
import { CliError } from "../util/error";
import { projectRoot } from "../util/root";
import { storedSettings } from "../plan/file";
import { allowedLoss, allowLines } from "./kept-data";
import { jsonOption, stackOption } from "./options";
import { findSettings, settingsFile, type Stack } from "./stack";
import { defaults, edited, workstationsOf, type Edit, type StoredEnclave } from "./workstation/edit";
import { replaceText, textOf } from "./settings-file";
import { storedEnclaves, withEnclaves } from "./workstation/file";

interface Options {
    readonly stack?: string;
    readonly json?: boolean;
}

interface AddOptions extends Options {
    /** GiB; false: none; true: the default. */
    readonly home: number | boolean;
}

/** What of them the schema says: names, and how many there may be. @throws ConfigError */
const checked = (enclaves: readonly StoredEnclave[]): ReturnType<typeof parseConfig>["enclaves"] =>
    parseConfig({
        enclaves: enclaves.map((e) => ({
            name: e.name,
            workstations: workstationsOf(e).map(({ name, address, home }) => ({ name, address, home })),
        })),
    }).enclaves;

/** `red/irc`, or `irc` in a stack of one enclave. @throws CliError */
function editOf(verb: Edit["verb"], guest: string): Edit {
    const parts = guest.split("/");
    const [name, enclave] = parts.reverse();
    if (parts.length > 2 || name === undefined || name === "" || enclave === "") {
        throw new CliError(
            `got "${guest}"; allowed: ENCLAVE/NAME, such as red/irc`,
            "bin/sallyport help workstation",
        );
    }
    return { verb, enclave, name };
}

async function found(o: Options): Promise<{ stack: Stack; path: string; text: string }> {
    const root = projectRoot();
    const stack = await findSettings(root, o.stack);
    const path = settingsFile(root, stack.name);
    return { stack, path, text: textOf(path) };
}

/** Parser of whole GiB; the schema says how many there may be. @throws InvalidArgumentError */
function gib(text: string): number {
    if (!/^\d{1,9}$/.test(text)) {
        throw new InvalidArgumentError("a whole number of GiB is allowed.");
    }
    return Number(text);
}

const homeOf = (home: AddOptions["home"]): Edit["home"] =>
    typeof home === "number" ? { sizeGiB: home } : home && undefined;

/** What becomes of the home of one that is removed. */
function homeLeft(stack: Stack, path: string, guest: string): string {
    const allowed = allowedLoss(storedSettings(dirname(path), stack.name));
    return allowed.includes(guest)
        ? " and its home"
        : `; its home is kept until the settings let it go: ${allowLines([guest], allowed.length, stack.reference)}`;
}

async function change(edit: Edit, o: Options): Promise<void> {
    const { stack, path, text } = await found(o);
    const before = storedEnclaves(path, text) ?? defaults().enclaves;
    const { enclaves, guest: name, address, hasHome, also } = edited(before, edit);
    checked(enclaves);
    replaceText(path, text, withEnclaves(path, text, enclaves));
    const file = `Pulumi.${stack.name}.yaml`;
    const others = also.length === 0 ? "" : `; written down as well: ${also.join(", ")}`;
    const next = `next: bin/pulumi up --stack ${stack.reference}`;
    emit(
        report([
            edit.verb === "add"
                ? passed("workstation.added", name, `has ${address} in ${file}${others}; ${next}`)
                : passed(
                      "workstation.removed",
                      name,
                      `is no more in ${file}, ${address} is free${others}; ${next}, which removes the guest with its disk${hasHome ? homeLeft(stack, path, name) : ""}`,
                  ),
        ]),
        o.json === true,
    );
}

/** What the settings name, written down or not. */
async function list(o: Options): Promise<void> {
    const { path, text } = await found(o);
    const enclaves = checked(storedEnclaves(path, text) ?? defaults().enclaves);
    const missing = new Map(unwritten(enclaves).map(({ property, fix }) => [property, fix]));
    const rows = enclaves.flatMap((enclave, e) => {
        const addresses = allot(enclave.workstations);
        return enclave.workstations.map((w, i) => ({
            name: `${enclave.name}/${w.name}`,
            address: addresses[i] ?? "",
            fix: missing.get(`enclaves[${e}].workstations[${i}].address`),
        }));
    });
    const checks = rows.map(({ name, address, fix }) =>
        fix === undefined
            ? passed("workstation.address", name, address)
            : failed("workstation.address", name, `its address is not written down; it had ${address}`, fix),
    );
    const none = passed("workstation.none", "Workstations", "the settings name none");
    emit(
        {
            ...report(checks.length === 0 ? [none] : checks),
            workstations: rows.map(({ name, address }) => ({ name, address })),
        },
        o.json === true,
    );
}

export function workstationCommand(): Command {
    const command = new Command("workstation").description(
        "add, remove and list the Workstations of a stack's settings; no other address changes",
    );
    const verb = (name: string, description: string): Command =>
        stackOption(jsonOption(command.command(name))).description(description);
    const guest = ["<guest>", "ENCLAVE/NAME, such as red/irc"] as const;
    verb("add", "add one, with the lowest free address")
        .argument(...guest)
        .option("--home <GiB>", "size of its home volume (default: 8)", gib)
        .option("--no-home", "nothing of it is kept")
        .action((name: string, o: AddOptions) => change({ ...editOf("add", name), home: homeOf(o.home) }, o));
    verb("remove", "remove one; its address is free then")
        .argument(...guest)
        .action((name: string, o: Options) => change(editOf("remove", name), o));
    verb("list", "show each with its address").action(list);
    return command;
}
