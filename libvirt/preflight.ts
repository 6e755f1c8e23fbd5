/** Programs that the provider and the readiness gate start on the machine that runs Pulumi. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ConfigError, type ConfigProblem } from "../config/error";

interface Tool {
    readonly program: string;
    readonly need: string;
    readonly debianPackage: string;
}

const TOOLS: readonly Tool[] = [
    { program: "xsltproc", need: "applies the hardening stylesheets", debianPackage: "xsltproc" },
    { program: "mkisofs", need: "makes the cloud-init seeds", debianPackage: "genisoimage" },
    { program: "virsh", need: "reads the Gateway's status", debianPackage: "libvirt-clients" },
];

const executable = (path: string): boolean => {
    try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
    } catch {
        return false;
    }
};

/**
 * Check that every tool is on the search path: without one the provider would fail half-way through `up`.
 * @throws ConfigError naming each missing program and the package that has it
 */
export function requireTools(searchPath: string = process.env.PATH ?? ""): void {
    const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
    const problems = TOOLS.filter(
        (tool) => !folders.some((folder) => executable(join(folder, tool.program))),
    ).map((tool): ConfigProblem => ({
        property: `(this machine) ${tool.program}`,
        value: undefined,
        allowed: `the program ${tool.program} on PATH; it ${tool.need}`,
        fix: `make setup, or: apt-get install ${tool.debianPackage}`,
    }));
    if (problems.length > 0) {
        throw new ConfigError(problems);
    }
}
