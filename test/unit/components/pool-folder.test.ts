import { requirePoolFolder } from "../../../components/pool-folder";
import type { FileCall } from "../../../libvirt/file-call";
import { answered } from "../../support/fake-virsh";

const URI = "qemu:///system?socket=/run/x";
const POOL = "sallyport-cell-image";
const PATH = `/srv/pools/${POOL}`;
const PROBE = `sallyport.folder.${POOL}`;
/** What libvirt 11.3 and virsh say. */
const ABSENT = `error: failed to get pool '${PROBE}'\nerror: Storage pool not found: no storage pool with matching name '${PROBE}'\n`;
const failed = (why: string): string => `error: Failed to create pool from /tmp/x.xml\nerror: ${why}\n`;

/** A libvirt that says this on stderr; the call's end is the one of its last word, pool-destroy. */
function libvirt(stderr: string, ok: boolean): { call: FileCall; asked: string[] } {
    const asked: string[] = [];
    return {
        asked,
        call: (text, words) => {
            asked.push(words("F").join(" "), text);
            return Promise.resolve(answered(ok, stderr));
        },
    };
}

it.each([
    ["nothing was left", ABSENT, true],
    ["a killed run's probe was there", "", true],
    ["another run took it away meanwhile", ABSENT + ABSENT, false],
])("a folder that libvirt makes is a good one: %s", async (_, stderr, ok) => {
    const { call, asked } = libvirt(stderr, ok);
    await expect(requirePoolFolder(URI, POOL, PATH, call)).resolves.toBeUndefined();
    expect(asked).toEqual([
        `pool-destroy ${PROBE}; pool-create --build 'F'; pool-destroy ${PROBE}`,
        `<pool type='dir'><name>${PROBE}</name><target><path>${PATH}</path></target></pool>\n`,
    ]);
});

it.each([
    [
        "a file in its place",
        failed(`cannot create path '/srv/pools': Not a directory`) + ABSENT,
        "Not a directory",
    ],
    [
        "a file system that is read only",
        ABSENT + failed(`failed to create directory '${PATH}': Read-only file system`) + ABSENT,
        "Read-only file system",
    ],
    [
        "another pool over it",
        ABSENT + failed("operation failed: Storage source conflict with pool: 'other'") + ABSENT,
        "conflict with pool: 'other'",
    ],
    ["a virsh that ended without a word", "", "virsh failed and did not say why"],
    ["words that are no complaint of virsh's", "Killed\nby x", "Killed: by x"],
])("%s is told in one line: property, value, what libvirt says, a command", async (_, stderr, said) => {
    const { call } = libvirt(stderr, false);
    const error = await requirePoolFolder(URI, POOL, PATH, call).then(
        () => undefined,
        (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(
        /^sallyport:storage\.path: got "\/srv\/pools"; allowed: a folder of the host at qemu:.* that libvirt may write to; it makes no \/srv\/pools\/sallyport-cell-image there: [^\n]*; fix: before the first up: bin\/pulumi config set --path 'sallyport:storage\.path' \/var\/lib\/libvirt\/images$/,
    );
    expect(error?.message).toContain(said);
});
