/**
 * The part of the lab's internet that is not tor: a web server, a resolver and ports that log who connects.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../util/root";
import { WEB } from "./addresses";
import type { ProcessRegistry } from "./process-registry";
import { startDaemon } from "./daemon";
import type { Daemon } from "./daemon";
import { LabError } from "./error";
import type { LabPaths } from "./paths";
import { inNamespace } from "./run";

/** Page that the health check fetches; it shows up in the log like any other. */
const HEALTH_URL = `http://${WEB.address}/lab-health`;

const bundle = (paths: LabPaths): string => join(paths.services, "services.cjs");

/**
 * Bundle the services into one file. esbuild runs inside the lab as well, so that stop finds it after a
 * crash.
 */
async function buildServices(paths: LabPaths, signal: AbortSignal): Promise<void> {
    mkdirSync(paths.services, { recursive: true });
    const root = projectRoot();
    await inNamespace(
        paths.names.internet,
        join(root, "node_modules", ".bin", "esbuild"),
        [
            join(root, "lab", "services", "main.ts"),
            "--bundle",
            "--platform=node",
            "--target=node20",
            "--format=cjs",
            "--log-level=error",
            `--outfile=${bundle(paths)}`,
        ],
        { cancelSignal: signal, stdin: "ignore" },
    );
}

/**
 * Build and start the services. @returns once they answer a request that came over the uplink
 * @throws LabError when they don't
 */
export async function startInternet(
    paths: LabPaths,
    registry: ProcessRegistry,
    signal: AbortSignal,
): Promise<Daemon> {
    await buildServices(paths, signal);
    const daemon = startDaemon(
        registry,
        "services",
        paths.names.internet,
        process.execPath,
        [bundle(paths), "serve", paths.webLog],
        join(paths.logs, "services.log"),
    );
    await Promise.race([
        daemon.ended,
        askPage(paths, 20_000, signal).then((detail) => {
            if (detail !== "") {
                throw new LabError(
                    `the lab's web server does not answer: ${detail}`,
                    "see the message; `bin/sallyport lab start` tries again",
                );
            }
        }),
    ]);
    return daemon;
}

async function ask(
    paths: LabPaths,
    namespace: string,
    question: readonly string[],
    within: number,
    signal: AbortSignal | undefined,
    heard: (line: string) => void,
): Promise<string> {
    let last = "";
    const child = inNamespace(namespace, process.execPath, [bundle(paths), ...question, String(within)], {
        reject: false,
        timeout: within + 10_000,
        stdin: "ignore",
        ...(signal && { cancelSignal: signal }),
    });
    for await (const line of child) {
        last = String(line);
        heard(last);
    }
    const result = await child;
    signal?.throwIfAborted();
    return result.exitCode === 0 ? "" : last || result.stderr.trim() || result.shortMessage || "no answer";
}

/** Fetch a page from the lab host's side of the uplink. @returns what is wrong; empty when nothing is */
export function askPage(paths: LabPaths, within: number, signal?: AbortSignal): Promise<string> {
    return ask(paths, paths.names.host, ["await-page", HEALTH_URL], within, signal, () => undefined);
}

/**
 * Wait for a consensus that lists every relay, on every authority. @returns what is lacking; empty when
 * nothing is
 * @param heard gets a line whenever something changes
 */
export function askConsensus(
    paths: LabPaths,
    within: number,
    signal?: AbortSignal,
    heard: (line: string) => void = () => undefined,
): Promise<string> {
    return ask(paths, paths.names.internet, ["await-consensus"], within, signal, heard);
}
