/** An onion service on the lab's internet: port 80 of the web server. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RELAYS, WEB } from "../../lab/addresses";
import { startDaemon } from "../../lab/daemon";
import { poll } from "../../lab/pause";
import type { Network } from "./world";

const WITHIN_MS = 60_000;
/**
 * What tor says when a relay has taken the service's descriptor (handle_response_upload_hsdesc in its
 * dirclient.c).
 */
const TAKEN = "Uploading hidden service descriptor: finished with status 200";
/** With this few relays each of them gets both of the service's descriptors, the current and the next. */
const COPIES = 2 * RELAYS.length;

export interface Onion {
    /** `….onion`, once tor has made it. */
    readonly name: Promise<string>;
    /** Every relay has the descriptors. A client that asks before waits many seconds before it asks again. */
    readonly published: () => Promise<void>;
}

/** To be started once there is a consensus: one that asks in vain waits before it asks again. */
export function startOnion(network: Network): Onion {
    const root = join(network.paths.dir, "stage", "onion");
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const torrc = join(root, "torrc");
    writeFileSync(
        torrc,
        [
            "TestingTorNetwork 1",
            ...network.dirAuthorities.map((line) => `DirAuthority ${line}`),
            `DataDirectory ${join(root, "data")}`,
            "SocksPort 0",
            `HiddenServiceDir ${join(root, "service")}`,
            `HiddenServicePort 80 ${WEB.address}:${WEB.port}`,
            "Log notice stdout",
            "Log [rend]info stdout",
            "",
        ].join("\n"),
    );
    const log = join(network.paths.logs, "tor-onion.log");
    const daemon = startDaemon(
        network.registry,
        "tor onion service",
        network.paths.names.internet,
        "tor",
        ["-f", torrc],
        log,
    );
    const comes = <T>(what: string, look: () => T | undefined): Promise<T> =>
        Promise.race([
            daemon.ended,
            poll(look, {
                every: 50,
                within: WITHIN_MS,
                signal: network.signal,
                late: () =>
                    new Error(`the onion service has no ${what} within ${WITHIN_MS / 1000} s: see ${log}`),
            }),
        ]);
    const name = comes("name", () => {
        try {
            return readFileSync(join(root, "service", "hostname"), "utf8").trim();
        } catch {
            return undefined; // not yet
        }
    });
    name.catch(() => undefined); // who needs it will see
    const taken = (): number => readFileSync(log, "utf8").split(TAKEN).length - 1;
    return {
        name,
        published: async () =>
            void (await comes("descriptor on every relay", () => (taken() >= COPIES ? true : undefined))),
    };
}
