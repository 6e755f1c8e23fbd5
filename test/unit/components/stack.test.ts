/** What the program declares, seen through Pulumi's mocks: order, attachment, options. */
import { describeOffset } from "../../../components/clock-offset";
import type { ExternalNetwork } from "../../../components/external-network";
import { Gateway, GuardedNetwork, type GatewayArgs } from "../../../components/gateway";
import type { IsolatedNetwork } from "../../../components/isolated-network";
import { Workstation, type WorkstationArgs } from "../../../components/workstation";
import { WORKSTATION_FILTER_DIGEST } from "../../../libvirt/workstation-filter";
import { declare, HOST, nameIn, type Declared } from "../../support/declare-stack";
import { placed } from "../../support/placed";

jest.setTimeout(60_000);

const DOMAIN = "libvirt:index/domain:Domain";
const NETWORK = "libvirt:index/network:Network";
const TWO = {
    enclaves: [{ name: "red", workstations: placed({ name: "a" }, { name: "b" }) }, { name: "blue" }],
};

const only = (all: Declared[], type: string): Declared[] => all.filter((d) => d.type === type);
const named = (all: Declared[], name: string): Declared => {
    const found = all.filter((d) => d.name === name && !d.type.startsWith("sallyport:"));
    expect(found).toHaveLength(1);
    return found[0] as Declared;
};
const nics = (d: Declared): string[] =>
    (d.inputs["networkInterfaces"] as { networkName: string }[]).map((n) => n.networkName);
/** Names of everything that a resource waits for, directly or not. */
function waitsFor(all: Declared[], start: Declared): Set<string> {
    const seen = new Set<string>();
    const visit = (d: Declared): void =>
        d.request.dependencies.forEach((urn) => {
            const name = nameIn(urn);
            if (!seen.has(name)) {
                seen.add(name);
                all.filter((x) => x.name === name).forEach(visit);
            }
        });
    visit(start);
    return seen;
}

test("where the external network is a bridge of the host's, the outer NIC is read back as one of the bridge, and goes with the network", async () => {
    const all = await declare({
        enclaves: [
            {
                name: "red",
                external: { mode: "bridge", bridge: "br0", address: "192.0.2.7/24", route: "192.0.2.1" },
            },
        ],
    });
    const gateway = named(all, "sallyport-test-red-gateway");
    expect(nics(gateway)).toEqual(["sallyport-test-red-external", "sallyport-test-red-isolated"]);
    expect(gateway.request.ignoreChanges).toEqual([
        "machine",
        "running",
        "networkInterfaces[0].networkName",
        "networkInterfaces[0].networkId",
        "networkInterfaces[0].bridge",
    ]);
    expect(gateway.request.fedBy["networkInterfaces"]).toContain("sallyport-test-red-external");
    const workstation = named(all, "sallyport-test-red-workstation-ws1");
    expect(workstation.request.ignoreChanges).toEqual(["machine", "running"]);
});

