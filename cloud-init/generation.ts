/** What tells one seed of a guest from the next, in the names of its disks. */
import { GENERATION_LENGTH } from "../values/disk-files";
import { digest, slowDigest } from "../values/names";
import type { Seed } from "./seed";

/**
 * Digest of a seed. Names are seen by everyone; with a password in the seed, a guess at it must not be quick to
 * try against them.
 * @param secret whether the seed holds something that must not be seen
 */
export const generationOf = ({ userData, networkConfig, metaData }: Seed, secret: boolean): string =>
    (secret ? slowDigest : digest)(GENERATION_LENGTH, userData, networkConfig, metaData);
