/**
 * Seeds of an export in plain, everything else as it was: rules read seeds, and no other secret has to be
 * decrypted.
 */

interface State {
    readonly urn?: string;
    readonly type?: string;
}

interface Export {
    readonly deployment?: { readonly resources?: readonly State[] };
}

const SEED = "libvirt:index/cloudinitDisk:CloudinitDisk";
/** Stands in every encrypted value (sdk/go/common/resource/stack). */
const ENCRYPTED = '"ciphertext"';

const seedsOf = (exported: Export): readonly State[] =>
    (exported.deployment?.resources ?? []).filter((r) => r.type === SEED);

/** Whether a seed in this export is encrypted. Text that is no JSON is for its reader to refuse. */
export function encryptsSeeds(exported: string): boolean {
    if (!exported.includes(ENCRYPTED)) {
        return false;
    }
    try {
        return seedsOf(JSON.parse(exported) as Export).some((seed) =>
            JSON.stringify(seed).includes(ENCRYPTED),
        );
    } catch {
        return false;
    }
}

/** The first export with the seeds of the second, which holds every secret in plain. */
export function withPlainSeeds(encrypted: string, plain: string): string {
    const target = JSON.parse(encrypted) as Export;
    const seeds = new Map(seedsOf(JSON.parse(plain) as Export).map((seed) => [seed.urn, seed]));
    const resources = (target.deployment?.resources ?? []).map((r) =>
        r.type === SEED ? (seeds.get(r.urn) ?? r) : r,
    );
    return JSON.stringify({ ...target, deployment: { ...target.deployment, resources } });
}
