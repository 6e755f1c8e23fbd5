/** A virsh that answers as a test tells it, first in PATH while the tests of one `describe` run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VirshResult } from "../../libvirt/client";
import { classify, complaint } from "../../libvirt/errors";

/**
 * Call it in a `describe`.
 * @returns what sets the answers: lines of /bin/sh by the arguments that come after the connection, and for any others
 */
export function fakeVirsh(): (answers: Readonly<Record<string, string>>, otherwise: string) => void {
    const path = process.env["PATH"];
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "virsh-"));
        process.env["PATH"] = `${folder}:${path ?? ""}`;
    });
    afterEach(() => {
        process.env["PATH"] = path;
        rmSync(folder, { recursive: true });
    });
    return (answers, otherwise) => {
        const cases = Object.entries(answers)
            .map(([args, act]) => `*" ${args}") ${act || ":"};;`)
            .join("\n");
        writeFileSync(
            join(folder, "virsh"),
            `#!/bin/sh\ncd ${folder}\ncase "$*" in\n${cases}\n*) ${otherwise};;\nesac\n`,
            { mode: 0o755 },
        );
    };
}

/** The client's result for what virsh wrote to stderr. */
export const answered = (ok: boolean, stderr: string): VirshResult => ({
    outcome: ok ? "ok" : classify(stderr),
    stdout: "",
    message: ok ? "" : complaint(stderr) || "virsh failed and did not say why",
    ...(stderr === "" ? {} : { stderr }),
});
