/**
 * Lists of relays for `egress: relay-set`: our own plain form, or a consensus as tor caches it (dir-spec).
 */
import { ENDPOINT_FORM, parseEndpoint } from "./endpoint";
import type { Endpoint } from "./endpoint";

function endpoint(what: string, text: string): Endpoint {
    const found = parseEndpoint(text);
    if (found === undefined) {
        throw new Error(`${what}: "${text.slice(0, 100)}" is not ${ENDPOINT_FORM}`);
    }
    return found;
}

/** Relays of a consensus that a client may use as its first hop: flags Guard and Running, or an authority. */
function fromConsensus(what: string, lines: readonly string[]): Endpoint[] {
    const found: Endpoint[] = [];
    let current: Endpoint | undefined;
    for (const [i, line] of lines.entries()) {
        const words = line.split(" ");
        if (words[0] === "r") {
            // r nickname identity [digest] date time address orport dirport: counted from the end, as the
            // flavours differ
            current = endpoint(`${what}, line ${i + 1}`, `${words.at(-3) ?? ""}:${words.at(-2) ?? ""}`);
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
    const relays =
        lines[0]?.startsWith("network-status-version 3") === true
            ? fromConsensus(what, lines)
            : lines.flatMap((line, i) => {
                  const content = (line.split("#")[0] ?? "").trim();
                  return content === "" ? [] : [endpoint(`${what}, line ${i + 1}`, content)];
              });
    if (relays.length === 0) {
        throw new Error(
            `${what} holds no relay: tor could connect to nothing; give "address:port" lines or tor's cached-consensus`,
        );
    }
    return relays;
}
