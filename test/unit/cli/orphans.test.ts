import { doubtfulCheck, orphanCheck } from "../../../cli/orphans";
import {
    type Ambiguous,
    guestVolume,
    inState,
    classify,
    type Knowledge,
    type LiveObject,
    namedIn,
    type Orphan,
    planned,
} from "../../../cli/orphans/find";
import { type LibvirtObject, removal } from "../../../libvirt/objects";
import { planOf } from "../../../cli/live/lab-stack-config";
import type { StackPlan } from "../../../plan/plan";

const plan = planOf("s", {});
const P = "sallyport-s";
const knowing = (known: readonly LibvirtObject[], more: Partial<Knowledge> = {}): Knowledge => ({
    known,
    named: known,
    elsewhere: new Map(),
    ...more,
});
/** Of a state that names what it holds, and no other stack. */
const orphansOf = (
    of: StackPlan,
    known: readonly LibvirtObject[],
    there: readonly LiveObject[],
): readonly Orphan[] => {
    const { orphans, ambiguous } = classify(of, knowing(known), there);
    expect(ambiguous).toEqual([]);
    return orphans;
};
const state = (...resources: unknown[]): string =>
    JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });
const resource = (type: string, outputs: Record<string, unknown>): unknown => ({ type, outputs });
const whole = [
    resource("libvirt:index/domain:Domain", { name: `${P}-default-gateway` }),
    resource("libvirt:index/network:Network", { name: `${P}-default-isolated` }),
    resource("libvirt:index/pool:Pool", { name: `${P}-default-status` }),
    resource("libvirt:index/pool:Pool", { name: `${P}-default` }),
    resource("libvirt:index/volume:Volume", { name: "a.qcow2", pool: `${P}-default` }),
    resource("command:local:Command", { name: "x" }),
    {
        type: "command:local:Command",
        inputs: {
            create: `bin/sallyport define-filter --uri qemu:///system --name ${P}-default-isolated --rules 0`,
        },
    },
    resource("libvirt:index/cloudinitDisk:CloudinitDisk", { name: "b.iso", pool: `${P}-default` }),
];
const live: LibvirtObject[] = [
    { kind: "domain", name: `${P}-default-gateway` },
    { kind: "volume", name: `${P}-default/a.qcow2` },
    { kind: "volume", name: `${P}-default/b.iso` },
    { kind: "volume", name: `${P}-default-status/${P}-default-gateway.status` },
    { kind: "volume", name: `${P}-default-status/${P}-default-gateway.status.host` },
    { kind: "network", name: `${P}-default-isolated` },
    { kind: "filter", name: `${P}-default-isolated` },
    { kind: "pool", name: `${P}-default-status` },
    { kind: "pool", name: `${P}-default` },
];

test("what is in the state is no orphan, nor are status files in a known pool", () => {
    expect(orphansOf(plan, inState(state(...whole)), live)).toEqual([]);
});

test.each(
    live.filter((o) => o.kind !== "pool" && !o.name.includes(".status")).map((o) => [o.kind, o] as const),
)("a %s that the state forgot", (_, forgotten) => {
    const names = inState(state(...whole)).filter(
        (o) => o.kind !== forgotten.kind || o.name !== forgotten.name,
    );
    expect(orphansOf(plan, names, live)).toMatchObject([forgotten]);
});

test("a forgotten domain takes its overlay along, which is half-made, and no other's", () => {
    const overlay: LibvirtObject = {
        kind: "volume",
        name: `${P}-default/${P}-default-gateway-0123abcd.qcow2`,
    };
    const others: LibvirtObject[] = [
        "workstation-ws1-0123abcd.qcow2",
        "gateway-0123abcd-seed.iso",
        "gateway-x-0123abcd.qcow2",
    ].map((name) => ({ kind: "volume", name: `${P}-default/${P}-default-${name}` }));
    const gateway: LibvirtObject = { kind: "domain", name: `${P}-default-gateway` };
    const all = [overlay, ...others, gateway];
    const known = [overlay, ...others, { kind: "pool", name: `${P}-default` } as const];
    expect(orphansOf(plan, known, all).map((o) => [o.name, o.known])).toEqual([
        [gateway.name, false],
        [overlay.name, true],
    ]);
    expect(orphansOf(plan, [...known, gateway], all)).toEqual([]);
});

