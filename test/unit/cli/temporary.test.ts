import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tmpdir } from "node:os";
import { sweep, withTemporaryFolder } from "../../../util/temporary";
import { identify, inodeOf } from "../../../util/proc";

const namespace = String(inodeOf("/proc/self/ns/pid"));
const nameFor = (pid: number, startTime: string, of = namespace): string =>
    `sallyport-read-back.${pid}.${startTime}.${of}.Ab12cD`;

test("a folder says whose it is, and goes with its use, however that ends", async () => {
    const folders: string[] = [];
    expect(
        await withTemporaryFolder("read-back", async (folder) => {
            folders.push(folder);
            writeFileSync(join(folder, "image"), "x");
            return existsSync(folder);
        }),
    ).toBe(true);
    await expect(
        withTemporaryFolder("read-back", async (folder) => {
            folders.push(folder);
            throw new Error("no");
        }),
    ).rejects.toThrow("no");
    const self = identify(process.pid);
    expect(folders.map((folder) => basename(folder).slice(0, -6))).toEqual(
        Array(2).fill(nameFor(self?.pid ?? 0, self?.startTime ?? "").slice(0, -6)),
    );
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
});

describe("sweeping", () => {
    let parent: string;
    beforeEach(() => {
        parent = mkdtempSync(join(tmpdir(), "temporary-"));
    });
    afterEach(() => rmSync(parent, { recursive: true }));
    const make = (name: string): string => {
        mkdirSync(join(parent, name));
        writeFileSync(join(parent, name, "image"), "x");
        return name;
    };

    test("a process that was killed leaves its folder; then it goes, and a living one's stays", async () => {
        const child = spawn("sleep", ["300"], { stdio: "ignore" });
        await once(child, "spawn");
        const killed = identify(child.pid ?? 0);
        const self = identify(process.pid);
        const [theirs, ours] = [killed, self].map((id) => make(nameFor(id?.pid ?? 0, id?.startTime ?? "")));
        await sweep(parent);
        expect(readdirSync(parent).sort()).toEqual([theirs, ours].sort());
        child.kill("SIGKILL");
        await once(child, "exit");
        await sweep(parent);
        expect(readdirSync(parent)).toEqual([ours]);
    });

    test("a pid that the kernel gave to a later process does not keep it", async () => {
        make(nameFor(process.pid, "1"));
        await sweep(parent);
        expect(readdirSync(parent)).toEqual([]);
    });

    test("nothing else is touched", async () => {
        const others = [
            make(nameFor(999_999_999, "1", "4026")),
            make("sallyport-read-back-Ab12cD"),
            make("systemd-private-1.1.1.Ab12cD"),
            make(`${nameFor(999_999_999, "1")}.kept`),
        ];
        const outside = mkdtempSync(join(tmpdir(), "temporary-"));
        writeFileSync(join(outside, "kept"), "");
        symlinkSync(outside, join(parent, nameFor(999_999_999, "2")));
        await sweep(parent);
        expect(readdirSync(parent).sort()).toEqual(others.sort());
        expect(readdirSync(outside)).toEqual(["kept"]);
        rmSync(outside, { recursive: true });
        await expect(sweep(join(parent, "absent"))).resolves.toBeUndefined();
    });

    test("another user's folder is not touched", async () => {
        const name = make(nameFor(999_999_999, "3"));
        await sweep(parent, (process.getuid?.() ?? 0) + 1);
        expect(readdirSync(parent)).toEqual([name]);
        await sweep(parent);
        expect(readdirSync(parent)).toEqual([]);
    });
});
