/** The real program with a Gateway whose firewall is open; see tamper.ts. Test only. */
import "./tamper";

export { enclaves, topology } from "../../../index";
