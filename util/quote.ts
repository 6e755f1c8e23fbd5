/** Words of a shell's command line. */

/** A word for /bin/sh, whatever it holds. */
export const quote = (word: string): string =>
    /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
