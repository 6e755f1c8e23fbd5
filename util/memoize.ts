/** Answers about records that do not change: worked out at the first question, forgotten with the record. */
export function memoize<K extends object, V>(make: (record: K) => V): (record: K) => V {
    const answers = new WeakMap<K, { readonly value: V }>();
    return (record) => {
        let answer = answers.get(record);
        if (answer === undefined) {
            answer = { value: make(record) };
            answers.set(record, answer);
        }
        return answer.value;
    };
}

/** The same for a question with a word more, which has few values. */
export function memoizeBy<K extends object, W extends string | undefined, V>(
    make: (record: K, word: W) => V,
): (record: K, word: W) => V {
    const answers = memoize<K, Map<W, V>>(() => new Map());
    return (record, word) => {
        const known = answers(record);
        const before = known.get(word);
        if (before !== undefined) {
            return before;
        }
        const made = make(record, word);
        known.set(word, made);
        return made;
    };
}
