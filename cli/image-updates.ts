/** Which of an image's packages are older than what apt has. */
import { execa } from "execa";

export interface PackageUpdate {
    readonly name: string;
    readonly from: string;
    readonly to: string;
}

/** dpkg's order of versions is its own (deb-version(7)): it is asked. */
const isOlder = async (a: string, b: string): Promise<boolean> =>
    (await execa("dpkg", ["--compare-versions", a, "lt", b], { reject: false })).exitCode === 0;

/**
 * @param installed the image's packages
 * @param available what apt has, by name. A package that it has no more is none that can be updated
 */
export async function newer(
    installed: readonly { readonly name: string; readonly version: string }[],
    available: ReadonlyMap<string, string>,
): Promise<PackageUpdate[]> {
    const updates: PackageUpdate[] = [];
    for (const { name, version } of installed) {
        const to = available.get(name);
        if (to !== undefined && to !== version && (await isOlder(version, to))) {
            updates.push({ name, from: version, to });
        }
    }
    return updates;
}
