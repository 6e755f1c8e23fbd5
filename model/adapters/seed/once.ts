/** Results that are kept; beyond that they are forgotten, so that a long run does not grow. */
const KEPT = 4096;

/**
 * A text that is said to be the same in many guests is parsed once. What is thrown is thrown again, and not
 * kept.
 */
export function once<T>(parse: (text: string) => T): (text: string) => T {
    const seen = new Map<string, T>();
    return (text) => {
        const before = seen.get(text);
        if (before !== undefined) {
            return before;
        }
        const value = parse(text);
        if (seen.size >= KEPT) {
            seen.clear();
        }
        seen.set(text, value);
        return value;
    };
}
