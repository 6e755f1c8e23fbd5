/** Why a Gateway does not become ready: what tor and the guest say, with the fix of what is known. */
import { oneLine } from "../util/one-line";
import { type GatewayStatus, type TorWarning } from "./status-line";

interface Cause {
    /** tor's words, or the guest's. Texts of tor 0.4.8 and 0.4.9, as its sources and `strings` have them. */
    readonly said: RegExp;
    /** What is wrong, in a few words. */
    readonly cause: string;
    /** One instruction. */
    readonly fix: string;
}

/** The first one that fits is told: a wrong clock makes identities and relays look wrong as well. */
const CAUSES: readonly Cause[] = [
    {
        said: /clock is .*behind|skewed time|clock skew|CLOCK_SKEW|clock is (set )?wrong/i,
        cause: "the Gateway's clock is wrong",
        fix: "set the lab host's clock (timedatectl set-ntp true), then stop and start the Gateway: it takes the time when it starts",
    },
    {
        said: /identity keys were not as expected|Unexpected identity|\bIDENTITY\b/,
        cause: "a relay or bridge is not who it should be",
        fix: "compare the fingerprint in egress.bridges, egress.relays or torNetwork with the one that its operator gave, and run pulumi up again",
    },
    {
        said: /https proxy refused|https proxy sent back|authentication methods|SOCKS server rejected|SOCKS5? (user|auth)/i,
        cause: "the upstream proxy refuses tor",
        fix: "check upstreamProxy: its user and password, and that it lets tor connect to any port",
    },
    {
        said: /proxy server at .* just failed|conn_proxy|Connecting to proxy/i,
        cause: "the upstream proxy cannot be reached",
        fix: "check upstreamProxy's address and port, and that the proxy runs",
    },
    {
        said: /Managed proxy|pluggable transport|general SOCKS server failure|conn_pt|Connecting to pluggable/i,
        cause: "the transport of a bridge fails",
        fix: "check the bridge lines in egress.bridges: address, port and cert; bridges go away, so get new ones",
    },
    {
        said: /Proxy Client: unable to connect/,
        cause: "the upstream proxy, or a bridge's transport, does not connect",
        fix: "check upstreamProxy and the bridge lines in egress.bridges: the other end refuses or is gone",
    },
    {
        said: /No route to host|NOROUTE|Network is unreachable|host unreachable/i,
        cause: "the Gateway has no route to the Internet",
        fix: "check on the lab host that the external network is active (virsh net-list) and that the host itself is online (ip route)",
    },
    {
        said: /No space left|Disk quota|Error writing/i,
        cause: "tor's state volume is full",
        fix: "make the Gateway's state volume larger: bin/sallyport resize",
    },
    {
        said: /parse\/validate config|Unknown option|Failed to parse/i,
        cause: "tor refuses its configuration",
        fix: "compare egress and torNetwork with docs/configuration.md; sallyport render shows the torrc",
    },
    {
        said: /Connection refused|CONNECTREFUSED|timed out|TIMEOUT|CONNECTRESET|reset by peer|Problem bootstrapping|connections have failed/i,
        cause: "relays cannot be reached",
        fix: "check that the lab host's network lets tor out (ports 443 and 9001); where it does not, set egress.mode to bridges",
    },
];

/** What the guest says of its data volume: prepare-disks begins each reason with the disk's serial. */
const VOLUME = /^(sallyport-(?:state|home)): /;

/** Cause and fix of what is known among these texts, the first of the table; undefined: none is known. */
export function knownCause(
    texts: readonly string[],
): { readonly cause: string; readonly fix: string } | undefined {
    return CAUSES.find(({ said }) => texts.some((text) => said.test(text)));
}

/** The fix for a guest that stays shut over its volume; undefined: it is shut for another reason. */
export const volumeFix = (detail: string): string | undefined =>
    VOLUME.test(detail)
        ? "the volume is left as it is: attach or restore the right one, or check it with e2fsck on the lab host, then stop and start the guest"
        : undefined;

/** How many of tor's messages are told where the cause is not known. */
const TOLD = 2;

/**
 * What explains that bootstrap does not come: cause and tor's own words, for the end of a message; its fix.
 * Empty and undefined when tor has warned of nothing.
 */
export function explain(
    status: GatewayStatus | undefined,
    warnings: readonly TorWarning[],
): { readonly told: string; readonly fix: string | undefined } {
    const texts = warnings.map(({ text }) => text);
    const known = knownCause([
        ...texts,
        status?.phase === "bootstrap" || status?.phase === "failed" ? status.detail : "",
    ]);
    const words = texts.filter((text) => known === undefined || knownCause([text]) === known).slice(-TOLD);
    const quoted = words.map((text) => `"${oneLine(text)}"`).join(", ");
    const told = [known?.cause, quoted === "" ? undefined : `tor says ${quoted}`].filter(
        (part) => part !== undefined,
    );
    return { told: told.length === 0 ? "" : `; ${told.join(": ")}`, fix: known?.fix };
}
