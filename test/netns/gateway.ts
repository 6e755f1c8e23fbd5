/**
 * The Gateway on the stage: its rules, its kernel settings (as rendered, or deliberately lenient), its NICs.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderRuleset } from "../../cloud-init/nft/render";
import type { Ruleset } from "../../cloud-init/nft/model";
import { NETWORK_SYSCTLS, renderSysctls, type Sysctls } from "../../cloud-init/sysctl";
import { inNamespace, run } from "../../lab/run";
import { HOST_MAC, up, type Stage } from "./world";

/** The opposite of our settings: what the rules must hold without. */
const LENIENT: Sysctls = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.*.forwarding": "1",
    "net.ipv4.conf.*.accept_redirects": "1",
    "net.ipv4.conf.*.secure_redirects": "0",
    "net.ipv4.conf.*.send_redirects": "1",
    "net.ipv4.conf.*.accept_source_route": "1",
    "net.ipv4.conf.*.accept_local": "1",
    "net.ipv4.conf.*.rp_filter": "0",
    "net.ipv4.conf.*.arp_ignore": "0",
    "net.ipv4.conf.*.arp_announce": "0",
    "net.ipv4.conf.*.arp_filter": "0",
    "net.ipv4.conf.*.drop_gratuitous_arp": "0",
    "net.ipv4.icmp_echo_ignore_all": "0",
    "net.ipv4.icmp_echo_ignore_broadcasts": "0",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv4.icmp_ratemask": "0",
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv6.conf.*.disable_ipv6": "0",
    "net.ipv6.conf.*.forwarding": "1",
    "net.ipv6.conf.*.accept_ra": "2",
    "net.ipv6.conf.*.accept_redirects": "1",
};

export function write(stage: Stage, name: string, text: string): string {
    const file = join(stage.folder, name);
    writeFileSync(file, text);
    return file;
}

const inGateway = async (stage: Stage, ...command: [string, ...string[]]): Promise<void> => {
    await inNamespace(stage.names.gateway, command[0], command.slice(1));
};

export const loadRules = (stage: Stage, file: string): Promise<void> => inGateway(stage, "nft", "-f", file);
export const flushRules = (stage: Stage): Promise<void> => inGateway(stage, "nft", "flush", "ruleset");
export const rulesFile = (stage: Stage, name: string, ruleset: Ruleset): string =>
    write(stage, name, renderRuleset(ruleset));

/**
 * Kernel settings as the seed has them; only those of a network namespace, or this machine's own would
 * change.
 */
export async function strictKernel(stage: Stage): Promise<void> {
    await inGateway(stage, "sysctl", "-qp", write(stage, "strict.conf", renderSysctls(NETWORK_SYSCTLS)));
}

/**
 * What a kernel repeats by itself would come up where something else is judged, a second later: it asks and
 * answers once.
 */
async function sayOnce(namespace: string, interfaces: readonly string[]): Promise<void> {
    await inNamespace(namespace, "sysctl", [
        "-qw",
        "net.ipv4.tcp_synack_retries=0",
        ...interfaces.flatMap((name) => [
            `net.ipv4.neigh.${name}.mcast_solicit=1`,
            `net.ipv6.neigh.${name}.mcast_solicit=1`,
        ]),
    ]);
}

/**
 * Forwarding, IPv6, redirects, spoofing: all allowed by the kernel, so that only the rules stand in the way.
 */
export async function lenientKernel(stage: Stage): Promise<void> {
    await inGateway(stage, "sysctl", "-qp", write(stage, "lenient.conf", renderSysctls(LENIENT)));
    const [first] = stage.enclave.workstations;
    await run("ip", ["-n", stage.names.gateway, "-batch", "-"], {
        input: [
            "addr replace fd00::10/64 dev int0 nodad",
            "addr replace fd01::10/64 dev ext0 nodad",
            "route replace 2001:db8::/32 via fd01::1",
            `neigh replace fd01::1 lladdr ${HOST_MAC} dev ext0`,
            `neigh replace fd00::11 lladdr ${first?.nic.mac ?? ""} dev int0`,
        ].join("\n"),
    });
}

/** The first Workstation's kernel as an attacker would like it. */
export async function lenientWorkstation(stage: Stage): Promise<void> {
    const namespace = stage.names.workstations[0];
    await inNamespace(namespace, "sysctl", ["-qp", write(stage, "lenient.conf", renderSysctls(LENIENT))]);
    await sayOnce(namespace, ["eth0"]);
    await run("ip", ["-n", namespace, "addr", "replace", "fd00::11/64", "dev", "eth0", "nodad"]);
}

/** The Gateway's NICs come up; its rules are there already. */
export async function plugIn(stage: Stage): Promise<void> {
    const { inner, outer } = stage.enclave.gateway;
    await run("ip", ["-n", stage.names.gateway, "-batch", "-"], {
        input: [...up(outer), ...up(inner)].join("\n"),
    });
    await sayOnce(stage.names.gateway, [outer.interface, inner.interface]);
}
