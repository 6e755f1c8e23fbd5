/** Progress for people: one line per step with the seconds since the beginning. */

/** Takes one line about what happens now. */
export type Progress = (message: string) => void;

/** Says nothing. */
export const quiet: Progress = () => undefined;

/** Writes `[  3.2 s] message` lines. */
export function stopwatchProgress(
    write: (text: string) => void,
    now: () => number = () => performance.now(),
): Progress {
    const begin = now();
    return (message) => write(`[${((now() - begin) / 1000).toFixed(1).padStart(6)} s] ${message}\n`);
}
