/**
 * Which file a volume is filled from. Provider 0.8.3 reads `source` as a URL (Go's net/url,
 * libvirt/volume_image.go) and opens its path: `%41` is "A" there, what stands behind `?` and `#` is cut off,
 * and after `//` comes a host. Provider
 * 0.9 opens the text itself, without `file://`. The check of the file reads its name as it is.
 */
const PLAIN = /^(?:file:\/\/)?(\/(?!\/)[^%?#\p{Cc}]+)$/u;

/** What a source looks like, for messages. */
export const SOURCE_FORM =
    "an absolute path, bare or after file://, without %, ?, #, control characters and a second / at its beginning";

/**
 * The file that is opened for a source, by every reader alike; undefined: they differ, or it is no local
 * file.
 */
export const sourcePath = (source: string): string | undefined => PLAIN.exec(source)?.[1];