test.each(
    live.filter((o) => o.kind !== "pool" && !o.name.includes(".status")).map((o) => [o.kind, o] as const),
)("a %s by the name of one whose replacement was begun", (_, namesake) => {
    const begun = whole.map((r) => ({
        ...(r as object),
        ...(inState(state(r)).some((o) => o.kind === namesake.kind && o.name === namesake.name)
            ? { pendingReplacement: true }
            : {}),
    }));
    expect(orphansOf(plan, inState(state(...begun)), live)).toMatchObject([namesake]);
});

test("of a domain whose replacement was begun the overlay stays that it had run on; one that came later is half-made", () => {
    const gateway: LibvirtObject = { kind: "domain", name: `${P}-default-gateway` };
    const overlay: LibvirtObject = {
        kind: "volume",
        name: `${P}-default/${P}-default-gateway-0123abcd.qcow2`,
    };
    const orphans = (overlayCreated: string | undefined, pendingReplacement = true): string[] =>
        orphansOf(
            plan,
            inState(
                state(
                    {
                        ...(resource("libvirt:index/domain:Domain", { name: gateway.name }) as object),
                        created: "2026-01-01T00:00:05.5Z",
                        pendingReplacement,
                    },
                    {
                        ...(resource("libvirt:index/volume:Volume", {
                            name: overlay.name.split("/")[1],
                            pool: `${P}-default`,
                        }) as object),
                        ...(overlayCreated === undefined ? {} : { created: overlayCreated }),
                    },
                    resource("libvirt:index/pool:Pool", { name: `${P}-default` }),
                ),
            ),
            [gateway, overlay],
        ).map((o) => o.name);
    expect(orphans("2026-01-01T00:00:05.25Z")).toEqual([gateway.name]);
    expect(orphans("2026-01-01T00:00:06Z")).toEqual([gateway.name, overlay.name]);
    expect(orphans(undefined)).toEqual([gateway.name, overlay.name]);
    expect(orphans("2026-01-01T00:00:05.25Z", false)).toEqual([]);
});

test("a forgotten status pool goes with its files, files first", () => {
    const names = inState(state(...whole)).filter((o) => o.name !== `${P}-default-status`);
    expect(orphansOf(plan, names, live).map((o) => o.kind)).toEqual(["volume", "volume", "pool"]);
});

test("anybody's objects are never orphans", () => {
    const foreign: LibvirtObject[] = [
        { kind: "domain", name: "mail" },
        { kind: "volume", name: "default/mail.qcow2" },
        { kind: "network", name: "default" },
        { kind: "pool", name: "default" },
        { kind: "domain", name: "sallyport-st-default-gateway" },
        { kind: "domain", name: P },
        { kind: "filter", name: "clean-traffic" },
    ];
    expect(classify(plan, knowing([]), foreign)).toEqual({ orphans: [], ambiguous: [] });
});

