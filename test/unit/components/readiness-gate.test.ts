import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../../../components/cli-command";
import { askBeforehand } from "../../../components/readiness-gate";

describe("the question before a Workstation is created", () => {
    it("is shared by those that come at one time, and asked again later", async () => {
        const answers: (() => void)[] = [];
        const ask = askBeforehand(() => new Promise((resolve) => answers.push(resolve)));
        const together = [ask(), ask()];
        expect(answers).toHaveLength(1);
        answers.forEach((answer) => answer());
        await Promise.all(together);
        const later = ask();
        expect(answers).toHaveLength(2);
        answers.forEach((answer) => answer());
        await later;
    });

    it("holds up those who asked when the answer is no, and is asked again", async () => {
        let asked = 0;
        const ask = askBeforehand(() => {
            asked += 1;
            return Promise.reject(new Error("shut off"));
        });
        await expect(Promise.all([ask(), ask()])).rejects.toThrow("shut off");
        await expect(ask()).rejects.toThrow("shut off");
        expect(asked).toBe(2);
    });
});

describe("a verb of bin/sallyport", () => {
    let folder: string;
    const program = (text: string): void => {
        writeFileSync(join(folder, "bin/sallyport"), `#!/bin/sh\n${text}\n`);
        chmodSync(join(folder, "bin/sallyport"), 0o755);
    };
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sallyport-gate-"));
        mkdirSync(join(folder, "bin"));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it("gets its options as they are", async () => {
        program(
            '[ "$*" = "wait-ready --uri qemu:///system?a=\'b c\' --timeout 300" ] || { echo "got $*" >&2; exit 1; }',
        );
        await runCli("wait-ready", { uri: "qemu:///system?a='b c'", timeout: 300 }, folder);
    });

    it("fails with what it said, and when there is no such program", async () => {
        program("echo 'domain gw is not running; fix: look' >&2; exit 3");
        await expect(runCli("wait-ready", {}, folder)).rejects.toThrow(
            /^domain gw is not running; fix: look$/,
        );
        rmSync(join(folder, "bin/sallyport"));
        await expect(runCli("wait-ready", {}, folder)).rejects.toThrow(/ENOENT/);
    });
});
