/**
 * Evidence of a proof that can be checked without searching: for each place and packet class, which sources
 * may be there. It is right when every source is where it starts, no edge leads out of what is claimed, and
 * no forbidden place is claimed. `reachability/check-certificate.ts` checks just that.
 */

interface CertificateNode {
    readonly place: string;
    readonly id: string;
    /** Guests: index of the domain, and what it is. */
    readonly domain?: number;
    readonly role?: "gateway" | "workstation";
    /** Guests: index of the enclave. */
    readonly enclave?: number;
}

interface CertificateEdge {
    readonly from: number;
    readonly to: number;
    /** Bit i: classes[i]. */
    readonly classes: number;
    readonly rewrites?: true;
}

/** One kind of source. Labels: -1 none, -2 several, else the domain's or the enclave's index. */
export interface CertificateRun {
    readonly sources: "workstations" | "workstations-by-enclave" | "gateways";
    /** Each packs classes that all edges treat alike. */
    readonly groups: readonly number[];
    /** Label at node * groups.length + group. */
    readonly labels: readonly number[];
    /** What follows; see `CLAIMS` of the checker. */
    readonly claims: readonly string[];
}

/** The text that a model was read from. */
export interface CertifiedInput {
    /** As the reader knows it: `export.json`, `stack prod`. */
    readonly name: string;
    /** Of the text: `digestOfInput` in names.ts, 32 hexadecimal digits. */
    readonly digest: string;
}

export interface Certificate {
    readonly version: 1;
    /** Absent when the model came from no text, as in the policy pack. */
    readonly input?: CertifiedInput;
    readonly classes: readonly string[];
    readonly nodes: readonly CertificateNode[];
    /** Without tor's: the cut. */
    readonly edges: readonly CertificateEdge[];
    /** Ids of the nodes that were taken out. */
    readonly cut: readonly string[];
    readonly runs: readonly CertificateRun[];
}
