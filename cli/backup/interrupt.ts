/** Signals that end a verb once it has removed what it began. */
import { CliError } from "../../util/error";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Do something that a signal interrupts. @param fix what is to be done after that, asked when the signal comes */
export async function interruptible<T>(
    fix: () => string,
    act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
    const controller = new AbortController();
    const interrupt = (name: NodeJS.Signals): void =>
        controller.abort(new CliError(`interrupted by ${name}`, fix()));
    SIGNALS.forEach((name) => process.on(name, interrupt));
    try {
        return await act(controller.signal);
    } finally {
        SIGNALS.forEach((name) => process.off(name, interrupt));
    }
}
