/** Volumes that outlive their guests, by their names, and whether anything was ever written into one. */
import { DATA_DISKS, DATA_POOL_SUFFIX } from "../values/disk-files";

/** Whether a volume is one of these: in an enclave's data pool, under the name of one of its guests. */
export const isDataVolume = (pool: string, volume: string): boolean =>
    pool.endsWith(DATA_POOL_SUFFIX) &&
    DATA_DISKS.some(({ suffix }) => volume.endsWith(suffix)) &&
    volume.startsWith(`${pool.slice(0, -DATA_POOL_SUFFIX.length)}-`);

/**
 * Whether a volume surely holds nothing: its file has not one block.
 * @param info of `virsh vol-info`, without `--bytes` as well
 */
export const isEmpty = (info: string): boolean => /^Allocation:\s+0(?:\.00 B| bytes)$/m.test(info);
