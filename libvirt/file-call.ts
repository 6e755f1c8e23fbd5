/** Calls of virsh that read a document. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withTemporaryFolder } from "../util/temporary";
import { virshAt, type VirshResult } from "./client";
import { virshFix } from "./errors";

/** Runs virsh with these arguments and a file. It throws for a time-out alone. */
export type FileCall = (text: string, args: (path: string) => readonly string[]) => Promise<VirshResult>;

/** virsh at a URI, with a file of its own for each call. */
export const virshWithFile =
    (uri: string): FileCall =>
    async (text, args) =>
        withTemporaryFolder("document", async (folder) => {
            const file = join(folder, "x.xml");
            await writeFile(file, text);
            const result = await virshAt(uri)(args(file));
            if (result.outcome === "time-out") {
                throw new Error(`at ${uri} ${result.message}; fix: ${virshFix(result.outcome, uri)}`);
            }
            return result;
        });
