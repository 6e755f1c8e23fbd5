/**
 * Every rule, in the order of the catalogue. Each group's `index.ts` lists the files beside it and is
 * generated; docs/writing-a-rule.md shows how a rule is added.
 */
import { reachabilityRules } from "./reachability-rules";
import type { Rule } from "./rule";
import * as devices from "./rules/devices";
import * as firewall from "./rules/firewall";
import * as host from "./rules/host";
import * as identity from "./rules/identity";
import * as lifecycle from "./rules/lifecycle";
import * as networks from "./rules/networks";
import * as project from "./rules/project";
import * as seeds from "./rules/seeds";
import * as sharing from "./rules/sharing";
import * as tor from "./rules/tor";

/** Groups of the catalogue by the prefix of their ids: title, and how many invariants each has. */
export const GROUPS: ReadonlyMap<string, readonly [title: string, count: number]> = new Map([
    ["NT", ["Networks", 27]],
    ["DD", ["Devices", 25]],
    ["ID", ["Identity", 16]],
    ["TR", ["tor", 25]],
    ["FW", ["Firewall", 22]],
    ["CI", ["cloud-init and secrets", 18]],
    ["HS", ["Host", 18]],
    ["LC", ["Lifecycle", 16]],
    ["SH", ["Sharing between enclaves", 10]],
]);

const FOLDERS = [networks, devices, identity, tor, firewall, seeds, host, lifecycle, sharing, project];

/** Where a rule stands; this project's own rules (`ACT-01`) come after the catalogue's. */
function place({ id }: Rule): number {
    const at = [...GROUPS.keys()].indexOf(id.replace(/-.*$/, ""));
    return at < 0 ? GROUPS.size : at;
}

export const rules: readonly Rule[] = Object.freeze([
    ...FOLDERS.flatMap((folder): (Rule | readonly Rule[])[] => Object.values(folder))
        .flat()
        .sort((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1)),
    ...reachabilityRules,
]);