describe("a stack of two enclaves", () => {
    let all: Declared[];
    beforeAll(async () => {
        all = await declare({ ...TWO, storage: { wipe: true } });
    });

    it("gives a Gateway two NICs, a Workstation one, on its own enclave's networks by plain name", () => {
        const attached = Object.fromEntries(only(all, DOMAIN).map((d) => [d.name, nics(d)]));
        expect(attached).toEqual({
            "sallyport-test-red-gateway": ["sallyport-test-red-external", "sallyport-test-red-isolated"],
            "sallyport-test-red-workstation-a": ["sallyport-test-red-isolated"],
            "sallyport-test-red-workstation-b": ["sallyport-test-red-isolated"],
            "sallyport-test-blue-gateway": ["sallyport-test-blue-external", "sallyport-test-blue-isolated"],
            "sallyport-test-blue-workstation-ws1": ["sallyport-test-blue-isolated"],
        });
    });

    it("declares isolated networks without forwarding and without an address", () => {
        for (const network of only(all, NETWORK).filter((n) => n.name.endsWith("-isolated"))) {
            expect(network.inputs["mode"]).toBe("none");
            expect(network.inputs).not.toHaveProperty("addresses");
            expect(network.inputs).not.toHaveProperty("dhcp");
        }
    });

    it("replaces on every change, the old one first, whatever libvirt resource it is", () => {
        const ours = all.filter((d) => d.type.startsWith("libvirt:"));
        expect(ours.length).toBeGreaterThan(15);
        for (const d of ours) {
            expect([d.name, d.request.replaceOnChanges, d.request.deleteBeforeReplace]).toEqual([
                d.name,
                ["*"],
                true,
            ]);
        }
    });

    it("ignores no change of a domain but its machine's, and whether it runs", () => {
        for (const { name, request } of only(all, DOMAIN)) {
            expect([name, request.ignoreChanges]).toEqual([name, ["machine", "running"]]);
        }
    });

    it("creates Workstations after their Gateway's readiness gate and not after another enclave's", () => {
        const waits = waitsFor(all, named(all, "sallyport-test-red-workstation-a"));
        expect(waits).toContain("sallyport-test-red-ready");
        expect(waits).toContain("sallyport-test-red-gateway");
        expect(waits).not.toContain("sallyport-test-blue-ready");
    });

    it("creates Workstations after the filter that their NICs name, which is called like their network", () => {
        const waits = waitsFor(all, named(all, "sallyport-test-red-workstation-a"));
        expect(waits).toContain("sallyport-test-red-isolated-filter");
        const filter = named(all, "sallyport-test-red-isolated-filter").inputs;
        expect(filter["create"]).toBe(
            `bin/sallyport define-filter --uri qemu:///system --name sallyport-test-red-isolated --rules ${WORKSTATION_FILTER_DIGEST}`,
        );
        expect(filter["delete"]).toBe(
            "bin/sallyport remove-filter --uri qemu:///system --name sallyport-test-red-isolated",
        );
    });

    it("creates a Gateway after both of its networks, and the gate after the Gateway", () => {
        const waits = waitsFor(all, named(all, "sallyport-test-red-gateway"));
        expect(waits).toContain("sallyport-test-red-isolated");
        expect(waits).toContain("sallyport-test-red-external");
        expect(waits).not.toContain("sallyport-test-red-ready");
        expect(waitsFor(all, named(all, "sallyport-test-red-ready"))).toContain("sallyport-test-red-gateway");
    });

    it("asks the gate again for another Gateway", () => {
        const gate = named(all, "sallyport-test-red-ready");
        expect(gate.inputs["triggers"]).toEqual(["sallyport-test-red-gateway-id"]);
        expect(gate.inputs["create"]).toMatch(
            /^bin\/sallyport wait-ready .*--domain sallyport-test-red-gateway --timeout 300$/,
        );
    });

    it("asks again right before each Workstation, whatever the step once heard, and before nothing else", () => {
        const asking = all
            .filter((d) => d.request.beforeCreate.includes("sallyport-test-red-ready"))
            .map((d) => d.name);
        expect(asking).toEqual(["sallyport-test-red-workstation-a", "sallyport-test-red-workstation-b"]);
    });

    // The engine deletes first what takes a property from what it replaces; dependsOn alone would leave it
    // running.
    it("stops Workstations before their Gateway is replaced: a property of theirs comes from it", () => {
        for (const [enclave, name] of [
            ["red", "a"],
            ["red", "b"],
            ["blue", "ws1"],
        ] as const) {
            const domain = named(all, `sallyport-test-${enclave}-workstation-${name}`);
            const [step, ...others] = domain.request.fedBy["description"] ?? [];
            expect([step, others]).toEqual([`sallyport-test-${enclave}-workstation-${name}-clock`, []]);
            expect(named(all, step ?? "").request.fedBy["triggers"]).toEqual([
                `sallyport-test-${enclave}-gateway`,
            ]);
        }
    });

    // The same for a network: a Gateway's NIC would be gone with it, and its Workstations go with the
    // Gateway.
    it("stops a Gateway before one of its networks is replaced: its NICs have their names from them", () => {
        for (const enclave of ["red", "blue"]) {
            const gateway = named(all, `sallyport-test-${enclave}-gateway`);
            expect(gateway.request.fedBy["networkInterfaces"]).toEqual([
                `sallyport-test-${enclave}-external`,
                `sallyport-test-${enclave}-isolated`,
            ]);
        }
    });

    it("shares no pool, overlay or seed between enclaves", () => {
        const of = (enclave: string): unknown[] =>
            all
                .filter((d) => /Volume$|CloudinitDisk$/.test(d.type) && d.name.includes(`-${enclave}-`))
                .map((d) => d.inputs["pool"]);
        expect(new Set(of("red"))).toEqual(new Set(["sallyport-test-red", "sallyport-test-red-data"]));
        expect(new Set(of("blue"))).toEqual(new Set(["sallyport-test-blue", "sallyport-test-blue-data"]));
    });

    it("looks for leftovers before each creation, checks the image before it is uploaded, and reads it back after and before each overlay", () => {
        for (const d of all.filter((x) => x.type.startsWith("libvirt:"))) {
            const overlay = d.name.endsWith("-overlay");
            const image = d.name === "sallyport-test-image-volume";
            const others = d.request.beforeCreate.filter((hook) => !hook.endsWith("-ready"));
            expect([d.name, others]).toEqual([
                d.name,
                [
                    "sallyport-test-leftovers",
                    ...([DOMAIN, NETWORK].includes(d.type) ? ["sallyport-test-dnsmasq-folder"] : []),
                    ...(d.type === DOMAIN ? ["sallyport-test-active-networks"] : []),
                    ...(d.type.endsWith(":Pool") ? ["sallyport-test-pool-folder"] : []),
                    ...(image ? ["sallyport-test-image-file", "sallyport-test-image-room"] : []),
                    ...(overlay ? ["sallyport-test-image-read-back"] : []),
                    ...(d.type === DOMAIN ? [`${d.name}-unwiped`] : []),
                ],
            ]);
            expect([d.name, d.request.afterCreate]).toEqual([
                d.name,
                image ? ["sallyport-test-image-uploaded"] : [],
            ]);
            if (overlay) {
                expect(waitsFor(all, d)).toContain("sallyport-test-image-volume");
            }
        }
    });

    // The engine deletes what depends on others before them, and before a replaced one what takes a property
    // from it.
    it("wipes each guest's volumes, the image alone not, after the guest is gone and before they are", () => {
        const disposable = all.filter((d) => /-(overlay|seed|home|state)$/.test(d.name));
        expect(disposable).toHaveLength(15);
        expect(all.filter((d) => String(d.inputs["delete"]).startsWith("bin/sallyport wipe "))).toHaveLength(
            15,
        );
        for (const volume of disposable) {
            const step = named(all, `${volume.name}-wipe`);
            const domain = volume.name.replace(/-(overlay|seed|home|state)$/, "");
            const [pool, name] = [String(volume.inputs["pool"]), String(volume.inputs["name"])];
            expect(step.inputs).toMatchObject({
                create: "true",
                delete: `bin/sallyport wipe --uri qemu:///system --domain ${domain} --pool ${pool} --volume ${name}`,
                triggers: [`${volume.name}-id`],
            });
            expect([step.request.fedBy["triggers"], step.request.deleteBeforeReplace]).toEqual([
                [volume.name],
                true,
            ]);
            expect(waitsFor(all, named(all, domain))).toContain(step.name);
            // By nothing but order: a property would have the guest's disk wiped when the step alone is
            // replaced.
            expect(Object.values(named(all, domain).request.fedBy).flat()).not.toContain(step.name);
        }
    });

    it("makes nothing on a host before it is known to be the stack's", () => {
        const last = named(all, "sallyport-test-host-last");
        expect(last.request.dependencies.map(nameIn)).toEqual(["sallyport-test-host"]);
        expect(named(all, "sallyport-test-host")).toMatchObject({
            inputs: { create: "true", triggers: [HOST] },
            request: { ignoreChanges: ["triggers"] },
        });
        const [provider, ...others] = all.filter((d) => d.type.startsWith("pulumi:providers:"));
        expect([provider?.request.dependencies.map(nameIn), others]).toEqual([[last.name], []]);
        const steps = all.filter((d) => /^bin\/sallyport .*--uri/.test(String(d.inputs["create"])));
        expect(steps.length).toBeGreaterThan(3);
        for (const step of steps) {
            // Either by itself, or by something that the provider makes.
            const waits = [...waitsFor(all, step)];
            expect([
                step.name,
                waits.some(
                    (name) =>
                        name === last.name ||
                        all.some((d) => d.name === name && d.type.startsWith("libvirt:")),
                ),
            ]).toEqual([step.name, true]);
        }
    });

    it("lets no guest go, nor anything that it stands on, before its guard has looked at the host", () => {
        const check = `bin/sallyport check-host --uri qemu:///system --host ${HOST}`;
        const guards = only(all, DOMAIN).map((d) => named(all, `${d.name}-host`));
        expect(guards).toHaveLength(5);
        for (const guard of [...guards, named(all, "sallyport-test-host-last")]) {
            expect(guard.inputs).toEqual({ create: "true", delete: check, logging: "stderr" });
            // A property of a guest's would have the guard, and so the check, replaced with it.
            expect(guard.request.fedBy["delete"]).toEqual(["sallyport-test-host"]);
        }
        const guarded = new Set(guards.flatMap((guard) => [...waitsFor(all, guard)]));
        const gone = all.filter(
            (d) => d.type.startsWith("libvirt:") || (d.inputs["delete"] !== undefined && !guards.includes(d)),
        );
        expect(gone.map((d) => d.name).filter((name) => !guarded.has(name))).toEqual([]);
    });

    it("uploads the image only after it was verified", () => {
        expect(waitsFor(all, named(all, "sallyport-test-image-volume"))).toContain(
            "sallyport-test-image-verified",
        );
        // … and verifies again before an upload to another host or pool.
        const { pool } = named(all, "sallyport-test-image-volume").inputs;
        const triggers = named(all, "sallyport-test-image-verified").inputs["triggers"] as string[];
        expect(triggers).toEqual(
            expect.arrayContaining([
                "b".repeat(64),
                "qemu:///system",
                `/var/lib/libvirt/images/${String(pool)}`,
            ]),
        );
    });
});

