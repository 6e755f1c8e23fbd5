/**
 * `sallyport render`: every file as it will stand in a guest, from configuration alone, for reviewers and
 * other tests.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { hasSecrets } from "../cloud-init/egress";
import { gatewaySeed, workstationSeed, type Seed } from "../cloud-init/seed";
import type { EnclavePlan, StackPlan } from "../plan/plan";
import { CliError } from "../util/error";
import { projectRoot } from "../util/root";
import { emit, passed, report } from "../util/output";
import { jsonOption, stackOption } from "./options";
import { nearest, nearestIs } from "../util/nearest";
import { planOfStack } from "./settings";
import { findSettings } from "./stack";

/** One guest's folder: the seed's own files, and below `files/` what user-data writes, by path. */
export interface RenderedGuest {
    /** Name of the folder: `gateway` or `workstation-<name>`. */
    readonly folder: string;
    readonly files: readonly { readonly path: string; readonly content: string; readonly mode: number }[];
}

const READ_ONLY = 0o644;
const PRIVATE = 0o600;

/**
 * @param secret the seed holds bridges, a proxy's password or keys: whatever is written of it is its writer's
 * alone
 */
function renderSeed(folder: string, seed: Seed, secret: boolean): RenderedGuest {
    return {
        folder,
        files: [
            { path: "user-data", content: seed.userData, mode: READ_ONLY },
            { path: "network-config", content: seed.networkConfig, mode: READ_ONLY },
            { path: "meta-data", content: seed.metaData, mode: READ_ONLY },
            ...seed.files.map((f) => ({
                path: join("files", f.path),
                content: f.content,
                mode: parseInt(f.permissions, 8),
            })),
        ].map((file) => (secret ? { ...file, mode: PRIVATE } : file)),
    };
}

/** What `render` writes for an enclave; both roles when none is named. */
export function renderEnclave(enclave: EnclavePlan, role?: "gateway" | "workstation"): RenderedGuest[] {
    const gateway =
        role === "workstation" ? [] : [renderSeed("gateway", gatewaySeed(enclave), hasSecrets(enclave))];
    const workstations =
        role === "gateway"
            ? []
            : enclave.workstations.map((w) =>
                  renderSeed(`workstation-${w.name}`, workstationSeed(enclave, w), false),
              );
    return [...gateway, ...workstations];
}

/** The enclave of that name. @throws CliError naming those that there are */
function findEnclave(plan: StackPlan, name: string): EnclavePlan {
    const found = plan.enclaves.find((e) => e.name === name);
    if (found === undefined) {
        const names = plan.enclaves.map((e) => e.name);
        const near = nearest(name, names);
        throw new CliError(
            `there is no enclave ${name}${nearestIs(near)}; allowed: ${names.join(", ")}`,
            `bin/sallyport render ${near ?? names[0] ?? "ENCLAVE"} --out out/`,
        );
    }
    return found;
}

function write(out: string, guests: readonly RenderedGuest[]): string[] {
    if (existsSync(out) && readdirSync(out).length > 0) {
        throw new CliError(`${out} is not empty`, "name a folder that does not exist yet, or empty it");
    }
    const existed = existsSync(out);
    try {
        return guests.flatMap((guest) =>
            guest.files.map((file) => {
                const path = join(out, guest.folder, file.path);
                mkdirSync(dirname(path), { recursive: true });
                writeFileSync(path, file.content, { mode: file.mode });
                return path;
            }),
        );
    } catch (error) {
        // Half a rendering would pass for the whole.
        rmSync(out, { recursive: true, force: true });
        if (existed) {
            mkdirSync(out);
        }
        throw error;
    }
}

/** Where the plan comes from; tests give their own. */
export type PlanProvider = (stack: string | undefined) => StackPlan | Promise<StackPlan>;

const fromConfiguration: PlanProvider = async (stack) => {
    const root = projectRoot();
    return planOfStack(root, await findSettings(root, stack));
};

const ROLES = ["gateway", "workstation"] as const;

function findRole(enclave: string, text: string | undefined): (typeof ROLES)[number] | undefined {
    const found = ROLES.find((role) => role === text);
    if (text !== undefined && found === undefined) {
        throw new CliError(
            `there is no role ${text}; allowed: ${ROLES.join(", ")}, or none for both`,
            `bin/sallyport render ${enclave} ${nearest(text, ROLES) ?? ROLES[0]} --out out/`,
        );
    }
    return found;
}

/** The `render` verb. */
export function renderCommand(planOf: PlanProvider = fromConfiguration): Command {
    return (
        stackOption(jsonOption(new Command("render")))
            .description("write every file as it will stand in the guests, from configuration alone")
            .argument("<enclave>", "name of the enclave")
            .argument("[role]", "gateway or workstation; both when left out")
            // Commander would ask for a required option before the names are looked at.
            .usage("--out <dir> [options] <enclave> [role]")
            .option("--out <dir>", "required: a folder that is empty or does not exist")
            .action(
                async (
                    enclave: string,
                    roleText: string | undefined,
                    { out, stack, json }: { out?: string; stack?: string; json?: boolean },
                ) => {
                    const found = findEnclave(await planOf(stack), enclave);
                    const guests = renderEnclave(found, findRole(enclave, roleText));
                    if (out === undefined) {
                        const again = roleText === undefined ? enclave : `${enclave} ${roleText}`;
                        throw new CliError(
                            "--out DIR is missing",
                            `bin/sallyport render ${again} --out out/`,
                        );
                    }
                    const files = write(resolve(out), guests);
                    const written = report([
                        passed("render.files", `Enclave ${enclave}`, `${files.length} files`),
                    ]);
                    emit({ ...written, files }, json === true, files.join("\n"));
                },
            )
    );
}
