import fc from "fast-check";
import { modelOfExport } from "../../../model/adapters";
import { checkCertificate } from "../../../reachability/check-certificate";
import { prove } from "../../../reachability";
import { exportOf, find, planOf, type Export } from "../../support/stacks";
import { placed } from "../../support/placed";

const name =
    (prefix: string) =>
    (i: number): string =>
        `${prefix}${i}`;
/** Any stack within the schema, names made distinct. */
const stacks = fc
    .array(
        fc.record({
            workstations: fc.integer({ min: 0, max: 4 }),
            transparentProxy: fc.boolean(),
            external: fc.constantFrom("nat", "bridge"),
        }),
        { minLength: 1, maxLength: 4 },
    )
    .map((list) => ({
        enclaves: list.map((e, i) => ({
            name: name("e")(i),
            transparentProxy: e.transparentProxy,
            workstations: placed(
                ...Array.from({ length: e.workstations }, (_, w) => ({ name: name("w")(w) })),
            ),
            ...(e.external === "nat"
                ? {}
                : {
                      external: {
                          mode: "bridge",
                          bridge: `br${i}`,
                          address: `192.0.2.${10 + i}/24`,
                          route: "192.0.2.1",
                      },
                  }),
        })),
    }));

const proofOf = (exported: Export): ReturnType<typeof prove> =>
    prove(modelOfExport(JSON.stringify(exported), "test"));
const runs = { numRuns: 15 };

test("any stack within the schema is proved, and the checker agrees", () => {
    fc.assert(
        fc.property(stacks, (config) => {
            const proof = proofOf(exportOf(planOf(config)));
            expect(proof.queries.filter((q) => q.verdict !== "proved")).toEqual([]);
            expect(checkCertificate(proof.certificate)).toEqual([]);
        }),
        runs,
    );
});

const AROUND: readonly Record<string, unknown>[] = [
    { networkName: "shop-dev-e0-external" },
    { bridge: "br0" },
    { macvtap: "eth0" },
    { vepa: "eth0" },
    { private: "eth0" },
    { passthrough: "eth0" },
    { networkName: "default" },
    { networkId: "ffffffff-ffff-4fff-8fff-ffffffffffff" },
];

test("any edge around the Gateway is found", () => {
    fc.assert(
        fc.property(
            stacks.filter((s) => s.enclaves.some((e) => e.workstations.length > 0)),
            fc.constantFrom(...AROUND),
            fc.nat(),
            (config, nic, pick) => {
                const exported = exportOf(planOf(config));
                const workstations = exported.deployment.resources.filter(
                    (r) => r.type === "libvirt:index/domain:Domain" && r.urn.includes("-workstation-"),
                );
                const victim = workstations[pick % workstations.length];
                (victim?.inputs.networkInterfaces as unknown[]).push(nic);
                const outside = proofOf(exported).queries.find((q) => q.id === "PATH-outside");
                expect(outside?.verdict).not.toBe("proved");
                expect(outside?.breaches.map((b) => b.sourceResource)).toContain(victim?.urn);
            },
        ),
        runs,
    );
});

test("any isolated network that forwards is found", () => {
    fc.assert(
        fc.property(
            fc.constantFrom("nat", "route", "open", "bridge", undefined),
            fc.boolean(),
            (mode, addressed) => {
                const exported = exportOf(planOf({ enclaves: [{ name: "e0" }] }));
                const { inputs } = find(exported, "shop-dev-e0-isolated");
                delete inputs.xml;
                inputs.mode = mode;
                inputs.addresses = addressed ? ["10.99.0.0/24"] : [];
                expect(proofOf(exported).queries.find((q) => q.id === "PATH-outside")?.verdict).toBe(
                    "refuted",
                );
            },
        ),
        runs,
    );
});
