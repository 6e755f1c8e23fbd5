/** Errors of the lab. */
import { CliError } from "../util/error";

/**
 * An error of the lab with its fix: the message names what is wrong, `fix` is what the user does next (a
 * command where there is one).
 */
export class LabError extends CliError {
    override readonly name = "LabError";
}

/** One line: what is wrong and, when it is known, the fix. */
export function explain(error: unknown): string {
    if (error instanceof CliError) {
        return `${error.message}; fix: ${error.fix}`;
    }
    return error instanceof Error ? error.message : String(error);
}
