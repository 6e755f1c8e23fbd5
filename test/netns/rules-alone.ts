/**
 * Rulesets that are played without tor: a proxy in a LAN, and a tunnel, whose device has a stand-in of the
 * same name.
 */
import { NIC, TUNNEL_MARK } from "../../cloud-init/guest";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import { inNamespace, run } from "../../lab/run";
import type { EnclavePlan } from "../../plan/plan";
import { flushRules, lenientKernel, loadRules, rulesFile } from "./gateway";
import { gateway } from "./shards";
import { mutateWay } from "./mutate";
import { phases } from "./phases";
import { LAN_REDUNDANT, TUNNEL_REDUNDANT } from "./redundant";
import type { Tally } from "./report";
import { specOf } from "./spec";
import { neighbourAddress, type Stage } from "./world";

/** A port that the neighbour on the external network listens on (probes/listeners.py). */
const LAN_PORT = 16509;

/** tor's user may reach the proxy and nothing else in the LAN; the proxy's place is known to be there. */
export async function proxyInLan(tally: Tally, stage: Stage): Promise<void> {
    const endpoint = { address: neighbourAddress(stage.enclave), port: LAN_PORT };
    const ruleset = gatewayRuleset({ ...stage.enclave, upstreamProxy: { kind: "socks5", endpoint } });
    const file = rulesFile(stage, "lan.nft", ruleset);
    await loadRules(stage, file);
    const spec = await specOf(stage, {
        ruleset: file,
        peers: [[endpoint.address, endpoint.port]],
        loopback: false,
    });
    await mutateWay(tally, stage, spec, {
        name: "proxy in a LAN",
        ruleset,
        phase: "mutate-pinned",
        redundant: LAN_REDUNDANT,
    });
}

/** Both ends of the stand-in, so that nobody has to ask for either. */
const MAC = "52:54:00:fe:00:10";
const PORT = "tunnel";
const ADDRESS = "10.66.0.2";

/**
 * Nothing is encrypted here: what the firewall knows of a tunnel is its device, its peer's address and port,
 * and the kernel's mark.
 */
const PEER = { address: "203.0.113.66", port: 51820 };

async function standIn(stage: Stage): Promise<void> {
    const { host, gateway: inGateway } = stage.names;
    const lines = async (namespace: string, text: readonly string[]): Promise<void> => {
        await run("ip", ["-n", namespace, "-batch", "-"], { input: text.join("\n") });
    };
    await lines(inGateway, [
        `link add ${NIC.tunnel} address ${MAC} type veth peer name ${PORT} address ${MAC} netns ${host}`,
        `link set ${NIC.tunnel} arp off up`,
        `addr add ${ADDRESS}/32 dev ${NIC.tunnel}`,
    ]);
    await lines(stage.paths.names.internet, [`addr replace ${PEER.address}/32 dev lo`]);
    await lines(host, [`link set ${PORT} arp off up`, `route add ${ADDRESS}/32 dev ${PORT}`]);
    await lines(inGateway, [
        `route replace default dev ${NIC.tunnel} scope link`,
        `route add ${PEER.address}/32 via ${stage.enclave.gateway.outer.route ?? ""} dev ${NIC.outer}`,
    ]);
    // What comes out of the tunnel goes on under its peer's address, as anywhere.
    await inNamespace(host, "nft", ["-f", "-"], {
        input: `table ip peer { chain out { type nat hook postrouting priority srcnat; ip saddr ${ADDRESS} oifname "wan" masquerade; }; }\n`,
    });
}

export async function tunnelled(tally: Tally, stage: Stage): Promise<void> {
    await gateway(stage);
    await standIn(stage);
    await lenientKernel(stage);
    // Keys are nothing that a firewall knows.
    const enclave: EnclavePlan = {
        ...stage.enclave,
        tunnel: { endpoint: PEER, address: ADDRESS, peerPublicKey: "", privateKey: "" },
    };
    const ruleset = gatewayRuleset(enclave);
    const file = rulesFile(stage, "tunnel.nft", ruleset);
    await loadRules(stage, file);
    const spec = await specOf(stage, {
        ruleset: file,
        tunnel: {
            port: PORT,
            mac: MAC,
            address: ADDRESS,
            mark: TUNNEL_MARK,
            endpoint: [PEER.address, PEER.port],
        },
    });
    await phases(tally, stage, spec, ["tunnel"], "tunnel: ");
    await mutateWay(tally, stage, spec, {
        name: "tunnel",
        ruleset,
        phase: "mutate-tunnel",
        redundant: TUNNEL_REDUNDANT,
    });
    await flushRules(stage);
    await phases(tally, stage, spec, ["tunnel-control"], "tunnel: ");
    await run("ip", ["-n", stage.names.gateway, "-batch", "-"], {
        input: [
            `link delete ${NIC.tunnel}`,
            `route replace default via ${stage.enclave.gateway.outer.route ?? ""}`,
        ].join("\n"),
    });
}
