import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const secret = config.getSecret("secret");
const inputs = config.requireObject<command.local.CommandArgs>("inputs");
const run = new command.local.Command("run", secret ? { ...inputs, environment: { SECRET: secret } } : inputs);

export const stdout = run.stdout;
export const stderr = run.stderr;