describe("what the configuration names no more", () => {
    const ws2: LiveObject = {
        kind: "domain",
        name: `${P}-default-workstation-ws2`,
        uses: [{ kind: "network", name: `${P}-default-isolated` }],
    };
    const plain: LibvirtObject = { kind: ws2.kind, name: ws2.name };
    const creating = (type: string, inputs: Record<string, unknown>): string =>
        JSON.stringify({
            deployment: {
                manifest: {},
                resources: whole,
                pending_operations: [{ type: "creating", resource: { type, inputs } }],
            },
        });

    test.each([
        ["domain", "libvirt:index/domain:Domain", { name: plain.name }, plain],
        [
            "network",
            "libvirt:index/network:Network",
            { name: `${P}-old-isolated` },
            { kind: "network", name: `${P}-old-isolated` },
        ],
        ["pool", "libvirt:index/pool:Pool", { name: `${P}-old` }, { kind: "pool", name: `${P}-old` }],
        [
            "filter",
            "command:local:Command",
            { create: `bin/sallyport define-filter --uri qemu:///system --name ${P}-old-isolated --rules 0` },
            { kind: "filter", name: `${P}-old-isolated` },
        ],
        [
            "seed in a pool of the state",
            "libvirt:index/cloudinitDisk:CloudinitDisk",
            { name: "c.iso", pool: `${P}-default` },
            { kind: "volume", name: `${P}-default/c.iso` },
        ],
    ] as const)(
        "a %s that was being created when up was killed is an orphan, and ambiguous at most " +
            "without that note",
        (_kind, type, inputs, left) => {
            const exported = creating(type, inputs);
            expect(inState(exported)).toEqual(inState(state(...whole)));
            expect(
                classify(plan, knowing(inState(exported), { named: namedIn(exported) }), [...live, left]),
            ).toEqual({ orphans: [expect.objectContaining(left)], ambiguous: [] });
            const without = classify(plan, knowing(inState(state(...whole))), [...live, left]);
            expect([...without.orphans, ...without.ambiguous]).toMatchObject([left]);
        },
    );

    test("a domain on a network or with a disk in a pool of the stack's is its, by whatever note", () => {
        const known = inState(state(...whole));
        const onPool: LiveObject = { ...plain, uses: [{ kind: "pool", name: `${P}-default` }] };
        for (const domain of [ws2, onPool]) {
            expect(classify(plan, knowing(known), [domain])).toMatchObject({
                orphans: [plain],
                ambiguous: [],
            });
        }
        const elsewhere: LiveObject = { ...plain, uses: [{ kind: "network", name: "default" }] };
        expect(classify(plan, knowing(known), [elsewhere])).toMatchObject({
            orphans: [],
            ambiguous: [plain],
        });
    });

    test("an enclave that was renamed: its pools are still looked into, its status files are still libvirt's own", () => {
        const renamed = planOf("s", { enclaves: [{ name: "new" }] });
        const known = inState(state(...whole));
        expect(classify(renamed, knowing(known), live)).toEqual({ orphans: [], ambiguous: [] });
        const volume: LibvirtObject = { kind: "volume", name: `${P}-default/left.qcow2` };
        expect(classify(renamed, knowing(known), [...live, volume, ws2])).toMatchObject({
            orphans: [plain, volume],
            ambiguous: [],
        });
        const foreign: LibvirtObject = { kind: "volume", name: `${P}-default-status/notes` };
        expect(classify(renamed, knowing(known), [...live, foreign])).toMatchObject({
            orphans: [foreign],
            ambiguous: [],
        });
    });

    test("a resource that the state names without holding it is this stack's", () => {
        expect(classify(plan, { known: [], named: [plain], elsewhere: new Map() }, [plain])).toMatchObject({
            orphans: [plain],
            ambiguous: [],
        });
    });
});

describe("stacks whose names nest: s with enclave x-default, s-x with enclave default", () => {
    const theirs: LibvirtObject[] = [
        { kind: "domain", name: `${P}-x-default-gateway` },
        { kind: "network", name: `${P}-x-default-isolated` },
        { kind: "filter", name: `${P}-x-default-isolated` },
        { kind: "pool", name: `${P}-x-default` },
    ];

    test("what only begins like this stack's is ambiguous, not to be removed", () => {
        expect(classify(plan, knowing([]), theirs)).toMatchObject({ orphans: [], ambiguous: theirs });
    });

    test("unless the other's state has it: then it is that stack's", () => {
        const elsewhere = new Map(theirs.map(({ kind, name }) => [`${kind} ${name}`, "s-x"]));
        expect(classify(plan, knowing([], { elsewhere }), theirs)).toEqual({ orphans: [], ambiguous: [] });
        elsewhere.delete(`domain ${P}-x-default-gateway`);
        expect(classify(plan, knowing([], { elsewhere }), theirs)).toMatchObject({
            orphans: [],
            ambiguous: [theirs[0]],
        });
    });

    test("names of this stack's plan that the other's state has are not removed either, and this state's own are no other's", () => {
        const both = planOf("s", { enclaves: [{ name: "x-default" }] });
        const elsewhere = new Map([[`domain ${P}-x-default-gateway`, "s-x"]]);
        const found = classify(both, knowing([], { elsewhere }), theirs.slice(0, 2));
        expect(found).toMatchObject({
            orphans: [theirs[1]],
            ambiguous: [{ ...theirs[0], reason: expect.stringContaining("stack s-x") }],
        });
        expect(classify(both, knowing(theirs, { elsewhere }), theirs)).toEqual({
            orphans: [],
            ambiguous: [],
        });
    });

    test("both are said with commands, the ambiguous undecided and without --remove", () => {
        const [orphan, ambiguous] = [
            orphanCheck(plan, "s", { kind: "domain", name: "d", known: false, reason: "not in the state" }),
            doubtfulCheck(plan, { kind: "pool", name: "p", reason: "perhaps" }),
        ];
        expect(orphan).toMatchObject({
            status: "fail",
            fix: expect.stringMatching(
                /orphans --stack s --remove, which runs: virsh -c 'qemu:\/\/\/system' destroy d; .* undefine d$/,
            ),
        });
        expect(ambiguous).toMatchObject({
            status: "undecided",
            fix: expect.stringMatching(/--remove leaves it alone; .*vol-list p.*pool-undefine p$/),
        });
    });
});

