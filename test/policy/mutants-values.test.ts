/** Negative tests of values: whatever is spelled in another way, or is another's. */
import { testPart } from "./mutants/attempts";

testPart("values", 900);
