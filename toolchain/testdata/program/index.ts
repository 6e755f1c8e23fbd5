import * as pulumi from "@pulumi/pulumi";
import { Echo, Group } from "./echo";

const config = new pulumi.Config();
const group = new Group("group");
const first = new Echo("first", { text: config.get("text") ?? "hello" }, { parent: group });
const second = new Echo("second", { text: pulumi.interpolate`${first.echoed}!` }, { parent: group });

export const echoed = second.echoed;
export const secret = config.requireSecret("secret").apply((s) => s.length);
export const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
export const compiledFrom = __filename.split("/").pop();
export const dryRun = pulumi.runtime.isDryRun();
