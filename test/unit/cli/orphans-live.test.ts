import type { LiveObject } from "../../../cli/orphans/find";
import type { LibvirtObject } from "../../../libvirt/objects";
import { planOf } from "../../../cli/live/lab-stack-config";
import { liveObjects, usedBy } from "../../../cli/orphans/live";
import { fakeVirsh } from "../../support/fake-virsh";

const plan = planOf("s", {});
const POOL = "sallyport-s-default";
const failing = (message: string): string => `echo 'error: ${message}' >&2; exit 1`;
/** One pool of ours, active or not. */
const LISTS = {
    "list --all --name": "",
    "net-list --all --name": "",
    "nwfilter-list": "",
    "pool-list --all --name": `echo ${POOL}`,
};
const ACTIVE = { "pool-list --name": `echo ${POOL}` };

describe("volumes of a pool", () => {
    const answer = fakeVirsh();
    const volumes = async (answers: Readonly<Record<string, string>>): Promise<string[]> => {
        answer({ ...LISTS, ...answers }, 'echo "error: $*" >&2; exit 1');
        return (await liveObjects(plan)).filter((o) => o.kind === "volume").map((o) => o.name);
    };

    test("of an active pool", async () => {
        expect(
            await volumes({
                ...ACTIVE,
                [`pool-refresh ${POOL}`]: "",
                [`vol-list ${POOL}`]: "echo 'a.qcow2 /x/a.qcow2'",
            }),
        ).toEqual([`${POOL}/a.qcow2`]);
    });

    test("of one that has to be started", async () => {
        expect(
            await volumes({
                "pool-list --name": "cat started 2>/dev/null; true",
                [`pool-start ${POOL}`]: `echo ${POOL} >started`,
                [`pool-refresh ${POOL}`]: "",
                [`vol-list ${POOL}`]: "echo 'a.qcow2 /x'",
            }),
        ).toEqual([`${POOL}/a.qcow2`]);
    });

    test.each([
        [
            "can't be started",
            { "pool-list --name": "", [`pool-start ${POOL}`]: failing("cannot open directory") },
        ],
        [
            "falls inactive when it is refreshed",
            {
                "pool-list --name": `test -e asked || echo ${POOL}`,
                [`pool-refresh ${POOL}`]: `touch asked; ${failing("cannot open directory")}`,
            },
        ],
    ])("of one that %s there are none", async (_, answers) => {
        expect(await volumes(answers)).toEqual([]);
    });

    test.each([
        [
            "an active pool that can't be refreshed",
            { ...ACTIVE, [`pool-refresh ${POOL}`]: failing("Cannot recv data") },
            /pool-refresh .* Cannot recv data/,
        ],
        [
            "an active pool that can't be listed",
            {
                ...ACTIVE,
                [`pool-refresh ${POOL}`]: "",
                [`vol-list ${POOL}`]: failing("End of file while reading data"),
            },
            /vol-list .* End of file/,
        ],
        [
            "a libvirt that does not say which pools are active",
            { "pool-list --name": failing("Cannot recv data") },
            /pool-list .* Cannot recv data/,
        ],
    ])("%s is no pool without volumes", async (_, answers, message) => {
        await expect(volumes(answers)).rejects.toThrow(message);
    });
});

