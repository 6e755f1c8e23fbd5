/** Negative tests: every change of a good stack is rejected by the rule that it is about. */
import { testPart } from "./mutants/attempts";

testPart("seeds", 300);
