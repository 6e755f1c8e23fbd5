import { modelOfExport } from "../../../model/adapters";
import { checkCertificate } from "../../../reachability/check-certificate";
import { checked, prove, search, type Certificate } from "../../../reachability";
import { exportOf, planOf } from "../../support/stacks";

const certificate = (): Certificate =>
    prove(
        modelOfExport(JSON.stringify(exportOf(planOf({ enclaves: [{ name: "a" }, { name: "b" }] }))), "test"),
    ).certificate;
const copy = (c: Certificate): { -readonly [K in keyof Certificate]: Certificate[K] } =>
    JSON.parse(JSON.stringify(c)) as Certificate;

test("a certificate of the search is accepted, also after a round trip through JSON", () => {
    const c = certificate();
    expect(checkCertificate(c)).toEqual([]);
    expect(checkCertificate(copy(c))).toEqual([]);
    expect(c.runs.flatMap((r) => r.claims)).toHaveLength(7);
});

test("a certificate that the checker refuses proves nothing", () => {
    const proof = search(
        modelOfExport(JSON.stringify(exportOf(planOf({ enclaves: [{ name: "a" }] }))), "test"),
    );
    expect(checked(proof)).toMatchObject({ verdict: "proved", objections: [] });
    const wrong = checked({
        ...proof,
        certificate: {
            ...proof.certificate,
            runs: proof.certificate.runs.map((run) => ({ ...run, labels: run.labels.map(() => -1) })),
        },
    });
    expect(wrong.objections.length).toBeGreaterThan(0);
    expect(wrong.verdict).toBe("undecided");
    expect(new Set(wrong.queries.map((q) => q.verdict))).toEqual(new Set(["undecided"]));
});

describe("what is wrong is refused", () => {
    const runs = (
        c: Certificate,
        change: (labels: number[], run: Certificate["runs"][number]) => void,
    ): Certificate["runs"] =>
        c.runs.map((run) => {
            const labels = [...run.labels];
            change(labels, run);
            return { ...run, labels };
        });

    test("every single edge from a reached place to one that is not", () => {
        const c = certificate();
        const run = c.runs[0];
        const width = run?.groups.length ?? 1;
        const reached = c.nodes.findIndex(
            (n, i) => n.place === "segment" && (run?.labels[i * width] ?? -1) !== -1,
        );
        const targets = c.nodes.flatMap((n, i) => (["outside", "host", "lan"].includes(n.place) ? [i] : []));
        expect(reached).toBeGreaterThanOrEqual(0);
        expect(targets.length).toBeGreaterThanOrEqual(3);
        for (const to of targets) {
            expect(
                checkCertificate({ ...c, edges: [...c.edges, { from: reached, to, classes: 1 }] }).join(),
            ).toContain("leads out of what is claimed");
        }
    });

    test("a source without its label", () => {
        const c = certificate();
        expect(checkCertificate({ ...c, runs: runs(c, (labels) => labels.fill(-1)) }).join()).toContain(
            "does not bear its own label",
        );
    });

    test("an edge to a place that the labels leave out", () => {
        const c = certificate();
        const first = c.edges.find(
            (e) => c.nodes[e.from]?.place === "guest-out" && c.nodes[e.from]?.role === "workstation",
        );
        const changed = runs(c, (labels, run) => {
            labels.fill(-1, (first?.to ?? 0) * run.groups.length, ((first?.to ?? 0) + 1) * run.groups.length);
        });
        expect(checkCertificate({ ...c, runs: changed }).join()).toContain("leads out");
    });

    test("a forbidden place that is labelled", () => {
        const c = certificate();
        const outside = c.nodes.findIndex((n) => n.place === "outside");
        expect(
            checkCertificate({
                ...c,
                runs: runs(c, (labels, run) => {
                    labels[outside * run.groups.length] = 0;
                }),
            }).join(),
        ).toContain("is reached");
    });

    test("tor left in, missing labels, missing classes, an unknown claim, no claim, another version", () => {
        const c = certificate();
        const tor = c.nodes.findIndex((n) => n.place === "tor");
        expect(checkCertificate({ ...c, edges: [...c.edges, { from: tor, to: 0, classes: 1 }] })).toEqual([
            "tor is still in the graph",
        ]);
        expect(
            checkCertificate({ ...c, runs: c.runs.map((r) => ({ ...r, labels: r.labels.slice(1) })) }).join(),
        ).toContain("labels are missing");
        expect(checkCertificate({ ...c, runs: c.runs.map((r) => ({ ...r, groups: [1] })) }).join()).toContain(
            "every packet class",
        );
        expect(
            checkCertificate({ ...c, runs: c.runs.map((r) => ({ ...r, claims: ["PATH-moon"] })) }).join(),
        ).toContain("cannot back");
        expect(checkCertificate({ ...c, runs: c.runs.map((r) => ({ ...r, claims: [] })) })).toEqual([
            "it claims nothing",
        ]);
        expect(checkCertificate({ ...c, version: 2 })).toEqual(["version 2 is not read"]);
    });
});
