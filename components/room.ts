/** Whether a pool has room for what is uploaded next: a full disk cuts an upload short, after minutes. */
import { stat } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import { type Ask, askVirsh } from "../libvirt/client";

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** A pool, and the file that is to go there. */
export interface Upload {
    readonly uri: string;
    readonly pool: string;
    readonly path: string;
    readonly file: string;
}

/**
 * Ask a pool for its room.
 * @param bytes what is needed
 * @throws Error naming the pool, its folder, and what is there and needed; and when libvirt does not say
 */
export async function requireRoom(
    { uri, pool, path }: Omit<Upload, "file">,
    bytes: number,
    ask: Ask = askVirsh(uri),
): Promise<void> {
    // What libvirt knows of a pool is as old as its last look.
    const said = (await ask([`pool-refresh ${pool}; pool-info --bytes ${pool}`])) ?? "";
    const available = /^Available:\s+(\d+)$/m.exec(said)?.[1];
    if (available === undefined || Number(available) < bytes) {
        throw new Error(
            `pool ${pool} (${path} at ${uri}) has ${available === undefined ? "room of which libvirt says nothing" : `${mebibytes(Number(available))} free`}, ` +
                `the golden image needs ${mebibytes(bytes)}, and each guest's disk more as it is written; ` +
                "fix: make room there, or another folder before the first up: bin/pulumi config set --path 'sallyport:storage.path' FOLDER",
        );
    }
}

/** The hook before an upload. */
export const roomHook = (name: string, upload: Upload): pulumi.ResourceHook =>
    new pulumi.ResourceHook(name, async () => requireRoom(upload, (await stat(upload.file)).size));
