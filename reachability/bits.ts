/** Sets of small numbers, 32 in a word. Those that are combined have one length. */
export type Bits = Uint32Array;

export const noBits = (size: number): Bits => new Uint32Array(Math.ceil(size / 32));

export const setBit = (bits: Bits, n: number): void => {
    bits[n >> 5] = (bits[n >> 5] ?? 0) | (1 << (n & 31));
};
export const hasBit = (bits: Bits, n: number): boolean => ((bits[n >> 5] ?? 0) & (1 << (n & 31))) !== 0;

export function bitsOf(size: number, members: Iterable<number>): Bits {
    const bits = noBits(size);
    for (const n of members) {
        setBit(bits, n);
    }
    return bits;
}

/** Every number below `size` that is not in the set. */
export function others(bits: Bits, size: number): Bits {
    const found = bits.map((word) => ~word);
    if (size % 32 !== 0) {
        found[found.length - 1] = (found.at(-1) ?? 0) & (2 ** (size % 32) - 1);
    }
    return found;
}

export const both = (a: Bits, b: Bits): Bits => a.map((word, i) => word & (b[i] ?? 0));
export const without = (a: Bits, b: Bits): Bits => a.map((word, i) => word & ~(b[i] ?? 0));
export const either = (a: Bits, b: Bits): Bits => a.map((word, i) => word | (b[i] ?? 0));
export const isEmpty = (bits: Bits): boolean => bits.every((word) => word === 0);

/** The smallest member; -1 when there is none. */
export function firstBit(bits: Bits): number {
    const word = bits.findIndex((w) => w !== 0);
    return word === -1 ? -1 : word * 32 + 31 - Math.clz32((bits[word] ?? 0) & -(bits[word] ?? 0));
}
