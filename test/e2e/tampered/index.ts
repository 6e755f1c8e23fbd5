/** The real program with one resource tampered with; see tamper.ts. Test only. */
import "./tamper";

export { guests, next } from "../../../index";
