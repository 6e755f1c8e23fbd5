/** Values of torrc lines (tor(1)). */

// tor starts a comment at "#" and reads quotes and backslashes as C does (torrc format, tor(1)).
const VALUE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;
const SPECIAL = /[#"\\]/;

/** What a value looks like, for messages. */
export const TORRC_VALUE_FORM = 'words of printable ASCII with one blank between them, without #, " and \\';
/** Whether a value can neither end its line nor begin a comment or a quoted string. */
export const isTorrcValue = (value: string): boolean => VALUE.test(value) && !SPECIAL.test(value);
