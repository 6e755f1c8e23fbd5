import * as pulumi from "@pulumi/pulumi";
import { PolicyPack } from "@pulumi/policy";

const where = `${pulumi.getProject()}/${pulumi.getStack()}`;
const forbidden = new pulumi.Config("program").get("forbidden");

new PolicyPack("testing", {
    policies: [
        {
            name: "no-forbidden-text",
            description: "The text that the stack's configuration forbids is refused.",
            enforcementLevel: "mandatory",
            validateResource: (args, report) => {
                if (args.type === "testing:index:Echo" && args.props["text"] === forbidden) {
                    report(`${args.name} of ${where} says ${forbidden}`);
                }
            },
        },
    ],
});
