/** The reachability proof. */
export { checked, prove, search, type Breach, type Proof, type QueryResult, type Verdict } from "./prove";
export type { Certificate, CertifiedInput } from "./certificate";
export { describeTrust, type Trust } from "./trust";
