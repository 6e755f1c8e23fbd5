/** What a run makes around its host, and how all of it goes again, also what a killed run left. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ProcessRegistry } from "../../../lab/process-registry";
import { run } from "../../../lab/run";
import { removeMade } from "../../support/sandbox/remove";
import { made, VARIABLE, type Made } from "../../support/sandbox/sandbox";
import { type HostVm, type Variant, bootHost } from "./host-vm";
import { place, root } from "./place";

/** The host's QEMU goes first, so it is the last. */
const MADE: readonly Made[] = [
    { kind: "path", what: join(root, "Pulumi.host-lab.yaml") },
    { kind: "path", what: place.work },
    { kind: "path", what: place.sockets },
    { kind: "namespace", what: place.internet },
    { kind: "book", what: place.book },
];

async function removeAll(): Promise<void> {
    const left = await removeMade(MADE, process.env[VARIABLE] ?? "");
    if (left.length > 0) {
        throw new Error(`not removed: ${left.join(", ")}`);
    }
}

export interface World {
    readonly host: HostVm;
    readonly book: ProcessRegistry;
    close(): Promise<void>;
}

/**
 * @param internet network namespace that the host's uplink leads to, when it is not one of its own
 * @throws Error when another run is at work in this checkout, or the host does not come up
 */
export async function openWorld(variant: Variant, internet?: string): Promise<World> {
    mkdirSync(place.dir, { recursive: true });
    MADE.forEach(({ kind, what }) => made(kind, what));
    await removeAll();
    try {
        mkdirSync(place.work, { recursive: true, mode: 0o700 });
        const book = new ProcessRegistry(place.book);
        if (internet === undefined) {
            await run("ip", ["netns", "add", place.internet]);
        }
        const host = await bootHost(variant, book, internet ?? place.internet);
        return { host, book, close: removeAll };
    } catch (error) {
        await removeAll();
        throw error;
    }
}
