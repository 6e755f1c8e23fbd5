/** Bridge lines (tor(1), "Bridge"). They are secrets: no message repeats one. */
import { parseEndpoint, type Endpoint } from "./endpoint";

/** A bridge (tor(1), "Bridge"). Its line is a secret: who knows it can block or watch it. */
export interface BridgePlan {
    /** What stands after `Bridge` in torrc. */
    readonly line: string;
    /** Where it listens; the firewall lets tor go there and nowhere else. */
    readonly endpoint: Endpoint;
    /** Pluggable transport; absent for a plain bridge. */
    readonly transport?: "obfs4";
}

/** Why the transports that Tor Browser offers beside obfs4 are not supported. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
    ["webtunnel", "the name of its web server would be looked up outside Tor, and Debian has no client"],
    ["snowflake", "its peers' addresses are not known before, so the firewall can't pin them"],
    ["meek_lite", "the name of its web server would be looked up outside Tor"],
]);

const FINGERPRINT = /^[0-9A-Fa-f]{40}$/;

/**
 * Read what stands after `Bridge`: `[transport] address:port [fingerprint] [key=value …]`.
 * @param what names the line in the error, e.g. `bridges[0]`
 * @throws Error saying what is wrong without showing the line
 */
export function parseBridge(what: string, line: string): BridgePlan {
    const words = line.trim().split(/\s+/);
    const [first = ""] = words;
    const transport = first === "" || first.includes(":") ? undefined : words.shift();
    if (transport !== undefined && transport !== "obfs4") {
        throw new Error(
            `${what} names a transport that is not supported` +
                (UNSUPPORTED.has(transport) ? ` (${transport}: ${UNSUPPORTED.get(transport)})` : "") +
                "; allowed: obfs4, or none before the address",
        );
    }
    const address = words.shift() ?? "";
    if (address.startsWith("[")) {
        throw new Error(
            `${what} has an IPv6 address, and a Gateway has no IPv6; fix: ask for a bridge with IPv4`,
        );
    }
    const endpoint = parseEndpoint(address);
    if (endpoint === undefined) {
        throw new Error(
            `${what} has no IPv4 address and port such as 192.0.2.7:443${transport === undefined ? "" : " after its transport"}`,
        );
    }
    const isArgument = (word: string): boolean => /^[a-z-]+=[\x21-\x7e]+$/.test(word);
    const [fingerprint = ""] = words;
    const args = FINGERPRINT.test(fingerprint) ? words.slice(1) : words;
    if (!args.every(isArgument) || args.some((word) => /[#"\\]/.test(word))) {
        throw new Error(
            `${what} has something after its address that is neither a fingerprint of 40 hexadecimal digits nor key=value`,
        );
    }
    if (transport === "obfs4" && !args.some((word) => word.startsWith("cert="))) {
        throw new Error(`${what} uses obfs4 and lacks cert=…; copy the whole line`);
    }
    return {
        line: [
            ...(transport === undefined ? [] : [transport]),
            `${endpoint.address}:${endpoint.port}`,
            ...words,
        ].join(" "),
        endpoint,
        ...(transport === undefined ? {} : { transport }),
    };
}