test("a checkout at another path declares the same: what holds the path is not compared", async () => {
    const compared = (all: Declared[]): unknown[] =>
        all.map(({ type, name, inputs, request }) => ({
            type,
            name,
            inputs: Object.entries(inputs).filter(([key]) => !request.ignoreChanges.includes(key)),
        }));
    const [here, moved] = [await declare({}), await declare({}, "/home/me/renamed/.image/x.qcow2")];
    expect(JSON.stringify(moved)).toContain("/home/me/renamed");
    expect(compared(moved)).toEqual(compared(here));
    expect(JSON.stringify(compared(moved))).not.toContain("/home/me");
});

describe("clocks", () => {
    const descriptions = (all: Declared[]): Record<string, unknown> =>
        Object.fromEntries(only(all, DOMAIN).map((d) => [d.name, d.inputs["description"]]));

    it("are off by what was drawn, Workstations' alone", async () => {
        const all = await declare({ enclaves: [{ name: "red", clock: { windowSeconds: 200 } }] });
        expect(descriptions(all)).toEqual({
            "sallyport-test-red-gateway": undefined,
            "sallyport-test-red-workstation-ws1": "clock-offset=-137",
        });
        const step = named(all, "sallyport-test-red-workstation-ws1-clock");
        expect(step.inputs["create"]).toBe("bin/sallyport clock-offset --window 200");
        // Another window or another disk: another number.
        const again = named(
            await declare({ enclaves: [{ name: "red", clock: { windowSeconds: 300 } }] }),
            "sallyport-test-red-workstation-ws1-clock",
        );
        expect(again.inputs["triggers"]).toEqual(["300", ...(step.inputs["triggers"] as string[]).slice(1)]);
        const other = named(
            await declare({
                enclaves: [{ name: "red", clock: { windowSeconds: 200 }, transparentProxy: false }],
            }),
            "sallyport-test-red-workstation-ws1-clock",
        );
        expect(other.inputs["triggers"]).not.toEqual(step.inputs["triggers"]);
    });

    it("refuse what is outside the window", () => {
        expect(describeOffset("ws", 60, "-60")).toBe("clock-offset=-60");
        for (const text of ["61", "-61", "", "x", "1.5", "05", "+5", "5\n", "1e1", "-0"]) {
            expect(() => describeOffset("ws", 60, text)).toThrow(
                /a whole number from -60 to 60 is allowed; fix/,
            );
        }
    });
});

