import { judgeLoss } from "../../../cli/check-data";
import { allowLines, allowedLoss, declaredData, guestsIn, keptIn } from "../../../cli/kept-data";

const PLACE = { project: "sallyport", stack: "cell" };
const P = "sallyport-cell-default";
const urn = (type: string, name: string): string => `urn:pulumi:cell::sallyport::${type}::${name}`;
const COMPONENT = { gateway: "sallyport:index:Gateway", workstation: "sallyport:index:Workstation" };

interface Options {
    readonly protect?: boolean;
    readonly folder?: string;
}

/** A guest of a state: component, volume, and the step that wipes it. */
function guest(role: "gateway" | "workstation", domain: string, { protect = true }: Options = {}): object[] {
    const parent = urn(COMPONENT[role], domain);
    const name = `${domain}-${role === "gateway" ? "state" : "home"}`;
    const volume = urn(`${COMPONENT[role]}$libvirt:index/volume:Volume`, name);
    return [
        { urn: parent, type: COMPONENT[role], inputs: { role, enclave: "default" } },
        {
            urn: urn("x", `${name}-overlay`),
            type: "libvirt:index/volume:Volume",
            parent,
            inputs: { name: `${domain}-0123abcd.qcow2`, pool: P },
        },
        {
            urn: volume,
            type: "libvirt:index/volume:Volume",
            parent,
            protect,
            inputs: { name, pool: `${P}-data`, size: 2 ** 33 },
        },
        {
            urn: urn("step", `${name}-wipe`),
            type: "command:local:Command",
            parent,
            protect,
            dependencies: [volume],
            inputs: {},
        },
        {
            urn: parent.replace(COMPONENT[role], "libvirt:index/domain:Domain"),
            type: "libvirt:index/domain:Domain",
            parent,
        },
    ];
}
const state = (resources: readonly object[], folder = "/var/lib/libvirt/images"): string =>
    JSON.stringify({
        version: 3,
        deployment: {
            manifest: {},
            resources: [
                {
                    urn: urn("libvirt:index/pool:Pool", `${P}-data`),
                    type: "libvirt:index/pool:Pool",
                    inputs: { name: `${P}-data`, target: { path: `${folder}/${P}-data` } },
                },
                ...resources,
            ],
        },
    });
const WHOLE = state([...guest("gateway", `${P}-gateway`), ...guest("workstation", `${P}-workstation-ws1`)]);
const refused = (command: string, stored: object | undefined, text = WHOLE): string[] =>
    judgeLoss(keptIn(text), command, stored as Record<string, unknown> | undefined, PLACE).refused.map(
        ({ name }) => name,
    );

test("a state's data volumes are found with what protects them, and no other disk", () => {
    expect(keptIn(WHOLE)).toMatchObject([
        { name: "default/gateway", domain: `${P}-gateway`, role: "gateway", volume: `${P}-gateway-state` },
        { name: "default/ws1", domain: `${P}-workstation-ws1`, role: "workstation", sizeBytes: 2 ** 33 },
    ]);
    expect(keptIn(WHOLE).map(({ protectedUrns }) => protectedUrns.length)).toEqual([2, 2]);
    expect(keptIn(state([]))).toEqual([]);
});

test.each(["", "{}", "[]", '{"deployment":{}}', '{"deployment":{"manifest":{},"resources":[{}]}}'])(
    "%j is no export",
    (text) => {
        expect(() => keptIn(text)).toThrow();
    },
);

test("a Workstation that is called gateway goes by its domain", () => {
    const domain = `${P}-workstation-gateway`;
    expect(keptIn(state(guest("workstation", domain)))).toMatchObject([{ name: domain }]);
});

test.each<[string, object, string[]]>([
    ["all stay", {}, []],
    [
        "a Workstation goes",
        { enclaves: [{ name: "default", workstations: [{ name: "other" }] }] },
        ["default/ws1"],
    ],
    [
        "its home goes",
        { enclaves: [{ name: "default", workstations: [{ name: "ws1", home: false }] }] },
        ["default/ws1"],
    ],
    ["an enclave goes", { enclaves: [{ name: "red" }] }, ["default/gateway", "default/ws1"]],
    ["the pools move", { storage: { path: "/srv" } }, ["default/gateway", "default/ws1"]],
    [
        "one that may go goes",
        { enclaves: [{ name: "red" }], allowDataLoss: ["default/ws1"] },
        ["default/gateway"],
    ],
    ["both may go", { enclaves: [{ name: "red" }], allowDataLoss: [`${P}-gateway`, "default/ws1"] }, []],
    [
        "secrets are of no concern",
        { enclaves: [{ name: "default", tunnel: { privateKey: { secure: "v1:x" } } }] },
        [],
    ],
])("up: %s", (_, stored, expected) => {
    expect(refused("up", stored)).toEqual(expected);
    expect(refused("preview", stored)).toEqual(expected);
});

test("where nobody can say what is declared, nothing is refused here: the engine refuses what is protected", () => {
    expect(refused("up", { enclaves: { secure: "v1:x" } })).toEqual([]);
    expect(refused("up", undefined)).toEqual([]);
});

test.each(["destroy", "down"])("%s takes away everything", (command) => {
    expect(refused(command, {})).toEqual(["default/gateway", "default/ws1"]);
    expect(refused(command, undefined)).toEqual(["default/gateway", "default/ws1"]);
    expect(refused(command, { allowDataLoss: ["default/gateway", "default/ws1"] })).toEqual([]);
    const free = state(guest("gateway", `${P}-gateway`, { protect: false }));
    expect(refused(command, {}, free)).toEqual([]);
});

test("what may go is unprotected first: the volume and its step, and nothing else", () => {
    const { unprotect } = judgeLoss(keptIn(WHOLE), "destroy", { allowDataLoss: ["default/ws1"] }, PLACE);
    expect(unprotect.map((one) => one.split("::").at(-1))).toEqual([
        `${P}-workstation-ws1-home`,
        `${P}-workstation-ws1-home-wipe`,
    ]);
});

test("the line that allows it goes on from what is allowed already", () => {
    expect(
        allowLines(
            keptIn(WHOLE).map(({ name }) => name),
            1,
            "cell",
        ),
    ).toBe(
        "bin/pulumi config set --stack cell --path 'sallyport:allowDataLoss[1]' default/gateway && " +
            "bin/pulumi config set --stack cell --path 'sallyport:allowDataLoss[2]' default/ws1",
    );
});

test("settings that are none allow nothing and declare nothing that could be compared", () => {
    expect(allowedLoss({ allowDataLoss: "default/ws1" })).toEqual([]);
    expect(allowedLoss({ allowDataLoss: { secure: "x" } })).toEqual([]);
    expect(declaredData("p", "s", { enclaves: 5 })).toBeUndefined();
    expect(guestsIn({ enclaves: 5 })).toEqual([]);
    expect(guestsIn({})).toEqual(["default/gateway", "default/ws1"]);
});
