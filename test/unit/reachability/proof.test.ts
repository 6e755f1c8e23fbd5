import { modelOfExport } from "../../../model/adapters";
import { checkCertificate } from "../../../reachability/check-certificate";
import { prove, type Proof } from "../../../reachability";
import { exportOf, find, planOf, type Export } from "../../support/stacks";
import { placed } from "../../support/placed";

const TWO = {
    enclaves: [
        { name: "red", workstations: placed({ name: "a" }, { name: "b" }) },
        { name: "blue", workstations: [{ name: "c" }] },
    ],
};
const WS = "shop-dev-red-workstation-a";
const GW = "shop-dev-red-gateway";
const SEED = `${GW}-seed`;

const proofOf = (exported: Export): Proof => prove(modelOfExport(JSON.stringify(exported), "test"));
const good = (config: unknown = TWO): Export => exportOf(planOf(config));

function verdicts(proof: Proof): Record<string, string> {
    return Object.fromEntries(
        proof.queries.filter((q) => q.verdict !== "proved").map((q) => [q.id, q.verdict]),
    );
}

function broken(change: (exported: Export) => void, config: unknown = TWO): Proof {
    const exported = good(config);
    change(exported);
    return proofOf(exported);
}

const nics = (exported: Export, name: string): Record<string, unknown>[] =>
    find(exported, name).inputs.networkInterfaces as Record<string, unknown>[];
const editSeed = (exported: Export, from: string | RegExp, to: string): void => {
    const seed = find(exported, SEED).inputs;
    const before = seed.userData as string;
    seed.userData = before.replace(from, to);
    expect(seed.userData).not.toBe(before);
};
const noSheet = (exported: Export, name: string): void => {
    delete find(exported, name).inputs.xml;
};

test("a bridge without an address is no wall: without its filter a Workstation may reach the host's stack", () => {
    const proof = broken((e) => {
        e.deployment.resources = e.deployment.resources.filter(
            (r) => !r.urn.endsWith("shop-dev-red-isolated-filter"),
        );
    });
    expect(verdicts(proof)).toEqual({ "PATH-host": "undecided" });
    const [query] = proof.queries.filter((q) => q.id === "PATH-host");
    expect(query?.breaches.map((b) => b.source).sort()).toEqual([WS, "shop-dev-red-workstation-b"]);
    expect(query?.breaches[0]?.hops.at(-1)?.because).toMatch(/no wall/);
    expect(query?.breaches[0]?.fix).toMatch(/define-filter/);
});

describe("stacks of this project", () => {
    test.each([
        ["two enclaves", TWO],
        ["no transparent proxy", { enclaves: [{ name: "x", transparentProxy: false }] }],
        [
            "a bridge of the host's outside",
            {
                enclaves: [
                    {
                        name: "x",
                        external: {
                            mode: "bridge",
                            bridge: "br0",
                            address: "192.0.2.10/24",
                            route: "192.0.2.1",
                        },
                    },
                ],
            },
        ],
        ["no Workstation yet", { enclaves: [{ name: "x", workstations: [] }] }],
    ])("%s: every query is proved and the checker agrees", (_, config) => {
        const proof = proofOf(good(config));
        expect(verdicts(proof)).toEqual({});
        expect(proof.verdict).toBe("proved");
        expect(checkCertificate(proof.certificate)).toEqual([]);
        expect(proof.trust.find((t) => t.layer === "gateway rules")?.basis).toBe("by hash");
        expect(proof.trust.find((t) => t.layer === "runtime")?.basis).toBe("not claimed here");
    });

    test("the order in which Workstations are listed changes nothing", () => {
        const exported = good();
        exported.deployment.resources.reverse();
        expect(proofOf(exported).verdict).toBe("proved");
    });
});

