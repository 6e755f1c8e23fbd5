/** The reachability proof. */
export { prove, type Breach, type Hop, type Proof, type QueryResult, type Verdict } from "./prove";
export type { Certificate } from "./certificate";
export { proofOf, reachabilityRules, describeHops } from "./rules";
export type { Trust } from "./trust";
