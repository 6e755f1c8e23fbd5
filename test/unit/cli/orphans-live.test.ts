import { planOf } from "../../../cli/live/lab-stack-config";
import { liveObjects } from "../../../cli/orphans/live";
import { fakeVirsh } from "./fake-virsh";

const plan = planOf("s", {});
const POOL = "sallyport-s-default";
const failing = (message: string): string => `echo 'error: ${message}' >&2; exit 1`;
/** One pool of ours, active or not. */
const LISTS = { "list --all --name": "", "net-list --all --name": "", "nwfilter-list": "", "pool-list --all --name": `echo ${POOL}` };
const ACTIVE = { "pool-list --name": `echo ${POOL}` };

describe("volumes of a pool", () => {
    const answer = fakeVirsh();
    const volumes = async (answers: Readonly<Record<string, string>>): Promise<string[]> => {
        answer({ ...LISTS, ...answers }, 'echo "error: $*" >&2; exit 1');
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
