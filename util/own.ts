/**
 * The entry of a table under a name that comes from outside. Plain indexing would find `constructor`,
 * `toString` and `__proto__` in every object. (eslint.config.mjs forbids it for constants of the rooms that
 * read inputs.)
 */
export const own = <V>(table: Readonly<Record<string, V>>, name: string): V | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
