/**
 * Things that no condition tells apart are one: a set of numbers is split by each condition in turn, and only
 * the members that the condition names are looked at, so that many small conditions cost little.
 */
export class Partition {
    readonly #class: Int32Array;
    readonly #sizes: number[];

    /** @param size the numbers 0 to size - 1, all alike at first */
    constructor(size: number) {
        this.#class = new Int32Array(size);
        this.#sizes = [size];
    }

    /** @param members those for which a condition holds, each once */
    split(members: Iterable<number>): void {
        const moved = new Map<number, number>();
        for (const member of members) {
            const before = this.#class[member] ?? 0;
            const now = moved.get(before) ?? this.#sizes.push(0) - 1;
            moved.set(before, now);
            this.#class[member] = now;
            this.#sizes[before] = (this.#sizes[before] ?? 0) - 1;
            this.#sizes[now] = (this.#sizes[now] ?? 0) + 1;
        }
    }

    /** The class of each number, counted from 0 in the order of their first members, and those members. */
    classes(): { readonly of: Int32Array; readonly first: readonly number[] } {
        const numbers = new Map<number, number>();
        const first: number[] = [];
        const of = this.#class.map((name, member) => {
            const known = numbers.get(name);
            if (known !== undefined) {
                return known;
            }
            numbers.set(name, first.length);
            return first.push(member) - 1;
        });
        return { of, first };
    }
}