describe("refutations name the packet, the hops and the input", () => {
    test("a second NIC on the external network", () => {
        const proof = broken((e) => {
            nics(e, WS).push({ networkName: "shop-dev-red-external" });
        });
        expect(verdicts(proof)).toMatchObject({
            "PATH-outside": "refuted",
            "PATH-host": "refuted",
            "PATH-lan": "refuted",
        });
        const [breach] = proof.queries[0]?.breaches ?? [];
        expect(breach).toMatchObject({ source: WS, target: "outside" });
        expect(breach?.packet).toContain("UDP to port 53");
        expect(breach?.hops.map((h) => h.input)).toEqual([
            "networkInterfaces[1]",
            "networkInterfaces[1].networkName",
            expect.stringContaining("forward"),
        ]);
        expect(breach?.fix).toContain("isolated network");
    });

    test.each([
        ["macvtap", { macvtap: "eth0" }, "refuted"],
        ["a bridge of the host's", { bridge: "br0" }, "refuted"],
        ["an undeclared network", { networkName: "default" }, "undecided"],
        ["a NIC without a source", { mac: "52:54:00:00:00:01" }, "undecided"],
    ])("%s beside the isolated network", (_, nic, verdict) => {
        expect(
            verdicts(
                broken((e) => {
                    nics(e, WS).push(nic);
                }),
            )["PATH-outside"],
        ).toBe(verdict);
    });

    test("networkName wins over networkId, as in the provider", () => {
        const proof = broken((e) => {
            const [nic = {}] = nics(e, WS);
            nic.networkId = find(e, "shop-dev-red-isolated").id;
            nic.networkName = "shop-dev-red-external";
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("refuted");
    });

    test.each([
        [
            "no mode, which is NAT",
            (i: Record<string, unknown>) => {
                delete i.mode;
                i.addresses = ["10.9.9.0/24"];
            },
        ],
        [
            "an open network",
            (i: Record<string, unknown>) => {
                i.mode = "open";
            },
        ],
        [
            "a bridged network",
            (i: Record<string, unknown>) => {
                i.mode = "bridge";
            },
        ],
    ])("the isolated network with %s", (_, change) => {
        const proof = broken((e) => {
            noSheet(e, "shop-dev-red-isolated");
            change(find(e, "shop-dev-red-isolated").inputs);
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("refuted");
    });

    test("an address of the host's on the isolated network is a way to the host and nowhere else", () => {
        const proof = broken((e) => {
            noSheet(e, "shop-dev-red-isolated");
            find(e, "shop-dev-red-isolated").inputs.addresses = ["10.152.152.0/24"];
        });
        expect(verdicts(proof)).toEqual({ "PATH-host": "refuted" });
    });

    test("two networks over one bridge are one segment", () => {
        const proof = broken((e) => {
            find(e, "shop-dev-blue-isolated").inputs.bridge = find(e, "shop-dev-red-isolated").inputs.bridge;
        });
        expect(verdicts(proof)["PATH-enclave"]).toBe("refuted");
    });

    test("a Workstation on another enclave's network", () => {
        const proof = broken((e) => {
            nics(e, WS)[0] = { ...nics(e, WS)[0], networkName: "shop-dev-blue-isolated" };
        });
        expect(verdicts(proof)["PATH-enclave"] ?? verdicts(proof)["PATH-outside"]).toBeDefined();
        expect(proof.verdict).not.toBe("proved");
    });

    test("a domain of no role between two networks is a router", () => {
        const proof = broken((e) => {
            e.deployment.resources.push({
                urn: "urn:pulumi:dev::shop::libvirt:index/domain:Domain::router",
                type: "libvirt:index/domain:Domain",
                custom: true,
                provider: find(e, WS).provider ?? "",
                inputs: {
                    name: "router",
                    networkInterfaces: [
                        { networkName: "shop-dev-red-isolated" },
                        { networkName: "shop-dev-red-external" },
                    ],
                },
            });
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("refuted");
        const breach = proof.queries[0]?.breaches.find((b) => b.source === WS);
        expect(breach?.hops.some((h) => h.because.includes("router is no Gateway"))).toBe(true);
    });
});

describe("what cannot be read is undecided", () => {
    test("a stylesheet that is not ours, by one space", () => {
        const proof = broken((e) => {
            find(e, WS).inputs.xml = { xslt: `${(find(e, WS).inputs.xml as { xslt: string }).xslt} ` };
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("undecided");
    });

    test("an encrypted seed", () => {
        const proof = broken((e) => {
            find(e, SEED).inputs.userData = {
                "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                ciphertext: "x",
            };
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("undecided");
        expect(proof.trust.find((t) => t.layer === "gateway rules")).toMatchObject({ basis: "undecided" });
    });

    test("an unknown network", () => {
        const proof = broken((e) => {
            nics(e, WS)[0] = { networkId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
        });
        expect(verdicts(proof)["PATH-outside"]).toBe("undecided");
    });

    test("an unknown network id that one network feeds is that network", () => {
        const proof = broken((e) => {
            nics(e, WS)[0] = {
                ...nics(e, WS)[0],
                networkName: undefined,
                networkId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
            };
            const domain = find(e, WS);
            // Only what is not made yet has inputs that are not known.
            delete domain.outputs;
            domain.propertyDependencies = {
                ...domain.propertyDependencies,
                networkInterfaces: [find(e, "shop-dev-red-isolated").urn],
            };
        });
        // Its filter is named by that network's name, which is not known either.
        expect(verdicts(proof)).toEqual({ "PATH-host": "undecided" });
        expect(proof.trust.find((t) => t.layer === "references")?.basis).toBe("assumed");
    });
});

describe("the Gateway's rules", () => {
    test("a rule more than we render leaves everything through it undecided", () => {
        const proof = broken((e) => editSeed(e, /policy drop;/, "policy accept;"));
        expect(proof.verdict).not.toBe("proved");
    });

    test("a forwarding rule is refuted by name", () => {
        const proof = broken((e) =>
            editSeed(e, /( +)drop\n|( +)counter name "forwarded" drop\n/, "$1$2accept\n"),
        );
        expect(proof.verdict).not.toBe("proved");
    });

    test("forwarding is refuted with the rule that allows it", () => {
        const proof = broken((e) =>
            editSeed(e, 'counter name "forwarded" drop', 'counter name "forwarded" accept'),
        );
        const result = proof.queries.find((q) => q.id === "PATH-outside");
        expect(result?.verdict).toBe("refuted");
        expect(result?.breaches[0]?.hops.some((h) => h.because.includes("rule forward-none"))).toBe(true);
    });

    test("a program beside tor that may leave is refuted", () => {
        const proof = broken((e) => editSeed(e, ' meta skuid "debian-tor"', ""));
        expect(proof.queries.find((q) => q.id === "PATH-tor")?.verdict).toBe("refuted");
    });

    test("a Workstation that the rules do not know", () => {
        const proof = broken((e) => {
            nics(e, WS)[0] = { ...nics(e, WS)[0], mac: "52:54:00:98:98:77" };
        });
        expect(proof.verdict).toBe("undecided");
    });
});

test("nothing is no proof", () => {
    const exported = good();
    exported.deployment.resources = exported.deployment.resources.filter((r) => !r.type.includes("domain"));
    expect(proofOf(exported).verdict).toBe("undecided");
});
