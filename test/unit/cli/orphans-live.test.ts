import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planOf } from "../../../cli/live/lab-stack-config";
import { liveObjects } from "../../../cli/orphans/live";

/** A virsh that lists one pool of ours, active or not, and answers the rest as told. */
function fake(folder: string, answers: Readonly<Record<string, string>>): void {
    const all = { "list --all --name": "", "net-list --all --name": "", "nwfilter-list": "", "pool-list --all --name": `echo ${POOL}`, ...answers };
    const cases = Object.entries(all).map(([args, act]) => `*" ${args}") ${act || ":"};;`).join("\n");
    writeFileSync(join(folder, "virsh"), `#!/bin/sh\ncd ${folder}\ncase "$*" in\n${cases}\n*) echo "error: $*" >&2; exit 1;; esac\n`, { mode: 0o755 });
}

const plan = planOf("s", {});
const POOL = "sallyport-s-default";
const failing = (message: string): string => `echo 'error: ${message}' >&2; exit 1`;
const ACTIVE = { "pool-list --name": `echo ${POOL}` };

describe("volumes of a pool", () => {
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
    const volumes = async (answers: Readonly<Record<string, string>>): Promise<string[]> => {
        fake(folder, answers);
        return (await liveObjects(plan)).filter((o) => o.kind === "volume").map((o) => o.name);
    };

    test("of an active pool", async () => {
        expect(await volumes({ ...ACTIVE, [`pool-refresh ${POOL}`]: "", [`vol-list ${POOL}`]: "echo 'a.qcow2 /x/a.qcow2'" })).toEqual([`${POOL}/a.qcow2`]);
    });

    test("of one that has to be started", async () => {
        expect(await volumes({
            "pool-list --name": "cat started 2>/dev/null; true", [`pool-start ${POOL}`]: `echo ${POOL} >started`,
            [`pool-refresh ${POOL}`]: "", [`vol-list ${POOL}`]: "echo 'a.qcow2 /x'",
        })).toEqual([`${POOL}/a.qcow2`]);
    });

    test.each([
        ["can't be started", { "pool-list --name": "", [`pool-start ${POOL}`]: failing("cannot open directory") }],
        ["falls inactive when it is refreshed", {
            "pool-list --name": `test -e asked || echo ${POOL}`, [`pool-refresh ${POOL}`]: `touch asked; ${failing("cannot open directory")}`,
        }],
    ])("of one that %s there are none", async (_, answers) => {
        expect(await volumes(answers)).toEqual([]);
    });

    test.each([
        ["an active pool that can't be refreshed", { ...ACTIVE, [`pool-refresh ${POOL}`]: failing("Cannot recv data") }, /pool-refresh .* Cannot recv data/],
        ["an active pool that can't be listed", { ...ACTIVE, [`pool-refresh ${POOL}`]: "", [`vol-list ${POOL}`]: failing("End of file while reading data") }, /vol-list .* End of file/],
        ["a libvirt that does not say which pools are active", { "pool-list --name": failing("Cannot recv data") }, /pool-list .* Cannot recv data/],
    ])("%s is no pool without volumes", async (_, answers, message) => {
        await expect(volumes(answers)).rejects.toThrow(message);
    });
});