describe("wiping", () => {
    const hooks = (all: readonly Declared[]): string[] =>
        all
            .filter((d) => d.type === DOMAIN)
            .flatMap((d) => d.request.beforeCreate.filter((hook) => hook.endsWith("-unwiped")));

    it("is off unless it is asked for: the steps are there and do nothing", async () => {
        const all = await declare({});
        const steps = all.filter((d) => d.name.endsWith("-wipe"));
        expect(steps).toHaveLength(6);
        expect(steps.map((d) => [d.inputs["create"], d.inputs["delete"]])).toEqual(
            steps.map(() => ["true", "true"]),
        );
        expect(hooks(all)).toEqual([]);
    });

    it("has each volume overwritten by a step of its own, and each domain's volumes looked at before it is made", async () => {
        const all = await declare({ storage: { wipe: true } });
        const lines = all.filter((d) => d.name.endsWith("-wipe")).map((d) => String(d.inputs["delete"]));
        expect(lines).toHaveLength(6);
        expect(
            new Set(lines.map((line) => /^bin\/sallyport wipe .*--volume (\S+)/.exec(line)?.[1])).size,
        ).toBe(6);
        expect(hooks(all)).toHaveLength(2);
    });
});

describe("illegal states do not type-check", () => {
    it("knows no Workstation on a network without a Gateway, and no guarded network without one", () => {
        const wrong = (isolated: IsolatedNetwork, args: WorkstationArgs): void => {
            // @ts-expect-error an isolated network alone has no Gateway
            new Workstation("x", { ...args, network: isolated });
            // @ts-expect-error its constructor is the Gateway's
            new GuardedNetwork("cell", []);
            // @ts-expect-error a look-alike is not enough
            new Workstation("x", { ...args, network: { networkName: "cell", gate: [] } });
        };
        expect(wrong).toBeInstanceOf(Function);
        expect(Gateway.prototype.guard).toBeInstanceOf(Function);
    });

    it("knows no Gateway whose networks are swapped: it would guard a network with NAT", () => {
        const wrong = (isolated: IsolatedNetwork, external: ExternalNetwork, args: GatewayArgs): void => {
            // @ts-expect-error an external network is not isolated
            new Gateway("x", { ...args, isolated: external });
            // @ts-expect-error an isolated network leads nowhere
            new Gateway("x", { ...args, external: isolated });
        };
        expect(wrong).toBeInstanceOf(Function);
    });
});

