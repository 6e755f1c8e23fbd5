/**
 * From the first consensus to relays that can be used. A relay that has asked for a consensus in vain, or got
 * one that was not complete yet, waits before it asks again; until then a client that picks it for a
 * directory or a circuit waits as well, ten seconds or more. Told to reload, tor asks again at once (tor(1),
 * SIGHUP).
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RELAYS } from "./addresses";
import { LabError } from "./error";
import type { LabPaths } from "./paths";
import { poll } from "./pause";
import type { TorNetwork } from "./tor-network";

const LOOK_MS = 100;
/** Between two reloads of a relay: as long as its downloads may take. */
const RELOAD_MS = 1500;

const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/**
 * Digests of the microdescriptors in tor's cache, as a consensus names them (dir-spec, "microdescriptors").
 */
function digests(cache: string): Set<string> {
    const texts = cache.split(/^@last-listed .*\n/m).slice(1);
    return new Set(
        texts.map((text) => createHash("sha256").update(text, "utf8").digest("base64").replace(/=+$/, "")),
    );
}

/**
 * What a relay still lacks of the network, by what it keeps on its disk.
 * @param consensus its cached-microdesc-consensus
 * @param microdescs its cached-microdescs and cached-microdescs.new, one after the other
 */
export function relayLacks(consensus: string, microdescs: string, nicknames: readonly string[]): string[] {
    const listed = [...consensus.matchAll(/^r (\S+) /gm)].map((found) => found[1]);
    const held = digests(microdescs);
    const missing = [...consensus.matchAll(/^m (\S+)$/gm)].filter((found) => !held.has(found[1] ?? ""));
    return [
        ...nicknames.filter((name) => !listed.includes(name)),
        ...(missing.length === 0 ? [] : [`${missing.length} microdescriptors`]),
    ];
}

interface Waiting {
    readonly nickname: string;
    readonly pid: number;
    readonly lacks: readonly string[];
}

function unready(paths: LabPaths, network: TorNetwork): Waiting[] {
    return RELAYS.flatMap(({ nickname }, i) => {
        const pid = network.relays[i]?.pid;
        if (pid === undefined) {
            throw new LabError(`${nickname} was never started`, "start all relays before you wait for them");
        }
        const cached = (name: string): string => read(join(paths.tor, nickname, name));
        const lacks = relayLacks(
            cached("cached-microdesc-consensus"),
            cached("cached-microdescs") + cached("cached-microdescs.new"),
            RELAYS.map((relay) => relay.nickname),
        );
        return lacks.length === 0 ? [] : [{ nickname, pid, lacks }];
    });
}

/**
 * Wait until every relay knows every other. Call it once there is a consensus.
 * @param within milliseconds
 * @throws LabError when one does not come to know them in time
 */
export async function relaysReady(
    paths: LabPaths,
    network: TorNetwork,
    within: number,
    signal?: AbortSignal,
): Promise<void> {
    let reloaded = -Infinity;
    let waiting: readonly Waiting[] = [];
    await poll(
        () => {
            waiting = unready(paths, network);
            if (waiting.length > 0 && performance.now() - reloaded > RELOAD_MS) {
                reloaded = performance.now();
                waiting.forEach(({ pid }) => process.kill(pid, "SIGHUP"));
            }
            return waiting.length === 0 ? true : undefined;
        },
        {
            every: LOOK_MS,
            within,
            ...(signal && { signal }),
            late: () =>
                new LabError(
                    `${waiting.map((r) => `${r.nickname} lacks ${r.lacks.join(", ")}`).join("; ")} after ${within / 1000} s`,
                    `see tor-*.log in ${paths.logs}`,
                ),
        },
    );
}