describe("what is looked at", () => {
    const answer = fakeVirsh();
    const P = "sallyport-s";
    const NONE = {
        "list --all --name": "",
        "net-list --all --name": "",
        "nwfilter-list": "",
        "pool-list --all --name": "",
    };
    const found = async (
        answers: Readonly<Record<string, string>>,
        ...named: LibvirtObject[]
    ): Promise<LiveObject[]> => {
        answer({ ...NONE, ...answers }, 'echo "error: $*" >&2; exit 1');
        return liveObjects(plan, named);
    };
    const xml = (network: string, pool: string): string =>
        `<domain><devices><disk><source pool="${pool}" volume="v"/></disk><interface><source network="${network}"/></interface></devices></domain>`;

    test("of domains that only begin like the stack's: what they are on", async () => {
        expect(
            await found({
                "list --all --name": `printf '%s\\n' mail ${P}x ${P}-gone-gateway ${P}-default-gateway`,
                [`dumpxml ${P}-gone-gateway`]: `echo '${xml("n", "p")}'`,
            }),
        ).toEqual([
            {
                kind: "domain",
                name: `${P}-gone-gateway`,
                uses: [
                    { kind: "network", name: "n" },
                    { kind: "pool", name: "p" },
                ],
            },
            { kind: "domain", name: `${P}-default-gateway` },
        ]);
    });

    const onFiles = (...paths: string[]): string =>
        `<domain><devices>${paths.map((path) => `<disk type="file"><source file="${path}"/></disk>`).join("")}</devices></domain>`;
    const pools = (...files: string[]): Promise<LiveObject[]> =>
        found({
            "list --all --name": `echo ${P}-gone-gateway`,
            [`dumpxml ${P}-gone-gateway`]: `echo '${onFiles(...files)}'`,
            "pool-list --all --name": `echo ${POOL}`,
            "pool-list --name": "",
            [`pool-start ${POOL}`]: failing("cannot open directory"),
            [`pool-dumpxml ${POOL}`]: `echo '<pool type="dir"><name>${POOL}</name><target><path>/moved</path></target></pool>'`,
        });
    const IMAGES = "/var/lib/libvirt/images";

    test.each<[string, string, string[]]>([
        ["in a pool of ours that libvirt has", "/moved/x.qcow2", [POOL]],
        ["in a pool of ours that libvirt has not", `${IMAGES}/${POOL}-status/x.qcow2`, [`${POOL}-status`]],
        ["where a pool of ours was planned and is not", `${IMAGES}/${POOL}/x.qcow2`, []],
        ["below a pool's folder", "/moved/sub/x.qcow2", []],
        ["in another folder that ends like it", "/srv/moved/x.qcow2", []],
        ["by another spelling", "/moved/./x.qcow2", []],
        ["in a pool of no name of ours", `${IMAGES}/${P}-gone/x.qcow2`, []],
    ])("a disk that is a file %s", async (_, file, names) => {
        const [domain] = await pools(file);
        expect(domain?.uses).toEqual(names.map((name) => ({ kind: "pool", name })));
    });

    test("what a disk is based on is no disk, and a pool that does not say where it is stops the search", async () => {
        const based =
            '<domain><devices><disk><source file="/x"/><backingStore><source file="/moved/x"/></backingStore></disk></devices></domain>';
        expect(usedBy(based, new Map([["/moved", "p"]]))).toEqual([]);
        await expect(
            found({
                "list --all --name": `echo ${P}-gone-gateway`,
                "pool-list --all --name": `echo ${POOL}`,
            }),
        ).rejects.toThrow(/pool-dumpxml/);
    });

    test.each([
        ["network", "net-list --all --name", `echo ${P}-gone-isolated`, `${P}-gone-isolated`],
        ["filter", "nwfilter-list", `echo 'c9f0 ${P}-gone-isolated'`, `${P}-gone-isolated`],
        ["pool", "pool-list --all --name", `echo ${P}-gone`, `${P}-gone`],
    ])(
        "a %s of no plan, and no volume of a pool that may be another's",
        async (kind, question, says, name) => {
            expect(await found({ [question]: says })).toEqual([{ kind, name }]);
        },
    );

    test("volumes of a pool that the state names", async () => {
        const pool: LibvirtObject = { kind: "pool", name: `${P}-gone` };
        expect(
            await found(
                {
                    "pool-list --all --name": `echo ${pool.name}`,
                    "pool-list --name": `echo ${pool.name}`,
                    [`pool-refresh ${pool.name}`]: "",
                    [`vol-list ${pool.name}`]: "echo 'a.iso /x'",
                },
                pool,
            ),
        ).toEqual([{ kind: "volume", name: `${pool.name}/a.iso` }, pool]);
    });

    test("a domain that can't be looked at is no domain without a network", async () => {
        await expect(found({ "list --all --name": `echo ${P}-gone-gateway` })).rejects.toThrow(/dumpxml/);
        expect(() => usedBy("", new Map())).toThrow();
    });
});

describe("a pool of data volumes", () => {
    const answer = fakeVirsh();
    const DATA = "sallyport-s-default-data";
    const [HOME, OTHER] = ["sallyport-s-default-workstation-ws1-home", "left-by-hand.img"];
    const info = (allocation: string): string =>
        `printf 'Name:           x\\nCapacity:       8589934592 bytes\\nAllocation:     ${allocation}\\n'`;
    const found = async (allocation: string, file = HOME): Promise<readonly LiveObject[]> => {
        answer(
            {
                ...LISTS,
                "pool-list --all --name": `echo ${DATA}`,
                "pool-list --name": `echo ${DATA}`,
                [`pool-refresh ${DATA}`]: "",
                [`vol-list ${DATA}`]: `echo '${file} /x/${file}'`,
                [`vol-info --bytes --pool ${DATA} ${file}`]: info(allocation),
            },
            'echo "error: $*" >&2; exit 1',
        );
        return liveObjects(plan);
    };
    const held = async (allocation: string, file = HOME): Promise<unknown[]> =>
        (await found(allocation, file)).map((o) => [o.kind, o.holdsData ?? false]);

    test("holds data as soon as one block was written, and so does its pool", async () => {
        expect(await held("0 bytes")).toEqual([
            ["volume", false],
            ["pool", false],
        ]);
        for (const allocation of ["4096 bytes", "", "nobody knows"]) {
            expect(await held(allocation)).toEqual([
                ["volume", true],
                ["pool", true],
            ]);
        }
    });

    test("holds data with a file of somebody else's, empty or not", async () => {
        expect(await held("0 bytes", OTHER)).toEqual([
            ["volume", true],
            ["pool", true],
        ]);
    });
});
