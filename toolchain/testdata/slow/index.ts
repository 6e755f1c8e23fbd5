import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

// Says that it runs, and never ends.
writeFileSync(new pulumi.Config().require("pidfile"), String(process.pid));
setInterval(() => undefined, 1000);
export const never = pulumi.output(new Promise(() => undefined));
