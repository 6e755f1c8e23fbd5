/** Waiting. */

/** Wait, unless told to stop. @throws the signal's reason */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const give = (): void => {
            clearTimeout(timer);
            reject(signal?.reason as Error);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", give);
            resolve();
        }, milliseconds);
        if (signal?.aborted) {
            give();
        } else {
            signal?.addEventListener("abort", give, { once: true });
        }
    });
}

/** Ask again and again until there is an answer. @throws whatever `late` makes when the time is over */
export async function poll<T>(
    ask: () => Promise<T | undefined> | T | undefined,
    limits: { every: number; within: number; signal?: AbortSignal; late: () => Error },
): Promise<T> {
    const deadline = performance.now() + limits.within;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) {
            return answer;
        }
        if (performance.now() >= deadline) {
            throw limits.late();
        }
        await pause(limits.every, limits.signal);
    }
}
