import { testPart } from "./mutants/attempts";

testPart("what was read, and what stays", 250);
