import * as pulumi from "@pulumi/pulumi";

export class Echo extends pulumi.CustomResource {
    declare public readonly echoed: pulumi.Output<string>;
    constructor(name: string, args: { text: pulumi.Input<string> }, opts?: pulumi.CustomResourceOptions) {
        super("testing:index:Echo", name, { ...args, echoed: undefined }, opts);
    }
}

export class Group extends pulumi.ComponentResource {
    constructor(name: string) {
        super("program:index:Group", name);
        this.registerOutputs({});
    }
}
