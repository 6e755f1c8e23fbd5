/** Set-up's shell library, read with a project of its own as its root. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const LIB = resolve(__dirname, "../lib");

export class Library {
    readonly root = mkdtempSync(join(tmpdir(), "setup-"));

    constructor() {
        for (const dir of [".toolchain/bin", ".toolchain/log", "toolchain/engine", "path"]) {
            mkdirSync(join(this.root, dir), { recursive: true });
        }
    }

    /** Runs a script after the library has been read; the project's folder `path` is first in PATH. */
    bash(script: string, env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
        const read = ["versions", "common", "apt", "cloud-init", "node", "go", "pulumi", "check"]
            .map((p) => `. ${LIB}/${p}.sh`)
            .join("; ");
        return spawnSync(
            "bash",
            ["-c", `set -euo pipefail; ROOT=${this.root}; SECONDS=0; ${read}\n${script}`],
            {
                encoding: "utf8",
                env: { PATH: `${this.root}/path:/usr/bin:/bin:/usr/sbin:/sbin`, HOME: this.root, ...env },
            },
        );
    }

    /** Puts a script at a path of the project. */
    command(path: string, script: string): void {
        const file = join(this.root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `#!/bin/bash\n${script}\n`);
        chmodSync(file, 0o755);
    }

    remove(): void {
        rmSync(this.root, { recursive: true });
    }
}
