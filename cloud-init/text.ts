/** Checks on text that goes into a configuration file: a stray line break would become a line of its own. */

/**
 * Text that every reader takes for the same: printable ASCII and line feeds. Seeds hold no other; YAML
 * readers differ about tabs.
 */
export const PLAIN_TEXT = /^[\n\x20-\x7e]*$/;

const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The text itself, when it is one printable ASCII line.
 * @param what names the value in the error
 * @throws Error naming the value, when it holds a line break, a control character or anything beyond ASCII
 */
export function oneLine(what: string, text: string): string {
    if (!PRINTABLE.test(text)) {
        throw new Error(`${what}: ${JSON.stringify(text)} must be one line of printable ASCII`);
    }
    return text;
}

/** Lines joined, each ended by a line feed; no line may hold one. */
export function lines(what: string, ...content: readonly string[]): string {
    return content.map((line) => `${oneLine(what, line)}\n`).join("");
}
