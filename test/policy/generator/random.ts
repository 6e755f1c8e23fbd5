/** Seeded choices, so that a run can be played again from two numbers. */

/** 32 bits to 32 bits, every one of which depends on all (splitmix32). */
function mixed(n: number): number {
    let x = (n + 0x9e3779b9) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export class Random {
    #state: number;
    /** From 0 (the first of everything: the smallest input) to 1. */
    readonly #scale: number;

    /**
     * @param seed of the whole run
     * @param index of the attempt in it: each has choices of its own
     */
    constructor(seed: number, index: number, scale = 1) {
        this.#state = mixed(mixed(seed) ^ index);
        this.#scale = scale;
    }

    /** A whole number from `from` to `to`, both included. */
    int(from: number, to: number): number {
        this.#state = (this.#state + 0x9e3779b9) >>> 0;
        return from + Math.floor((mixed(this.#state) / 2 ** 32) * this.#scale * (to - from + 1));
    }

    chance(of: number): boolean {
        return this.int(1, 1000) > 1000 * (1 - of);
    }

    /** @throws Error when there is nothing to pick from: a production must not be drawn for such a base */
    pick<T>(list: readonly T[]): T {
        if (list.length === 0) {
            throw new Error("nothing to pick from");
        }
        return list[this.int(0, list.length - 1)] as T;
    }

    /** @param least how many at least; each stays where it was among the others */
    some<T>(list: readonly T[], least = 1): T[] {
        const left = [...list.keys()];
        const taken = new Set<number>();
        const count = this.int(Math.min(least, list.length), list.length);
        while (taken.size < count) {
            const [i] = left.splice(this.int(0, left.length - 1), 1);
            taken.add(i ?? 0);
        }
        return list.filter((_, i) => taken.has(i));
    }

    shuffled<T>(list: readonly T[]): T[] {
        const left = [...list];
        return list.map(() => left.splice(this.int(0, left.length - 1), 1)[0] as T);
    }

    /** Letters, and digits behind the first. */
    word(least = 1, most = 8): string {
        return Array.from({ length: this.int(least, most) }, (_, i) =>
            this.pick([...(i === 0 ? LETTERS : `${LETTERS}0123456789`)]),
        ).join("");
    }

    hex(digits: number): string {
        return Array.from({ length: digits }, () => this.int(0, 15).toString(16)).join("");
    }

    uuid(): string {
        return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
    }

    /** Under QEMU's prefix, and nobody's in any good stack (those are of 98:98, or end the name's digest). */
    mac(): string {
        return `52:54:00:f${this.hex(1)}:${this.hex(2)}:${this.hex(2)}`;
    }

    /** An address of TEST-NET or of a private range that no good stack has. */
    ipv4(): string {
        return `${this.pick(["192.0.2", "198.51.100", "10.9.9", "172.20.3", "192.168.77"])}.${this.int(2, 250)}`;
    }

    path(least = 1, most = 4): string {
        return Array.from({ length: this.int(least, most) }, () => `/${this.word()}`).join("");
    }

    /** Letters in the other case here and there; at least one is. */
    recased(text: string): string {
        const letters = [...text.matchAll(/[a-z]/gi)].map((m) => m.index);
        const swapped = new Set(this.some(letters));
        const other = (c: string): string => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase());
        return [...text].map((c, i) => (swapped.has(i) ? other(c) : c)).join("");
    }
}
