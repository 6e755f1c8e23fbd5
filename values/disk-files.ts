/**
 * Files that guests' disks are. libvirt confines a guest (AppArmor) to the files that stand in its XML, and
 * finds none for a disk of `type="volume"`; the stylesheets therefore write each disk as a file, out of
 * these.
 */

/**
 * Characters of a pool's name and of each part of its folder: nothing that XML, XPath or a shell reads in its
 * own way.
 */
const PLAIN = /^[A-Za-z0-9._-]+$/;

export const isPlainName = (name: string): boolean => PLAIN.test(name) && name !== "." && name !== "..";

/**
 * Whether a folder is spelled in the one way that is allowed: absolute, no empty part, no `.` and no `..`.
 */
export const isPlainFolder = (path: string): boolean =>
    path.startsWith("/") && path.slice(1).split("/").every(isPlainName);

/** Ends of the names of a guest's two disks. A seed's tells the stylesheet which of them is read-only. */
export const OVERLAY_SUFFIX = ".qcow2";
export const SEED_SUFFIX = "-seed.iso";

/** Volume of the golden image on a lab host. */
export const imageVolume = (sha256: string): string => `sallyport-${sha256.slice(0, 12)}${OVERLAY_SUFFIX}`;

/** Digits of a guest's generation in its disks' names: a digest of its seed. */
export const GENERATION_LENGTH = 8;
export const HEX_DIGITS = "0123456789abcdef";

/**
 * A disk by its volume's name, `DOMAIN-GENERATION.qcow2` or `DOMAIN-GENERATION-seed.iso`; undefined: no disk
 * of this guest's.
 */
export function diskOf(domain: string, volume: string): "overlay" | "seed" | undefined {
    const [generation, suffix] = [
        volume.slice(domain.length + 1).slice(0, GENERATION_LENGTH),
        volume.slice(domain.length + 1 + GENERATION_LENGTH),
    ];
    const own =
        volume.startsWith(`${domain}-`) &&
        generation.length === GENERATION_LENGTH &&
        [...generation].every((digit) => HEX_DIGITS.includes(digit));
    if (!own || !isPlainName(volume)) {
        return undefined;
    }
    const disks = new Map<string, "overlay" | "seed">([
        [OVERLAY_SUFFIX, "overlay"],
        [SEED_SUFFIX, "seed"],
    ]);
    return disks.get(suffix);
}

/** A volume that outlives its guest: what it is called after the domain, and the disk's serial. */
export interface DataDisk {
    readonly suffix: "-state" | "-home";
    /** Seen in the guest; the same for everyone. Also the file system's label. */
    readonly serial: "sallyport-state" | "sallyport-home";
    /** Where the guest mounts it. */
    readonly mount: "/var/lib/tor" | "/home";
}

const STATE: DataDisk = { suffix: "-state", serial: "sallyport-state", mount: "/var/lib/tor" };
const HOME: DataDisk = { suffix: "-home", serial: "sallyport-home", mount: "/home" };

/** Of each role: a Gateway's holds tor's guards and keys, a Workstation's the home folders. */
export const dataDisk = (role: "gateway" | "workstation"): DataDisk => (role === "gateway" ? STATE : HOME);

/** Both of them. */
export const DATA_DISKS: readonly DataDisk[] = [STATE, HOME];

/** What the name of an enclave's pool of data volumes ends in. */
export const DATA_POOL_SUFFIX = "-data";

/** Folders that may be kept on a home volume, themselves or what is below: the image and seeds have nothing there. */
const KEPT_ROOTS = ["/srv", "/opt", "/var/local"];

/** Form of a folder that is kept on a home volume, for people. */
export const KEPT_FORM = `a folder of A-Z a-z 0-9 . _ - that is, or is below, ${KEPT_ROOTS.join(", ")}`;

export const isKeptFolder = (path: string): boolean =>
    isPlainFolder(path) && KEPT_ROOTS.some((root) => path === root || path.startsWith(`${root}/`));
