/** The real program with one resource tampered with; see tamper.ts. Test only. */
import "./tamper";

export { enclaves, topology } from "../../../index";
