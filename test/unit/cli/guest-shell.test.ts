/** The console driver over a real pseudo-terminal and a real shell; only virsh is a stand-in. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GuestShell, openShell } from "../../../cli/guest-shell";

let folder: string;
const path = process.env["PATH"];
const shells: GuestShell[] = [];

const fake = (body: string): void => {
    writeFileSync(join(folder, "virsh"), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, "virsh"), 0o755);
};
const BASH =
    "echo \"Connected to domain '$5'\"; echo 'Escape character is ^] (Ctrl + ])'; exec bash --norc -i";
const open = async (timeoutSeconds = 20): Promise<GuestShell> => {
    const shell = await openShell({ uri: "test:///it's", domain: "ws", timeoutSeconds });
    shells.push(shell);
    return shell;
};

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-console-"));
    process.env["PATH"] = `${folder}:${path ?? ""}`;
});
afterEach(async () => {
    await Promise.all(shells.splice(0).map((shell) => shell.close()));
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true, force: true });
});

test("runs commands one after the other, with quotes, newlines and exit statuses", async () => {
    fake(BASH);
    const shell = await open();
    expect(await shell.run("echo \"it's\"; printf 'a\\nb'", 10)).toEqual({ status: 0, output: "it's\na\nb" });
    expect(await shell.run("echo oops >&2; exit 3", 10)).toEqual({ status: 3, output: "oops\n" });
    expect(await shell.run("cat", 10)).toEqual({ status: 0, output: "" });
    expect(shell.transcript()).toContain("Connected to domain 'ws'");
}, 60_000);

test("a shell that comes late is waited for", async () => {
    fake(BASH.replace("exec bash", "stty raw -echo; head -c 40 >/dev/null; stty sane; exec bash"));
    const shell = await open();
    expect(await shell.run("echo up", 10)).toEqual({ status: 0, output: "up\n" });
}, 60_000);

test("a command that does not end is ended inside the guest", async () => {
    fake(BASH);
    const shell = await open();
    expect((await shell.run("sleep 60", 1)).status).toBe(124);
}, 60_000);

test("a console that closes is an error with what it showed last", async () => {
    fake("echo 'error: failed to get domain'; exit 1");
    await expect(open()).rejects.toThrow(
        /no session on the console of ws: the console closed; it last showed: error: failed to get domain/,
    );
}, 60_000);

test("a console without a shell is an error", async () => {
    fake("echo 'Escape character is ^]'; stty raw -echo; cat >/dev/null");
    await expect(open(2)).rejects.toThrow(/no shell on the console of ws: nothing within 2 s/);
}, 60_000);