test("without a state there is no answer", () => {
    for (const text of ["{}", "null", '{"deployment":{}}', "[]"]) {
        expect(() => inState(text)).toThrow("no deployment");
        expect(() => namedIn(text)).toThrow("no deployment");
    }
    expect(() => inState("error: no stack")).toThrow();
});

test("everything that is planned can be removed, domains first", () => {
    const all = orphansOf(plan, [], [...planned(plan)].reverse());
    expect(all.map((o) => o.kind)).toEqual([
        "domain",
        "domain",
        "network",
        "network",
        "filter",
        "pool",
        "pool",
        "pool",
        "pool",
    ]);
    expect(removal({ kind: "volume", name: "p/v" })).toEqual([
        { args: ["vol-delete", "--pool", "p", "v"], mayFail: false },
    ]);
    expect(all.every((o) => removal(o).some((call) => !call.mayFail))).toBe(true);
});

test("disks and seeds of guests, planned or not, are wiped before they are removed, and nothing else is", () => {
    const of = (name: string, kind: LibvirtObject["kind"] = "volume"): unknown => guestVolume({ kind, name });
    const gateway = `${P}-default-gateway`;
    expect(of(`${P}-default/${gateway}-0123abcd.qcow2`)).toEqual({
        pool: `${P}-default`,
        volume: `${gateway}-0123abcd.qcow2`,
        domain: gateway,
    });
    expect(of(`${P}-default/${P}-default-workstation-ws1-0123abcd-seed.iso`)).toMatchObject({
        domain: `${P}-default-workstation-ws1`,
    });
    expect(of(`${P}-dropped/${P}-dropped-workstation-ws1-0123abcd.qcow2`)).toMatchObject({
        domain: `${P}-dropped-workstation-ws1`,
    });
    for (const name of [
        `${P}-image/sallyport-0123456789ab.qcow2`,
        `${P}-default-status/${gateway}.status`,
        `default/${gateway}-0123abcd.qcow2`,
        `${P}-default/mail-0123abcd.qcow2`,
        `${P}-default/${gateway}.qcow2`,
    ]) {
        expect([name, of(name)]).toEqual([name, undefined]);
    }
    expect(of(`${P}-default`, "pool")).toBeUndefined();
});

describe("a volume that outlives its guest", () => {
    const DATA = `${P}-default-data`;
    const home: LiveObject = { kind: "volume", name: `${DATA}/${P}-default-workstation-ws1-home` };
    const pool: LiveObject = { kind: "pool", name: DATA };

    test("is no orphan while it holds data, nor is its pool, whether its guest is declared or not", () => {
        for (const settings of [{}, { enclaves: [{ name: "other" }] }]) {
            const own = planOf("s", settings);
            const named: LibvirtObject[] = [pool];
            const { orphans, ambiguous } = classify(own, knowing([], { named }), [
                { ...home, holdsData: true },
                { ...pool, holdsData: true },
            ]);
            expect(orphans).toEqual([]);
            expect(ambiguous).toMatchObject([
                { ...home, reason: "not in the state, and it holds kept data of a guest" },
                { ...pool, reason: "not in the state, and there is kept data of a guest in it" },
            ]);
            expect(doubtfulCheck(own, ambiguous[0] as Ambiguous)).toMatchObject({ status: "undecided" });
        }
    });

    test("is one while it is empty: an up was cut off between it and its guest", () => {
        expect(orphansOf(plan, [], [home, pool])).toMatchObject([home, pool]);
    });

    test("is none where the state knows it", () => {
        expect(
            orphansOf(
                plan,
                [home, pool],
                [
                    { ...home, holdsData: true },
                    { ...pool, holdsData: true },
                ],
            ),
        ).toEqual([]);
    });
});
