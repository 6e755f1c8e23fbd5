/**
 * A guest's console log, read through libvirt, so that it works for remote hosts too. A log of months has
 * grown to megabytes, and the gate looks twice a second: only its end is read, and after that what came
 * since.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseXml } from "../util/xml";
import { withTemporaryFolder } from "../util/temporary";
import type { Virsh, VirshResult } from "../libvirt/client";

/**
 * What the first look reads, in bytes: a ready Gateway's last half an hour, in which it says all of its
 * status sixty times.
 */
export const TAIL_BYTES = 64 * 1024;

/** Bytes of a file from a place on. The text is in the result's `stdout`. */
export type ReadFrom = (offset: number, timeoutMs: number) => Promise<VirshResult>;

/** The end of a log, from one place on, as long as the log is the same. */
export interface LogEnd {
    /**
     * What there is from that place on, in `stdout`. `began` says that the place is another than at the look
     * before: what stands there then may be older than that look.
     */
    look(left: () => number): Promise<VirshResult & { readonly began: boolean }>;
}

/** Downloads a volume from a place on. */
export const downloadFrom =
    (virsh: Virsh, pool: string, volume: string): ReadFrom =>
    (offset, timeoutMs) =>
        withTemporaryFolder("status", async (folder) => {
            const file = join(folder, "status");
            const result = await virsh(
                ["vol-download", "--pool", pool, volume, file, "--offset", String(offset)],
                timeoutMs,
            );
            return result.outcome === "ok" ? { ...result, stdout: await readFile(file, "latin1") } : result;
        });

/** Length of a volume's file in bytes, in `stdout`. */
export const lengthOf =
    (virsh: Virsh, pool: string, volume: string) =>
    async (timeoutMs: number): Promise<VirshResult> => {
        const shown = await virsh(["vol-dumpxml", "--pool", pool, volume], timeoutMs);
        if (shown.outcome !== "ok") {
            return shown;
        }
        const bytes = (name: string): string | undefined => {
            const element = parseXml(shown.stdout).children.find((child) => child.name === name);
            return element === undefined || (element.attributes["unit"] ?? "bytes") !== "bytes"
                ? undefined
                : element.text.trim();
        };
        // Of an empty file libvirt says no physical length at all.
        const text = bytes("physical") ?? (bytes("capacity") === "0" ? "0" : "");
        return /^\d+$/.test(text)
            ? { ...shown, stdout: text }
            : {
                  outcome: "error",
                  stdout: "",
                  message: `libvirt does not tell the length of volume ${volume} in bytes`,
              };
    };

/**
 * Follow a log.
 * @param length its length now, asked for at the first look, and when there is less than before
 */
export function followLog(length: (timeoutMs: number) => Promise<VirshResult>, read: ReadFrom): LogEnd {
    let from: number | undefined;
    let before = 0;
    return {
        look: async (left) => {
            const got = from === undefined ? undefined : await read(from, left());
            if (got !== undefined && (got.outcome !== "ok" || got.stdout.length >= before)) {
                before = got.outcome === "ok" ? got.stdout.length : before;
                return { ...got, began: false };
            }
            // The first look, or it is shorter: cut, or begun anew. One that ends before our place would show
            // nothing there for ever.
            const size = await length(left());
            if (size.outcome !== "ok") {
                return { ...size, began: false };
            }
            if (got !== undefined && from !== undefined && Number(size.stdout) >= from) {
                return { ...got, began: false };
            }
            const place = Math.max(0, Number(size.stdout) - TAIL_BYTES);
            const anew = await read(place, left());
            if (anew.outcome === "ok") {
                [from, before] = [place, Math.max(anew.stdout.length, place > 0 ? TAIL_BYTES : 0)];
            }
            return { ...anew, began: anew.outcome === "ok" };
        },
    };
}
