/** What a run makes around its host, and how all of it goes again, also what a killed run left. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ProcessRegistry, livingInRegistry } from "../../../lab/process-registry";
import { acquireLock } from "../../../lab/lock";
import { deleteNamespace } from "../../../lab/namespaces";
import { poll } from "../../../lab/pause";
import { run } from "../../../lab/run";
import { type HostVm, type Variant, bootHost } from "./host-vm";
import { place, root } from "./place";

/** End everything that the record names, and remove all that runs make. */
export async function removeAll(): Promise<void> {
    for (const { pid } of livingInRegistry(place.book)) {
        process.kill(pid, "SIGKILL");
    }
    await poll(() => livingInRegistry(place.book).length === 0 || undefined, {
        every: 50,
        within: 30_000,
        late: () => new Error("a process of the last run does not end"),
    });
    await deleteNamespace(place.internet);
    rmSync(place.sockets, { recursive: true, force: true });
    rmSync(place.work, { recursive: true, force: true });
    rmSync(place.book, { force: true });
    readdirSync(root)
        .filter((name) => /^Pulumi\.host-.*\.yaml$/.test(name))
        .forEach((name) => rmSync(join(root, name)));
}

export interface World {
    readonly host: HostVm;
    readonly book: ProcessRegistry;
    close(): Promise<void>;
}

/**
 * @param internet network namespace that the host's uplink leads to, when it is not one of its own
 * @throws LabError when another run is at work in this checkout, Error when the host does not come up
 */
export async function openWorld(variant: Variant, internet?: string): Promise<World> {
    mkdirSync(place.dir, { recursive: true });
    const release = acquireLock(place.lock, "host");
    const close = async (): Promise<void> => {
        await removeAll();
        release();
    };
    try {
        await removeAll();
        mkdirSync(place.work, { recursive: true, mode: 0o700 });
        const book = new ProcessRegistry(place.book);
        if (internet === undefined) {
            await run("ip", ["netns", "add", place.internet]);
        }
        return { host: await bootHost(variant, book, internet ?? place.internet), book, close };
    } catch (error) {
        await close();
        throw error;
    }
}
