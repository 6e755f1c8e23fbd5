/** What a guest is told of the volume that outlives it: `KEY VALUE` lines, which its image acts on. */
import type { DataGuest } from "../plan/guest-plan";
import { dataDisk, isKeptFolder } from "../values/disk-files";
import { PATHS, type Role } from "./guest";
import { lines } from "./text";
import { rootFile, type GuestFile } from "./user-data";

/** None for a guest without such a volume. */
export const dataFiles = (role: Role, data: DataGuest | undefined): GuestFile[] =>
    data === undefined
        ? []
        : [
              rootFile(
                  PATHS.data,
                  lines(
                      "data",
                      `serial ${dataDisk(role).serial}`,
                      `mount ${dataDisk(role).mount}`,
                      ...(data.paths ?? []).map((path) => `path ${path}`),
                  ),
              ),
          ];

/** What the files of a guest say of its data volume; undefined: it is told of none. */
export function dataOf(
    files: readonly { readonly path: string; readonly content: string }[],
): DataGuest | undefined {
    const file = files.find(({ path }) => path === PATHS.data);
    if (file === undefined) {
        return undefined;
    }
    // Others are none of ours: without them, what is rendered from here differs from the file.
    const paths = [...file.content.matchAll(/^path (\S+)$/gm)]
        .map(([, path = ""]) => path)
        .filter(isKeptFolder);
    return paths.length === 0 ? {} : { paths };
}
