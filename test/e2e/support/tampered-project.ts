/**
 * A project beside ours whose program is the tampered one, as plain JavaScript, and whose everything else is
 * ours.
 */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { root, work } from "./world";

/** @param name of the folder, one for each caller */
export function tamperedProject(name: string): string {
    const folder = join(work, name);
    mkdirSync(folder);
    copyFileSync(join(root, ".build", "e2e-tampered.js"), join(folder, "program.js"));
    const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
        runtime: { options: Record<string, unknown> };
    };
    delete project.runtime.options["precompiled"];
    writeFileSync(join(folder, "Pulumi.yaml"), stringify({ ...project, main: "program.js" }));
    for (const entry of ["package.json", "node_modules", "sdks", "bin", ".image"]) {
        symlinkSync(join(root, entry), join(folder, entry));
    }
    return folder;
}
