/** Starting a lab. */
import { mkdirSync } from "node:fs";
import { RELAYS, WEB } from "./addresses";
import { ProcessRegistry } from "./process-registry";
import { LabError, explain } from "./error";
import { writeLab } from "./info";
import type { LabInfo } from "./info";
import { askConsensus, startInternet } from "./internet";
import { kvmWorks } from "./kvm";
import { startLibvirt } from "./libvirt";
import { acquireLock } from "./lock";
import { createNamespaces } from "./namespaces";
import { libvirtUri, resolveLab } from "./paths";
import type { LabPaths } from "./paths";
import { requireRoot, requireTools } from "./preflight";
import { quiet } from "./progress";
import type { Progress } from "./progress";
import { PATIENCE_MS, inspect } from "./status";
import { teardown } from "./teardown";
import { authorityKeys } from "./tor-keys";
import { settleTorNetwork, startTorNetwork } from "./tor-network";
import { relaysReady } from "./tor-ready";

/** What start and stop take. */
export interface LabOptions {
    /** State folder; default as in {@link resolveLab}. */
    readonly dir?: string;
    readonly progress?: Progress;
    /** Gives up and cleans up when it fires. */
    readonly signal?: AbortSignal;
}

/** A lab that is up. */
export interface StartResult {
    readonly lab: LabInfo;
    /** It was up and healthy before. */
    readonly alreadyRunning: boolean;
}

const CONSENSUS_MS = 180_000;

/**
 * Run branches side by side; when one fails the others are told to give up and are waited for. @throws the
 * first failure
 */
export async function together<T extends readonly unknown[]>(
    outer: AbortSignal | undefined,
    branches: { [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> },
): Promise<T> {
    const own = new AbortController();
    const signal = outer === undefined ? own.signal : AbortSignal.any([outer, own.signal]);
    let first: { error: unknown } | undefined;
    const results = await Promise.all(
        branches.map((branch) =>
            branch(signal).catch((error: unknown) => {
                first ??= { error };
                own.abort(error);
            }),
        ),
    );
    outer?.throwIfAborted();
    if (first !== undefined) {
        throw first.error;
    }
    return results as unknown as T;
}

/** The Tor network up to a consensus that lists all of it. `services` is what the question is asked with. */
async function bringUpTor(
    paths: LabPaths,
    registry: ProcessRegistry,
    services: Promise<unknown>,
    progress: Progress,
    signal: AbortSignal,
): Promise<readonly string[]> {
    const keys = await authorityKeys(paths.cache, paths.names.internet, progress, signal);
    const network = startTorNetwork(paths, keys, registry);
    progress(`Tor network: ${RELAYS.length} relays started, waiting for their consensus`);
    await services;
    const lacks = await Promise.race([
        askConsensus(paths, CONSENSUS_MS, signal, (line) => progress(`Tor network: ${line}`)),
        ...network.relays.map((relay) => relay.ended),
    ]);
    if (lacks !== "") {
        throw new LabError(
            `the Tor network has no complete consensus after ${CONSENSUS_MS / 1000} s: ${lacks}`,
            "start again; when the machine is very busy, wait until it is less so",
        );
    }
    progress(`Tor network: all ${RELAYS.length} relays are in the consensus`);
    // A relay that does not know it yet would hold up the first guest that picks it.
    await relaysReady(paths, network, CONSENSUS_MS, signal);
    progress("Tor network: every relay knows every other");
    settleTorNetwork(paths, network);
    return network.dirAuthorities;
}

async function bringUp(
    paths: LabPaths,
    progress: Progress,
    outer: AbortSignal | undefined,
): Promise<LabInfo> {
    for (const folder of [paths.cache, paths.tor]) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    for (const folder of [paths.logs, paths.pools]) {
        mkdirSync(folder, { recursive: true });
    }
    const registry = new ProcessRegistry(paths.state);
    progress(`namespaces ${paths.names.host} and ${paths.names.internet}`);
    await createNamespaces(paths.names, outer);

    let services: Promise<unknown> = Promise.resolve();
    const [kvm, , dirAuthorities] = await together<[boolean, unknown, readonly string[]]>(outer, [
        async (signal) => {
            const works = await kvmWorks(paths, signal);
            await startLibvirt(paths, works, registry, signal);
            progress(
                `libvirt answers at ${libvirtUri(paths.sockets)} ` +
                    `(${works ? "KVM" : "no KVM, QEMU emulates"})`,
            );
            return works;
        },
        async (signal) => {
            services = startInternet(paths, registry, signal);
            await services;
            progress(`web server answers at http://${WEB.address}/`);
        },
        (signal) => bringUpTor(paths, registry, services, progress, signal),
    ]);
    return {
        uri: libvirtUri(paths.sockets),
        virt: kvm ? "kvm" : "qemu",
        poolRoot: paths.pools,
        namespaces: { host: paths.names.host, internet: paths.names.internet },
        torNetwork: { dirAuthorities: [...dirAuthorities] },
        relays: RELAYS.map((relay) => ({ ...relay })),
        web: {
            url: `http://${WEB.address}/`,
            address: WEB.address,
            hostname: WEB.hostname,
            log: paths.webLog,
        },
        startedAt: new Date().toISOString(),
    };
}

async function clear(paths: LabPaths, progress: Progress): Promise<void> {
    const left = await teardown(paths, progress);
    if (left.length > 0) {
        throw new LabError(
            `could not remove what is left of a lab: ${left.join(", ")}`,
            "remove it by hand, then start again",
        );
    }
}

/**
 * Start the lab, or find it running. A broken one is taken down first, domains included; a start that fails
 * or is interrupted leaves nothing behind.
 * @throws LabError when it cannot be started
 */
export async function startLab(options: LabOptions = {}): Promise<StartResult> {
    const { progress = quiet, signal } = options;
    requireRoot("start");
    requireTools();
    const paths = resolveLab(options.dir);
    mkdirSync(paths.dir, { recursive: true });
    const unlock = acquireLock(paths.lock, "start");
    try {
        const before = await inspect(paths, PATIENCE_MS.start, signal);
        if (before.ok && before.lab !== undefined) {
            return { lab: before.lab, alreadyRunning: true };
        }
        if (before.state === "broken") {
            const bad = before.checks
                .filter((one) => one.status === "fail")
                .map((one) => `${one.title}: ${one.detail}`);
            progress(`a broken lab is here (${bad.join("; ")}); taking it down first`);
            await clear(paths, progress);
        }
        try {
            const lab = await bringUp(paths, progress, signal);
            writeLab(paths.info, lab);
            return { lab, alreadyRunning: false };
        } catch (error) {
            progress(`start failed: ${explain(error)}; cleaning up`);
            await clear(paths, progress);
            throw error;
        }
    } finally {
        unlock();
    }
}
