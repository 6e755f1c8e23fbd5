/** Somebody's onion service on the lab's internet: port 80 of the web server. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WEB } from "../../lab/addresses";
import { startDaemon } from "../../lab/daemon";
import { poll } from "../../lab/pause";
import type { Network } from "./world";

const NAMED_WITHIN_MS = 30_000;

/** To be started once there is a consensus: one that asks in vain waits before it asks again. @returns its name */
export async function startOnion(network: Network): Promise<string> {
    const root = join(network.paths.dir, "stage", "onion");
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const torrc = join(root, "torrc");
    writeFileSync(torrc, [
        "TestingTorNetwork 1",
        ...network.dirAuthorities.map((line) => `DirAuthority ${line}`),
        `DataDirectory ${join(root, "data")}`,
        "SocksPort 0",
        `HiddenServiceDir ${join(root, "service")}`,
        `HiddenServicePort 80 ${WEB.address}:${WEB.port}`,
        "Log notice stdout",
        "",
    ].join("\n"));
    const log = join(network.paths.logs, "tor-onion.log");
    const daemon = startDaemon(network.book, "tor onion service", network.paths.names.internet, "tor", ["-f", torrc], log);
    const name = (): string | undefined => {
        try {
            return readFileSync(join(root, "service", "hostname"), "utf8").trim();
        } catch {
            return undefined; // not yet
        }
    };
    return Promise.race([daemon.ended, poll(name, {
        every: 50, within: NAMED_WITHIN_MS, late: () => new Error(`the onion service has no name within ${NAMED_WITHIN_MS / 1000} s: see ${log}`),
    })]);
}
