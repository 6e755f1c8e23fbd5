/**
 * Text that others chose, for people to read: names of resources, values, messages of programs. On one line,
 * with every character visible that a terminal, a log or a reader would obey or not show: no line of a report
 * is theirs.
 */

/** Controls, line and paragraph ends, bidirectional overrides, what is invisible, what is no character. */
const UNSEEN =
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    /[\x00-\x1f\x7f]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
/** CI systems take these for commands wherever they stand in a line (GitHub's `##[`, Azure's `##vso[`). */
const COMMAND = /##(?=\w*\[)/g;

const escaped = (text: string): string =>
    Array.from(
        { length: text.length },
        (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join("");

/** The text on one line; what cannot be seen is written as `\u202e`. */
export const oneLine = (text: string): string =>
    /^[\x20-\x22\x24-\x7e]*$/.test(text) ? text : text.replace(UNSEEN, escaped).replace(COMMAND, "#\\u0023");

/** JSON with the same data in ASCII alone. */
// eslint-disable-next-line no-control-regex -- everything but these
export const asciiJson = (json: string): string => json.replace(/[^\x00-\x7e]/g, escaped);
