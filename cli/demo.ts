/** `sallyport demo`: shows on this machine, without internet, that an enclave works and holds. */
import { Command } from "commander";
import { stopwatchProgress } from "../lab/progress";
import { CliError } from "../util/error";
import { emit, formatReport } from "../util/output";
import { demoDown } from "./demo/down";
import { demoPaths } from "./demo/paths";
import { demoTable } from "./demo/result";
import { demoUp } from "./demo/up";
import { jsonOption } from "./options";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

async function run(o: { down?: boolean; json?: boolean }): Promise<void> {
    const progress = stopwatchProgress((text) => process.stderr.write(text));
    if (o.down === true) {
        emit(await demoDown(progress), o.json === true);
        return;
    }
    const controller = new AbortController();
    const interrupt = (name: NodeJS.Signals): void =>
        controller.abort(new CliError(`interrupted by ${name}`, "make demo-down removes what was begun"));
    SIGNALS.forEach((name) => process.on(name, interrupt));
    try {
        const result = await demoUp(progress, controller.signal);
        const lines = [
            formatReport(result, false),
            "",
            demoTable(result),
            "",
            `  ${demoPaths().json} has it all; make demo-down removes everything`,
        ];
        emit(result, o.json === true, lines.join("\n"));
    } finally {
        SIGNALS.forEach((name) => process.off(name, interrupt));
    }
}

export function demoCommand(): Command {
    return jsonOption(new Command("demo"))
        .description(
            "bring up lab and enclave, fetch a page from the Workstation, count leaks; no internet needed",
        )
        .option("--down", "remove all that a demo made, also after a crash")
        .action(run);
}
