/** The private Tor network: real tor processes, one for each relay. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DNS_SERVER, RELAYS, type Relay } from "./addresses";
import type { ProcessRegistry } from "./process-registry";
import { startDaemon } from "./daemon";
import type { Daemon } from "./daemon";
import type { LabPaths } from "./paths";
import type { AuthorityKeys } from "./tor-keys";
import {
    AUTHORITIES,
    dirAuthority,
    relayTorrc,
    type TorNetworkSettings,
    type VotingPhase,
    writeTorrc,
} from "./torrc";

/**
 * Relays compress every consensus with LZMA in threads of their own, and malloc would keep 30 MB for each
 * thread: give large blocks back at once (mmap_threshold), and take them in huge pages so that getting them
 * is cheap (glibc manual, tunables).
 */
const FRUGAL = [
    "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1",
];

/** The relays that were started and what a client must know about them. */
export interface TorNetwork {
    readonly dirAuthorities: readonly string[];
    readonly relays: readonly Daemon[];
}

/** The values of DirAuthority for a set of keys. */
function dirAuthorityLines(keys: readonly AuthorityKeys[]): string[] {
    return AUTHORITIES.map((relay) => {
        const own = keys.find((one) => one.nickname === relay.nickname);
        if (own === undefined) {
            throw new Error(`no keys for ${relay.nickname}`);
        }
        return dirAuthority(relay, own);
    });
}

const dataOf = (paths: LabPaths, relay: Relay): string => join(paths.tor, relay.nickname);
const settingsOf = (paths: LabPaths, dirAuthorities: readonly string[]): TorNetworkSettings => ({
    dirAuthorities,
    resolvConf: join(paths.tor, "resolv.conf"),
});

/** Writes a relay's torrc. @returns its file */
function writeRelay(paths: LabPaths, relay: Relay, settings: TorNetworkSettings, phase: VotingPhase): string {
    const torrc = join(paths.tor, `${relay.nickname}.torrc`);
    writeFileSync(torrc, writeTorrc(relayTorrc(relay, dataOf(paths, relay), settings, phase)));
    return torrc;
}

/**
 * From now on the authorities vote seldom; to be called once the network is complete. They reload, no
 * connection ends (tor(1), SIGHUP).
 */
export function settleTorNetwork(paths: LabPaths, network: TorNetwork): void {
    RELAYS.forEach((relay, i) => {
        const pid = network.relays[i]?.pid;
        if (relay.kind === "authority" && pid !== undefined) {
            writeRelay(paths, relay, settingsOf(paths, network.dirAuthorities), "steady");
            process.kill(pid, "SIGHUP");
        }
    });
}

/** Start all relays, with data directories that hold nothing but the authorities' keys. */
export function startTorNetwork(
    paths: LabPaths,
    keys: readonly AuthorityKeys[],
    registry: ProcessRegistry,
): TorNetwork {
    const dirAuthorities = dirAuthorityLines(keys);
    const settings = settingsOf(paths, dirAuthorities);
    writeFileSync(settings.resolvConf, `nameserver ${DNS_SERVER}\n`);
    const relays = RELAYS.map((relay) => {
        const data = dataOf(paths, relay);
        mkdirSync(data, { recursive: true, mode: 0o700 });
        const own = keys.find((one) => one.nickname === relay.nickname);
        if (own !== undefined) {
            cpSync(join(own.folder, "keys"), join(data, "keys"), { recursive: true, mode: 0 });
        }
        const torrc = writeRelay(paths, relay, settings, "forming");
        return startDaemon(
            registry,
            `tor ${relay.nickname}`,
            paths.names.internet,
            "env",
            [...FRUGAL, "tor", "-f", torrc],
            join(paths.logs, `tor-${relay.nickname}.log`),
        );
    });
    return { dirAuthorities, relays };
}
