import * as pulumi from "@pulumi/pulumi";

const how = new pulumi.Config().require("how");
switch (how) {
    case "throw":
        throw new Error("thrown on purpose");
    case "reject":
        void Promise.reject(new Error("rejected on purpose"));
        break;
    case "run-error":
        throw new pulumi.RunError("said on purpose");
    case "exit":
        process.exit(7);
        break;
    case "kill":
        process.kill(process.pid, "SIGKILL");
        break;
}
