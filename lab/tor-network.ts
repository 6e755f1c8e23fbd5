/** The private Tor network: real tor processes, one for each relay. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DNS_SERVER, RELAYS } from "./addresses";
import type { ProcessBook } from "./book";
import { startDaemon } from "./daemon";
import type { Daemon } from "./daemon";
import type { LabPaths } from "./paths";
import type { AuthorityKeys } from "./tor-keys";
import { AUTHORITIES, dirAuthority, relayTorrc, writeTorrc } from "./torrc";

/**
 * Relays compress every consensus with LZMA in threads of their own, and malloc would keep 30 MB for each thread: give large
 * blocks back at once (mmap_threshold), and take them in huge pages so that getting them is cheap (glibc manual, tunables).
 */
const FRUGAL = ["GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1"];

/** The relays that were started and what a client must know about them. */
export interface TorNetwork {
    readonly dirAuthorities: readonly string[];
    readonly relays: readonly Daemon[];
}

/** The values of DirAuthority for a set of keys. */
export function dirAuthorityLines(keys: readonly AuthorityKeys[]): string[] {
    return AUTHORITIES.map((relay) => {
        const own = keys.find((one) => one.nickname === relay.nickname);
        if (own === undefined) {
            throw new Error(`no keys for ${relay.nickname}`);
        }
        return dirAuthority(relay, own);
    });
}

/** Start all relays, with data directories that hold nothing but the authorities' keys. */
export function startTorNetwork(paths: LabPaths, keys: readonly AuthorityKeys[], book: ProcessBook): TorNetwork {
    const dirAuthorities = dirAuthorityLines(keys);
    const resolvConf = join(paths.tor, "resolv.conf");
    writeFileSync(resolvConf, `nameserver ${DNS_SERVER}\n`);
    const relays = RELAYS.map((relay) => {
        const data = join(paths.tor, relay.nickname);
        mkdirSync(data, { recursive: true, mode: 0o700 });
        const own = keys.find((one) => one.nickname === relay.nickname);
        if (own !== undefined) {
            cpSync(join(own.folder, "keys"), join(data, "keys"), { recursive: true, mode: 0 });
        }
        const torrc = join(paths.tor, `${relay.nickname}.torrc`);
        writeFileSync(torrc, writeTorrc(relayTorrc(relay, data, { dirAuthorities, resolvConf })));
        return startDaemon(book, `tor ${relay.nickname}`, paths.names.internet, "env", [...FRUGAL, "tor", "-f", torrc],
            join(paths.logs, `tor-${relay.nickname}.log`));
    });
    return { dirAuthorities, relays };
}
