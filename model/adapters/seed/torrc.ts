/** torrc as tor reads it (tor(1), "THE CONFIGURATION FILE FORMAT"; src/lib/encoding/confline.c). */
import { PLAIN_TEXT } from "../../../cloud-init/text";
import type { TorOptionLine } from "../..";

/** Ours have some 100, with as many bridges as anybody uses. */
const MOST_LINES = 2000;
const OPTION = /^[+/]?[A-Za-z_][A-Za-z0-9_]*$|^%include$/;

/** Text before a comment; tor starts one at any "#" outside quotes. */
const withoutComment = (line: string): string => line.replace(/#.*$/, "").trim();

/**
 * Options in their order. Quoted values and continued lines are refused: we render neither, and reading them
 * wrongly would hide what tor does.
 * @throws Error naming the line
 */
export function parseTorrc(text: string): TorOptionLine[] {
    if (!PLAIN_TEXT.test(text)) {
        throw new Error("it holds a character that is neither printable ASCII nor a line feed");
    }
    const rows = text.split("\n");
    if (rows.length > MOST_LINES) {
        throw new Error(`it has ${rows.length} lines; at most ${MOST_LINES} are read`);
    }
    return rows.flatMap((raw, i): TorOptionLine[] => {
        const line = i + 1;
        if (/["\\]/.test(raw)) {
            // What a line of an unknown form holds may be a secret: only its first word is shown.
            throw new Error(
                `line ${line}, "${raw.trim().split(" ")[0] ?? ""} …": quoted values and ` +
                    "continued lines are not read",
            );
        }
        const content = withoutComment(raw);
        if (content === "") {
            return [];
        }
        const [option = "", ...rest] = content.split(/ +/);
        if (!OPTION.test(option)) {
            throw new Error(`line ${line}: this is no option`);
        }
        return [{ option, value: rest.join(" "), line }];
    });
}
