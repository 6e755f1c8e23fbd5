/**
 * From the first consensus to relays that can be used. A relay that has asked for a consensus in vain waits longer each
 * time before it asks again, up to ten seconds; until then it knows nobody, and a client that picks it for a directory or
 * a circuit waits as well. Told to reload, tor asks again at once (tor(1), SIGHUP).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RELAYS } from "./addresses";
import { LabError } from "./error";
import type { LabPaths } from "./paths";
import { poll } from "./pause";
import type { TorNetwork } from "./tor-network";

const DONE = "Bootstrapped 100% (done)";
const LOOK_MS = 100;
/** Between two reloads of a relay: as long as its downloads may take. */
const RELOAD_MS = 1500;

/** Nicknames and processes of the relays whose logs do not say that they know the network. */
function unready(paths: LabPaths, network: TorNetwork): { nickname: string; pid: number }[] {
    return RELAYS.flatMap(({ nickname }, i) => {
        const relay = network.relays[i];
        const done = readFileSync(join(paths.logs, `tor-${nickname}.log`), "utf8").includes(DONE);
        return relay === undefined || done ? [] : [{ nickname, pid: relay.pid }];
    });
}

/**
 * Wait until every relay knows the network. Call it once there is a consensus.
 * @param within milliseconds
 * @throws LabError when one does not come to know it in time
 */
export async function relaysReady(paths: LabPaths, network: TorNetwork, within: number, signal?: AbortSignal): Promise<void> {
    let reloaded = -Infinity;
    let waiting = unready(paths, network);
    await poll(() => {
        waiting = unready(paths, network);
        if (waiting.length > 0 && performance.now() - reloaded > RELOAD_MS) {
            reloaded = performance.now();
            waiting.forEach(({ pid }) => process.kill(pid, "SIGHUP"));
        }
        return waiting.length === 0 ? true : undefined;
    }, {
        every: LOOK_MS, within, ...(signal && { signal }),
        late: () => new LabError(`${waiting.map((r) => r.nickname).join(", ")} did not come to know the network within ${within / 1000} s`,
            `see tor-*.log in ${paths.logs}`),
    });
}
