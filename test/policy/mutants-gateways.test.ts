/** Negative tests: every change of a good stack is rejected by the rule that it is about. */
import { testPart } from "./mutants/attempts";

testPart("Gateways of other configurations", 1500);
