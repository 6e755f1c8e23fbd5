/** What of an image is not as apt would install it today. */
import { execa } from "execa";
import { CliError } from "../util/error";

export interface PackageUpdate {
    readonly name: string;
    readonly from: string;
    /** Undefined: apt would not install it. A kernel has its version in its name, so an old one is gone. */
    readonly to: string | undefined;
}

/** dpkg's order of versions is its own (deb-version(7)): it is asked. @throws CliError when it can't be */
async function isOlder(a: string, b: string): Promise<boolean> {
    const { exitCode } = await execa("dpkg", ["--compare-versions", a, "lt", b], { reject: false });
    if (exitCode !== 0 && exitCode !== 1) {
        throw new CliError(`dpkg can't compare the versions ${a} and ${b}`, "run it on a Debian");
    }
    return exitCode === 0;
}

/**
 * @param installed the image's packages
 * @param available what apt would install, by name
 * @throws CliError when versions can't be compared
 */
export async function newer(
    installed: readonly { readonly name: string; readonly version: string }[],
    available: ReadonlyMap<string, string>,
): Promise<PackageUpdate[]> {
    const updates: PackageUpdate[] = [];
    for (const { name, version } of installed) {
        const to = available.get(name);
        if (to !== version && (to === undefined || (await isOlder(version, to)))) {
            updates.push({ name, from: version, to });
        }
    }
    return updates;
}
