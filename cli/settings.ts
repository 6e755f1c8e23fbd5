/**
 * A stack's plan for verbs that run without the program: from its settings file, decrypted by Pulumi when it
 * holds secrets.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { loadPlanFromFile, type Decrypt } from "../plan/file";
import type { Loaded } from "../plan/load";
import type { StackPlan } from "../plan/plan";
import { CliError } from "../util/error";
import type { Stack } from "./stack";

const LIMIT_MS = 60_000;

/** Settings in plain, in memory alone. @throws CliError when Pulumi cannot decrypt them */
const throughPulumi =
    (root: string, { reference }: Stack): Decrypt =>
    (stack) => {
        try {
            return execFileSync(
                join(root, "bin", "pulumi"),
                ["config", "--json", "--show-secrets", "--stack", reference, "--non-interactive"],
                { cwd: root, encoding: "utf8", timeout: LIMIT_MS, stdio: ["ignore", "pipe", "pipe"] },
            );
        } catch (error) {
            // Only what Pulumi says of its failure: its standard output would be the settings.
            const stderr = String((error as { stderr?: unknown }).stderr ?? "").trim();
            throw new CliError(
                `the secrets in the settings of stack ${stack} can't be read: ${stderr === "" ? "pulumi failed" : stderr.slice(0, 500)}`,
                "select the stack's state (PULUMI_BACKEND_URL, bin/pulumi login) and give its passphrase (PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE)",
            );
        }
    };

/** @throws ConfigError or CliError when there is no plan to be had */
export const loadedStack = (root: string, stack: Stack): Loaded =>
    loadPlanFromFile(root, stack.name, throughPulumi(root, stack));

/** @throws ConfigError or CliError when there is no plan to be had */
export const planOfStack = (root: string, stack: Stack): StackPlan => loadedStack(root, stack).plan;
