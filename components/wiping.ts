/** Guests' volumes are overwritten before they go: the provider only removes them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { withTemporaryFolder } from "../util/temporary";
import { cliLine, type StepResource } from "./cli-command";
import type { StackContext } from "./context";
import { type Ask, askVirsh } from "../libvirt/client";

/** A volume that one guest has. */
export interface Disposable {
    readonly domain: string;
    readonly pool: string;
    readonly volume: pulumi.Input<string>;
    /** What disks refer to it by. */
    readonly key: pulumi.Input<string>;
}

/**
 * Declare the step that wipes a volume. The step depends on the volume and the domain on the step, so that on
 * the way down, and when they are replaced, the domain goes first and the volume last. Its key is a trigger,
 * for only what takes a property from a replaced resource goes before it. One step for each volume: one that
 * wiped two would wipe the seed when the overlay alone is replaced.
 *
 * With wiping switched off it is still there and does nothing: to remove it would be to run it, under the
 * running guest.
 */
export function wiping(
    name: string,
    { key, domain, pool, volume }: Disposable,
    context: StackContext,
    opts: pulumi.CustomResourceOptions,
): StepResource {
    const line = pulumi
        .output(volume)
        .apply((given) => cliLine("wipe", { uri: context.uri, domain, pool, volume: given }));
    return context.step(
        `${name}-wipe`,
        { create: "true", delete: context.wipe ? line : "true", triggers: [key] },
        opts,
    );
}

/**
 * The bytes that a volume has as long as it was not wiped: qcow2's magic, and ISO 9660's in its first
 * descriptor.
 */
const MARKS = [
    { at: 0, bytes: "QFI\xfb" },
    { at: 32_769, bytes: "CD001" },
] as const;

/** Keys of a guest's two volumes, as its disks refer to them. */
export type GuestVolumes = readonly [overlay: string, seed: string];

/**
 * Look whether a guest's volumes hold anything. A `destroy` that was cut off may have wiped one and left it,
 * and `up` would start a guest on it that never boots.
 * @throws Error naming the volume and the fix, and when it can't be read
 */
export async function requireUnwiped(volumes: GuestVolumes, ask: Ask, domain: string): Promise<void> {
    await withTemporaryFolder("unwiped", async (folder) => {
        for (const [i, { at, bytes }] of MARKS.entries()) {
            const [key, file] = [volumes[i] ?? "", join(folder, String(i))];
            const read = await ask([
                "vol-download",
                key,
                file,
                "--offset",
                String(at),
                "--length",
                String(bytes.length),
            ]);
            if (read === undefined || (await readFile(file, "latin1")) !== bytes) {
                throw new Error(
                    `volume ${key} ${read === undefined ? "is gone" : "was wiped by a destroy or a replacement that was cut off"}; fix: bin/pulumi up --replace '**::${domain}-overlay' --replace '**::${domain}-seed'`,
                );
            }
        }
    });
}

/**
 * Overlay and seed of a domain; what outlives it may be blank.
 * @throws Error when its inputs do not name these by their keys, and at most one volume more
 */
export function volumesOf(inputs: Readonly<Record<string, unknown>>): GuestVolumes {
    const disks: readonly unknown[] = Array.isArray(inputs["disks"]) ? inputs["disks"] : [];
    const [overlay, seed, ...more] = disks.map((disk) => (disk as { volumeId?: unknown } | null)?.volumeId);
    if (typeof overlay !== "string" || typeof seed !== "string" || more.length > 1) {
        throw new Error(
            "a domain whose disks are not an overlay, a seed and at most one more can't be checked for wiped volumes",
        );
    }
    return [overlay, seed];
}

/**
 * The hook for a domain, right before it is created: its own inputs say which volumes it is going to have.
 */
export const unwipedHook = (domain: string, context: StackContext): pulumi.ResourceHook =>
    new pulumi.ResourceHook(`${domain}-unwiped`, (args) =>
        requireUnwiped(
            volumesOf((args.newInputs ?? {}) as Record<string, unknown>),
            askVirsh(context.uri),
            domain,
        ),
    );
