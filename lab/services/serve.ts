/** Everything on the lab's internet that is not tor. */
import { appendFileSync, existsSync } from "node:fs";
import { DNS_SERVER, ECHO_PORT, LAN_NEIGHBOUR, UPLINK, WEB } from "../addresses";
import { listenDns } from "./dns";
import { listenEcho, listenTcp } from "./listen";
import { fileRecorder } from "./log";
import { listenWeb } from "./web";

/** TCP ports on which a leak is likely to connect: ssh, DNS over TCP, https, DNS over TLS. */
const PROBED_PORTS: readonly number[] = [22, 53, 443, 853];

/**
 * Listen everywhere. The web server comes last: once it answers, all others do.
 * @param logFile gets one JSON line for each arrival
 * @throws when an address cannot be had
 */
export async function serve(logFile: string): Promise<void> {
    appendFileSync(logFile, ""); // readers find an empty log, not none
    const record = fileRecorder(logFile);
    const ipv6 = existsSync("/proc/sys/net/ipv6");
    // What a program that gets past the Gateway would try first: the router and a neighbour on the host's
    // LAN.
    const lan = [UPLINK.router, LAN_NEIGHBOUR, ...(ipv6 ? [UPLINK.router6] : [])];
    const web = [...(ipv6 ? [WEB.address6] : []), WEB.address];
    for (const address of [DNS_SERVER, ...lan]) {
        await listenDns({ address, port: 53 }, WEB.address, record);
    }
    for (const address of [...lan, ...web]) {
        await listenEcho({ address, port: ECHO_PORT }, record);
        for (const port of PROBED_PORTS) {
            await listenTcp({ address, port }, record);
        }
    }
    for (const address of [...lan, ...web]) {
        await listenWeb({ address, port: WEB.port }, record);
    }
}
