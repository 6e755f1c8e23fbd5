import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../../cli/root";
import { controlFiles } from "../../../cloud-init/control";
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import { rulesOf, type Rule } from "../../../cloud-init/nft/model";
import { workstationSeed } from "../../../cloud-init/seed";
import type { EnclavePlan } from "../../../topology/plan";
import { enclaveOf } from "./plans";

const two = enclaveOf({ workstations: [{ name: "a" }, { name: "b" }] });
const given: EnclavePlan = { ...two, workstations: two.workstations.map((w, i) => ({ ...w, control: i === 1 })) };
const controlRules = (enclave: EnclavePlan): Rule[] =>
    [...rulesOf(gatewayRuleset(enclave))].map(({ rule }) => rule).filter((r) => r.matches.some((m) => m.on === "dport" && m.ports.includes(9051)));

it("is off unless a Workstation has it", () => {
    expect(controlFiles(two)).toEqual([]);
    expect(controlRules(two)).toEqual([]);
    expect(JSON.stringify(two.workstations.map((w) => workstationSeed(two, w)))).not.toContain("9051");
});

it("is open to the Workstation that has it, in filter and firewall alike", () => {
    expect(JSON.parse(controlFiles(given)[0]?.content ?? "")).toEqual({ listen: "10.152.152.10", port: 9051, workstations: ["10.152.152.12"] });
    const rules = controlRules(given).filter((r) => r.verdict.do === "accept");
    expect(rules.map((r) => r.id)).toEqual(["redirect-not-control", "input-control"]);
    for (const rule of rules) {
        expect(rule.matches).toContainEqual({ on: "saddr", op: "in", addresses: ["10.152.152.12"] });
    }
    const [a, b] = given.workstations.map((w) => JSON.stringify(workstationSeed(given, w)));
    expect([a?.includes("9051"), b?.includes("9051")]).toEqual([false, true]);
});

/** Asks the filter itself, with a tor that answers "TOR <command>". */
function ask(...lines: string[]): string[][] {
    const program = `
import importlib.machinery, importlib.util, json, sys
loader = importlib.machinery.SourceFileLoader("control_filter", sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("control_filter", loader))
loader.exec_module(module)
f = module.Filter({"listen": "10.152.152.10", "port": 9051, "workstations": []}, tor=lambda c: ["TOR " + c], clock=lambda: 0.0)
print(json.dumps([f.answer("10.152.152.11", line) for line in json.loads(sys.argv[2])]))
`;
    const path = join(projectRoot(), "image/rootfs/usr/lib/sallyport/control-filter");
    return JSON.parse(execFileSync("/usr/bin/python3", ["-B", "-c", program, path, JSON.stringify(lines)], { encoding: "utf8" })) as string[][];
}

describe("control filter", () => {
    it("sends tor only what it spells itself", () => {
        expect(ask("getinfo VERSION", "GETINFO consensus/valid-until", "signal newnym", "SIGNAL NEWNYM"))
            .toEqual([["TOR GETINFO version"], ["TOR GETINFO consensus/valid-until"], ["TOR SIGNAL NEWNYM"], ["250 OK"]]);
    });

    it.each(["GETINFO address", "GETINFO version address", "GETCONF Bridge", "SETCONF x=y", "SIGNAL HALT", "SIGNAL NEWNYM HALT", "MAPADDRESS a=b",
        "EXTENDCIRCUIT 0", "+LOADCONF", "LOADCONF", "ADD_ONION NEW:BEST", "QUIT now", "", " GETINFO version", "GETINFO  version"])("refuses %j", (line) => {
        expect(ask(line)).toEqual([["510 Command filtered"]]);
    });

    it("answers the rest itself, and promises events that never come", () => {
        expect(ask("AUTHENTICATE 00", "PROTOCOLINFO 1", "SETEVENTS STREAM", "GETINFO net/listeners/socks", "QUIT").map((a) => (a as string[] | null)?.at(-1)))
            .toEqual(["250 OK", "250 OK", "250 OK", "250 OK", undefined]);
    });
});
