/** What has been decided stays as it is. */

/** Freezes plain data in depth, and gives it back. */
export function deepFreeze<T>(value: T): T {
    if (typeof value === "object" && value !== null) {
        Object.freeze(value);
        Object.values(value).forEach(deepFreeze);
    }
    return value;
}
