/** A run of jest works in a sandbox, also when it was started by hand. Its workers inherit the environment. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isAlive } from "../../../util/proc";
import { projectRoot } from "../../../util/root";
import { openSandbox, sandboxes, VARIABLE } from "./sandbox";

export default function setUp(): void {
    if ((process.env[VARIABLE] ?? "") !== "") {
        return;
    }
    if (sandboxes().some(({ owner }) => !isAlive(owner))) {
        // In a process of its own: jest's set-up cannot load what the lab imports.
        spawnSync(join(projectRoot(), "test", "sandboxed"), ["--dead"], { stdio: "inherit" });
    }
    process.env["TMPDIR"] = process.env[VARIABLE] = openSandbox().folder;
}
