import { testPart } from "./mutants/attempts";

testPart("of one rule", 3);
