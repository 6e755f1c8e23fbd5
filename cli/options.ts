/** Options that several verbs have. */
import { type Command, InvalidArgumentError } from "commander";

/** Parser of a whole number of seconds from 1 to a day. @throws InvalidArgumentError */
export function seconds(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > 86_400) {
        throw new InvalidArgumentError("a whole number of seconds from 1 to 86400 is allowed.");
    }
    return value;
}

/** `--json`, of every verb but `console`. */
export const jsonOption = (command: Command): Command =>
    command.option("--json", "print the result as JSON (docs/operations.md)");

/** `--stack`, the same in every verb that has it (cli/stack.ts). */
export const stackOption = (command: Command): Command =>
    command.option("--stack <name>", "the stack (default: the selected one)");

/** Options of the two steps around a Gateway's status file. */
export interface VolumeOptions {
    readonly uri: string;
    readonly pool: string;
    readonly volume: string;
    readonly json?: boolean;
}

export const volumeOptions = (command: Command): Command =>
    jsonOption(command)
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--pool <pool>", "storage pool over the folder of status files")
        .requiredOption("--volume <name>", "the Gateway's status file in that pool");