describe("one more Workstation", () => {
    it("changes nothing of the Gateway", async () => {
        const gateway = async (...names: string[]): Promise<unknown> =>
            (
                await declare({
                    enclaves: [{ name: "red", workstations: placed(...names.map((name) => ({ name }))) }],
                })
            ).filter((d) => d.name.startsWith("sallyport-test-red-gateway"));
        expect(await gateway("a", "b")).toEqual(await gateway("a"));
        expect(await gateway("a")).toHaveLength(10);
    });
});

describe("what is kept of a guest", () => {
    const HOME = "sallyport-test-default-workstation-ws1-home";
    const STATE = "sallyport-test-default-gateway-state";
    const enclave = (more: object = {}, workstation: object = {}): object => ({
        enclaves: [{ name: "default", workstations: [{ name: "ws1", ...workstation }], ...more }],
    });
    /** A data volume with the step that wipes it. */
    const kept = (all: Declared[], name: string): Declared[] =>
        all.filter((d) => d.name === name || d.name === `${name}-wipe`);

    it("is a raw volume in a pool of its own, attached third, protected, and of one size for good", async () => {
        const all = await declare({});
        for (const [name, domain, size] of [
            [HOME, "sallyport-test-default-workstation-ws1", 8 * 2 ** 30],
            [STATE, "sallyport-test-default-gateway", 256 * 2 ** 20],
        ] as const) {
            const volume = named(all, name);
            expect(volume.inputs).toMatchObject({
                name,
                pool: "sallyport-test-default-data",
                format: "raw",
                size,
            });
            expect(volume.request).toMatchObject({ protect: true, ignoreChanges: ["size"] });
            expect(named(all, `${name}-wipe`).request.protect).toBe(true);
            expect((named(all, domain).inputs["disks"] as { volumeId: string }[])[2]).toEqual({
                volumeId: `${name}-id`,
            });
        }
        expect(named(all, "sallyport-test-default-data").inputs).toMatchObject({
            target: { path: "/var/lib/libvirt/images/sallyport-test-default-data" },
        });
    });

    // The same URN and the same inputs: the engine has nothing to replace.
    it.each<[string, object, string | undefined]>([
        ["another seed", enclave({ transparentProxy: false, httpTunnelPorts: [9190] }), undefined],
        [
            "another root size",
            enclave({ gateway: { root: { sizeGiB: 12 } } }, { root: { sizeGiB: 12 } }),
            undefined,
        ],
        ["more memory", enclave({ gateway: { memoryMiB: 512, vcpus: 2 } }, { memoryMiB: 512 }), undefined],
        ["another subnet", enclave({ external: { mode: "nat", subnet: "10.140.7.0/24" } }), undefined],
        ["another image", enclave(), "/images/other.qcow2"],
        [
            "another Workstation that comes or goes",
            {
                enclaves: [
                    {
                        name: "default",
                        workstations: [
                            { name: "a", address: "10.152.152.12" },
                            { name: "ws1", address: "10.152.152.11" },
                        ],
                    },
                    { name: "b" },
                ],
            },
            undefined,
        ],
        ["kept folders", enclave({}, { home: { paths: ["/srv/work"] } }), undefined],
    ])("stays as it is with %s", async (_, settings, image) => {
        const [before, after] = [await declare(enclave()), await declare(settings, image)];
        for (const name of [HOME, STATE]) {
            expect(kept(before, name)).toHaveLength(2);
            expect(kept(after, name)).toEqual(kept(before, name));
        }
    });

    it("waits for nothing but its pool, so that nothing that is replaced takes it along", async () => {
        const all = await declare({});
        for (const name of [HOME, STATE]) {
            const waits = waitsFor(all, named(all, name));
            expect(
                [...waits].filter((other) => !/^sallyport-test(-host.*|-default-data|)$/.test(other)),
            ).toEqual([]);
        }
    });

    it("is none of a Workstation without a home", async () => {
        const all = await declare(enclave({}, { home: false }));
        expect(kept(all, HOME)).toEqual([]);
        const { inputs } = named(all, "sallyport-test-default-workstation-ws1");
        expect(inputs["disks"]).toHaveLength(2);
        expect((inputs["xml"] as { xslt: string }).xslt).not.toContain("vdc");
    });

    it("is not protected where the settings let it go, and its component says so; others are", async () => {
        const all = await declare({ allowDataLoss: ["default/ws1", "old/gone"] });
        expect(kept(all, HOME).map((d) => d.request.protect)).toEqual([false, false]);
        expect(kept(all, STATE).map((d) => d.request.protect)).toEqual([true, true]);
        const said = all.filter((d) => d.inputs["allowDataLoss"] === true).map((d) => d.name);
        expect(said).toEqual(["sallyport-test-default-workstation-ws1"]);
    });

    it("leaves the root to its own size: the image's, or the one in the settings", async () => {
        const overlay = async (settings: object): Promise<unknown> =>
            named(await declare(settings), "sallyport-test-default-workstation-ws1-overlay").inputs["size"];
        expect(await overlay(enclave({}, { root: { sizeGiB: 4 } }))).toBeUndefined();
        expect(await overlay(enclave({}, { root: { sizeGiB: 12 } }))).toBe(12 * 2 ** 30);
    });
});

describe("another seed", () => {
    it("names overlay and seed anew, so that both and the domain are replaced", async () => {
        const volumes = async (transparentProxy: boolean): Promise<unknown[]> =>
            (await declare({ enclaves: [{ name: "red", transparentProxy }] }))
                .filter((d) => d.name.endsWith("gateway-overlay") || d.name.endsWith("gateway-seed"))
                .map((d) => d.inputs["name"]);
        const [with_, without] = [await volumes(true), await volumes(false)];
        expect(with_).toHaveLength(2);
        expect(with_.every((name) => !without.includes(name))).toBe(true);
        expect(await volumes(true)).toEqual(with_);
    });
});
