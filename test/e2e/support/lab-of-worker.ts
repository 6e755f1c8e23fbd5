/** Each worker of jest's has a lab, which its suites use one after the other. */
import { join } from "node:path";
import { projectRoot } from "../../../util/root";

process.env["SALLYPORT_LAB_DIR"] = join(projectRoot(), ".lab", `e2e-${process.env["JEST_WORKER_ID"] ?? "1"}`);
