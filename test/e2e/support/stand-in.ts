/**
 * A machine whose root is the attacker's, on an isolated network in a Workstation's place: a network
 * namespace with the MAC and address of a planned Workstation and no firewall of its own. It sends what
 * stand-in.py sends.
 */
import { join } from "node:path";
import { LAN_NEIGHBOUR, UPLINK, WEB } from "../../../lab/addresses";
import { inNamespace, run } from "../../../lab/run";
import { INNER_GATEWAY, INNER_PREFIX, innerMac } from "../../../values/addresses";
import { DEFAULT_SOCKS_PORT } from "../../../values/ports";
import type { EnclavePlan } from "../../../plan/plan";
import { lab, root } from "./world";

const STAND_IN = "10.152.152.77";
const [PORT, NIC] = ["spstand0", "eth0"];

export interface Answers {
    /** Whether the Gateway's default SocksPort was reached: it is plugged in. */
    readonly gateway: boolean;
    /** What else was: `TCP address:port`. */
    readonly answered: readonly string[];
}

/** Plug it in, send to the internet, to the host's LAN and to its router, and take it away again. */
export async function sendEverything(plan: EnclavePlan): Promise<Answers> {
    const { host } = lab().namespaces;
    const here = `${host}-in`;
    await run("ip", ["netns", "add", here]);
    try {
        await inNamespace(host, "ip", [
            "link",
            "add",
            PORT,
            "type",
            "veth",
            "peer",
            "name",
            NIC,
            "address",
            innerMac(STAND_IN),
            "netns",
            here,
        ]);
        for (const [namespace, link] of [
            [host, PORT],
            [here, NIC],
        ] as const) {
            await inNamespace(namespace, "sysctl", ["-qw", `net.ipv6.conf.${link}.disable_ipv6=1`]);
        }
        await inNamespace(host, "ip", ["link", "set", PORT, "master", plan.isolated.bridge, "up"]);
        await inNamespace(here, "ip", ["addr", "add", `${STAND_IN}/${INNER_PREFIX}`, "dev", NIC]);
        await inNamespace(here, "ip", ["link", "set", NIC, "up"]);
        await inNamespace(here, "ip", ["route", "add", "default", "via", INNER_GATEWAY]);
        const { stdout } = await inNamespace(
            here,
            "/usr/bin/python3",
            [
                "-B",
                join(root, "test", "e2e", "stand-in.py"),
                INNER_GATEWAY,
                String(DEFAULT_SOCKS_PORT),
                WEB.address,
                LAN_NEIGHBOUR,
                UPLINK.router,
            ],
            { timeout: 30_000 },
        );
        return JSON.parse(stdout) as Answers;
    } finally {
        await run("ip", ["-n", host, "link", "del", PORT], { reject: false });
        await run("ip", ["netns", "del", here], { reject: false });
    }
}
