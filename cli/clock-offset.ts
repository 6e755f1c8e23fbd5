/**
 * `sallyport clock-offset`: one random number for a Workstation's clock; what it prints is kept in the
 * stack's state.
 */
import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import { emit, passed, report } from "../util/output";
import { jsonOption } from "./options";
import { CLOCK_WINDOW } from "../values/clock";

/** Parser of a window. @throws InvalidArgumentError */
function clockWindow(text: string): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < CLOCK_WINDOW.least || value > CLOCK_WINDOW.most) {
        throw new InvalidArgumentError(
            `a whole number of seconds from ${CLOCK_WINDOW.least} to ${CLOCK_WINDOW.most} is allowed.`,
        );
    }
    return value;
}

/** Every whole number of the window is as likely as any other. */
const drawOffset = (window: number): number => randomInt(-window, window + 1);

export function clockOffsetCommand(): Command {
    return jsonOption(new Command("clock-offset"))
        .description(
            "draw by how many seconds a Workstation's clock is off at power-on, and print the number",
        )
        .requiredOption("--window <seconds>", "most that it is off, either way", clockWindow)
        .action((o: { window: number; json?: boolean }) => {
            const offset = drawOffset(o.window);
            const drawn = report([passed("clock.offset", "Clock", `${offset} s off`)]);
            emit({ ...drawn, offset }, o.json === true, String(offset));
        });
}
