/** Where the project is. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "./error";

/**
 * The project's folder: the nearest one above this file (or above the bundle in .build) with package.json and
 * Pulumi.yaml.
 * @throws CliError when there is none, for instance when the bundle was copied elsewhere
 */
export function projectRoot(from: string = __dirname): string {
    for (let folder = from; ; folder = dirname(folder)) {
        if (["Pulumi.yaml", "package.json"].every((name) => existsSync(join(folder, name)))) {
            return folder;
        }
        if (dirname(folder) === folder) {
            throw new CliError(`no project above ${from}`, "run bin/sallyport of a clone of Sallyport");
        }
    }
}
