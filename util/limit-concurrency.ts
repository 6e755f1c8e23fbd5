/** Runs what it is given, never more than so many at a time; what comes meanwhile waits, in its order. */
export function limitConcurrency(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
    let running = 0;
    const waiting: (() => void)[] = [];
    return async (work) => {
        if (running >= limit) {
            // A call that ends hands its place on.
            await new Promise<void>((go) => void waiting.push(go));
        } else {
            running += 1;
        }
        try {
            return await work();
        } finally {
            const next = waiting.shift();
            if (next === undefined) {
                running -= 1;
            } else {
                next();
            }
        }
    };
}
