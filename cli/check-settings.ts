/** `sallyport check-settings`: what bin/pulumi asks before it touches a stack without a settings file. */
import { Command } from "commander";
import { emit, passed, report } from "../util/output";
import { projectRoot } from "../util/root";
import { jsonOption, stackOption } from "./options";
import { findStack } from "./stack";

async function run(o: { stack?: string; json?: boolean }): Promise<void> {
    const { name } = await findStack(projectRoot(), o.stack);
    emit(
        report([passed("settings.there", "Settings", `stack ${name} has them, or holds nothing yet`)]),
        o.json === true,
    );
}

export const checkSettingsCommand = (): Command =>
    stackOption(jsonOption(new Command("check-settings")))
        .description("look whether a stack that has resources has its settings file")
        .action(run);
