/** Lists of relays for `egress: relay-set`: our own plain form, or a consensus as tor caches it (dir-spec). */
import { isAddress } from "./addresses";
import type { Endpoint } from "./plan";

function endpoint(what: string, address: string, port: string): Endpoint {
    const number = Number(port);
    if (!isAddress(address) || !/^\d{1,5}$/.test(port) || number < 1 || number > 65535) {
        throw new Error(`${what}: "${address}:${port}" is not an IPv4 address and port such as 192.0.2.7:9001`);
    }
    return { address, port: number };
}

/** Relays of a consensus that a client may use as its first hop: flags Guard and Running, or an authority. */
function fromConsensus(what: string, lines: readonly string[]): Endpoint[] {
    const found: Endpoint[] = [];
    let current: Endpoint | undefined;
    for (const [i, line] of lines.entries()) {
        const words = line.split(" ");
        if (words[0] === "r") {
            // r nickname identity [digest] date time address orport dirport: counted from the end, as the flavours differ
            current = endpoint(`${what}, line ${i + 1}`, words.at(-3) ?? "", words.at(-2) ?? "");
        } else if (words[0] === "s" && current !== undefined) {
            if (words.includes("Authority") || (words.includes("Guard") && words.includes("Running"))) {
                found.push(current);
            }
            current = undefined;
        }
    }
    return found;
}

/**
 * Read a relay list: one `address:port` a line with # comments, or a consensus.
 * @param what names the list in errors, e.g. its file
 * @throws Error naming the line that cannot be read, or when there is no relay at all
 */
export function parseRelaySet(what: string, text: string): Endpoint[] {
    const lines = text.split("\n");
    const relays = lines[0]?.startsWith("network-status-version 3") === true
        ? fromConsensus(what, lines)
        : lines.flatMap((line, i) => {
            const content = (line.split("#")[0] ?? "").trim();
            if (content === "") {
                return [];
            }
            const [address = "", port = "", ...rest] = content.split(":");
            return [endpoint(`${what}, line ${i + 1}`, address, [port, ...rest].join(":"))];
        });
    if (relays.length === 0) {
        throw new Error(`${what} holds no relay: tor could connect to nothing; give "address:port" lines or tor's cached-consensus`);
    }
    return relays;
}
