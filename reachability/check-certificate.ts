/**
 * Checks a certificate of isolation. Shares no code with the search on purpose: it only looks at every edge
 * once. What it needs of the file's form is declared here again.
 */

interface CheckedNode {
    readonly place: string;
    readonly id: string;
    readonly domain?: number;
    readonly role?: string;
    readonly enclave?: number;
}

interface CheckedEdge {
    readonly from: number;
    readonly to: number;
    readonly classes: number;
    readonly rewrites?: boolean;
}

interface CheckedRun {
    readonly sources: string;
    readonly groups: readonly number[];
    readonly labels: readonly number[];
    readonly claims: readonly string[];
}

export interface CheckedCertificate {
    readonly version: number;
    readonly classes: readonly string[];
    readonly nodes: readonly CheckedNode[];
    readonly edges: readonly CheckedEdge[];
    readonly runs: readonly CheckedRun[];
}

const NONE = -1;
const SEVERAL = -2;

/** Whether `outer` says at least what `inner` says. */
const covers = (outer: number, inner: number): boolean =>
    inner === NONE || outer === inner || outer === SEVERAL;

/** Claims, the run that must back each, and which label, if any, each node may bear. */
const CLAIMS: ReadonlyMap<
    string,
    { readonly run: string; readonly allows: (node: CheckedNode, label: number) => boolean }
> = new Map(
    Object.entries({
        "PATH-outside": { run: "workstations", allows: (n: CheckedNode) => n.place !== "outside" },
        "PATH-host": { run: "workstations", allows: (n: CheckedNode) => n.place !== "host" },
        "PATH-lan": { run: "workstations", allows: (n: CheckedNode) => n.place !== "lan" },
        "PATH-workstation": {
            run: "workstations",
            allows: (n: CheckedNode, l: number) =>
                n.place !== "guest-in" || n.role === "gateway" || l === n.domain,
        },
        "PATH-gateway": {
            run: "workstations",
            allows: (n: CheckedNode) => n.place !== "guest-in" || n.role !== "gateway",
        },
        "PATH-enclave": {
            run: "workstations-by-enclave",
            allows: (n: CheckedNode, l: number) =>
                (n.place !== "guest-in" && n.place !== "nic-in") || l === n.enclave,
        },
        "PATH-tor": {
            run: "gateways",
            allows: (n: CheckedNode) => n.place !== "outside" && n.place !== "host" && n.place !== "lan",
        },
    }),
);

/** The label of a node for one group of classes. */
const labelOf = (run: CheckedRun, node: number, group: number): number =>
    run.labels[node * run.groups.length + group] ?? NONE;

/** Whether a node bears less than this for some group. */
function lacks(run: CheckedRun, node: number, inner: number): boolean {
    for (let g = 0; g < run.groups.length; g += 1) {
        if (!covers(labelOf(run, node, g), inner)) {
            return true;
        }
    }
    return false;
}

/** Whether something that is claimed to be where an edge begins may go where nothing of it is claimed. */
function leadsOut(run: CheckedRun, edge: CheckedEdge): boolean {
    for (let g = 0; g < run.groups.length; g += 1) {
        const inner = labelOf(run, edge.from, g);
        if (
            inner !== NONE &&
            (edge.classes & (run.groups[g] ?? 0)) !== 0 &&
            (edge.rewrites === true ? lacks(run, edge.to, inner) : !covers(labelOf(run, edge.to, g), inner))
        ) {
            return true;
        }
    }
    return false;
}

/** Plain loops: this is asked of every node and edge, several times. */
function checkRun({ nodes, edges, classes }: CheckedCertificate, run: CheckedRun): string[] {
    const width = run.groups.length;
    const union = run.groups.reduce((all, group) => all | group, 0);
    if (union !== 2 ** classes.length - 1 || run.labels.length !== nodes.length * width) {
        return [`run ${run.sources}: the groups do not hold every packet class, or labels are missing`];
    }
    const wrong: string[] = [];
    const gateways = run.sources === "gateways";
    for (let i = 0; i < nodes.length; i += 1) {
        const node = nodes[i] as CheckedNode;
        if (node.place === "guest-out" && (node.role === "gateway") === gateways) {
            const own = run.sources === "workstations-by-enclave" ? node.enclave : node.domain;
            if (own === undefined || lacks(run, i, own)) {
                wrong.push(`run ${run.sources}: ${node.id} is a source and does not bear its own label`);
            }
        }
    }
    for (let e = 0; e < edges.length; e += 1) {
        const edge = edges[e] as CheckedEdge;
        if (leadsOut(run, edge)) {
            wrong.push(
                `run ${run.sources}: the edge ${nodes[edge.from]?.id} -> ${nodes[edge.to]?.id} leads out of what is claimed`,
            );
        }
    }
    for (const name of run.claims) {
        const claim = CLAIMS.get(name);
        if (claim === undefined || claim.run !== run.sources) {
            wrong.push(`run ${run.sources} cannot back the claim ${name}`);
            continue;
        }
        for (let i = 0; i < nodes.length; i += 1) {
            const node = nodes[i] as CheckedNode;
            for (let g = 0; g < width; g += 1) {
                const label = labelOf(run, i, g);
                if (label !== NONE && !claim.allows(node, label)) {
                    wrong.push(`${name}: ${node.id} is reached`);
                    break;
                }
            }
        }
    }
    return wrong;
}

/** Everything that is wrong with a certificate; nothing means that its claims hold for its graph. */
export function checkCertificate(certificate: CheckedCertificate): string[] {
    if (certificate.version !== 1) {
        return [`version ${certificate.version} is not read`];
    }
    const ends = certificate.edges.filter(
        (e) => certificate.nodes[e.from] === undefined || certificate.nodes[e.to] === undefined,
    );
    const tor = certificate.edges.filter(
        (e) => certificate.nodes[e.from]?.place === "tor" || certificate.nodes[e.to]?.place === "tor",
    );
    const broken = [
        ...ends.map(() => "an edge ends at no node"),
        ...tor.map(() => "tor is still in the graph"),
    ];
    const backed = certificate.runs.flatMap((run) => run.claims);
    return [
        ...broken,
        ...(backed.length === 0 ? ["it claims nothing"] : []),
        ...(broken.length === 0 ? certificate.runs.flatMap((run) => checkRun(certificate, run)) : []),
    ];
}
