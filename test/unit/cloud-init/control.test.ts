import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";
import { controlFiles } from "../../../cloud-init/control";
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import { rulesOf, type Rule } from "../../../cloud-init/nft/model";
import { workstationSeed } from "../../../cloud-init/seed";
import type { EnclavePlan } from "../../../plan/plan";
import { enclaveOf } from "./plans";
import { placed } from "../../support/placed";

const two = enclaveOf({ workstations: placed({ name: "a" }, { name: "b" }) });
const given: EnclavePlan = {
    ...two,
    workstations: two.workstations.map((w, i) => ({ ...w, control: i === 1 })),
};
const controlRules = (enclave: EnclavePlan): Rule[] =>
    [...rulesOf(gatewayRuleset(enclave))]
        .map(({ rule }) => rule)
        .filter((r) => r.matches.some((m) => m.on === "dport" && m.ports.includes(9051)));

it("is off unless a Workstation has it", () => {
    expect(controlFiles(two)).toEqual([]);
    expect(controlRules(two)).toEqual([]);
    expect(JSON.stringify(two.workstations.map((w) => workstationSeed(two, w)))).not.toContain("9051");
});

it("is open to the Workstation that has it, in filter and firewall alike", () => {
    expect(JSON.parse(controlFiles(given)[0]?.content ?? "")).toEqual({
        listen: "10.152.152.10",
        port: 9051,
        workstations: ["10.152.152.12"],
    });
    const rules = controlRules(given).filter((r) => r.verdict.do === "accept");
    expect(rules.map((r) => r.id)).toEqual(["redirect-not-control", "input-control"]);
    for (const rule of rules) {
        expect(rule.matches).toContainEqual({ on: "saddr", op: "in", addresses: ["10.152.152.12"] });
    }
    const [a, b] = given.workstations.map((w) => JSON.stringify(workstationSeed(given, w)));
    expect([a?.includes("9051"), b?.includes("9051")]).toEqual([false, true]);
});

/** Runs lines of Python that know the filter as `module` and the argument as `argument`, and print JSON. */
function python(program: string, argument: unknown): unknown {
    const load = `
import importlib.machinery, importlib.util, json, socket, sys, threading
loader = importlib.machinery.SourceFileLoader("control_filter", sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("control_filter", loader))
loader.exec_module(module)
argument = json.loads(sys.argv[2])
`;
    const path = join(projectRoot(), "image/rootfs/usr/lib/sallyport/control-filter");
    return JSON.parse(
        execFileSync("/usr/bin/python3", ["-B", "-c", `${load}${program}`, path, JSON.stringify(argument)], {
            encoding: "utf8",
            timeout: 60_000,
        }),
    );
}

/** Asks the filter itself, with a tor that answers "TOR <command>". */
const ask = (...lines: string[]): string[][] =>
    python(
        `
f = module.Filter({"listen": "10.152.152.10", "port": 9051, "workstations": []}, tor=lambda c: ["TOR " + c], clock=lambda: 0.0)
print(json.dumps([f.answer("10.152.152.11", line) for line in argument]))
`,
        lines,
    ) as string[][];

/**
 * Workstations open connections one after the other, in the order given, and hold them.
 * @param threads how many the machine has; then it refuses more
 * @returns for each whether it is answered; once all are gone, whether the first one's next is
 */
const crowd = (
    workstations: string[],
    callers: string[],
    threads = 1000,
): { answered: boolean[]; afterwards: boolean } =>
    python(
        `
class Thread(threading.Thread):
    left = argument["threads"]
    def start(self):
        if Thread.left == 0:
            raise RuntimeError("can't start new thread")
        Thread.left -= 1
        super().start()
module.threading.Thread = Thread
f = module.Filter({"listen": "10.152.152.10", "port": 9051, "workstations": argument["workstations"]}, tor=lambda c: [c])
held = []
def call(caller):
    here, there = socket.socketpair()
    held.append(here)
    here.settimeout(10)
    f.admit(there, caller)
    try:
        here.sendall(b"GETINFO version\\r\\n")
        return here.recv(100).startswith(b"GETINFO")
    except ConnectionError:
        return False
answered = [call(caller) for caller in argument["callers"]]
for one in held:
    one.close()
Thread.left = 1000
for one in threading.enumerate():
    if one is not threading.current_thread():
        one.join(10)
print(json.dumps({"answered": answered, "afterwards": call(argument["callers"][0])}))
`,
        { workstations, callers, threads },
    ) as { answered: boolean[]; afterwards: boolean };

describe("control filter", () => {
    it("sends tor only what it spells itself", () => {
        expect(
            ask("getinfo VERSION", "GETINFO consensus/valid-until", "signal newnym", "SIGNAL NEWNYM"),
        ).toEqual([
            ["TOR GETINFO version"],
            ["TOR GETINFO consensus/valid-until"],
            ["TOR SIGNAL NEWNYM"],
            ["250 OK"],
        ]);
    });

    it.each([
        "GETINFO address",
        "GETINFO version address",
        "GETCONF Bridge",
        "SETCONF x=y",
        "SIGNAL HALT",
        "SIGNAL NEWNYM HALT",
        "MAPADDRESS a=b",
        "EXTENDCIRCUIT 0",
        "+LOADCONF",
        "LOADCONF",
        "ADD_ONION NEW:BEST",
        "QUIT now",
        "",
        " GETINFO version",
        "GETINFO  version",
    ])("refuses %j", (line) => {
        expect(ask(line)).toEqual([["510 Command filtered"]]);
    });

    it("serves no other", () => {
        expect(crowd(["10.152.152.11"], ["10.152.152.12"])).toEqual({ answered: [false], afterwards: false });
    });

    it("gives each Workstation as many connections as leave the others theirs, in any order", () => {
        const workstations = Array.from({ length: 8 }, (_, i) => `10.152.152.${11 + i}`);
        const callers = workstations.flatMap((w) => Array.from({ length: 6 }, () => w));
        const { answered, afterwards } = crowd(workstations, callers);
        expect(workstations.map((_, i) => answered.slice(6 * i, 6 * i + 6))).toEqual(
            workstations.map(() => [true, true, true, true, false, false]),
        );
        expect(afterwards).toBe(true);
    });

    it("never has more connections than its unit has tasks, however many Workstations there are", () => {
        const workstations = Array.from({ length: 40 }, (_, i) => `10.152.152.${11 + i}`);
        const { answered } = crowd(workstations, workstations);
        expect(answered.filter((yes) => yes)).toHaveLength(32);
        const unit = readFileSync(
            join(projectRoot(), "image/rootfs/etc/systemd/system/sallyport-control.service"),
            "utf8",
        );
        expect(Number(/^TasksMax=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(32 + 1);
    });

    it("closes a connection for which there is no thread, and goes on", () => {
        expect(crowd(["10.152.152.11"], ["10.152.152.11", "10.152.152.11", "10.152.152.11"], 2)).toEqual({
            answered: [true, true, false],
            afterwards: true,
        });
    });

    it("answers the rest itself, and promises events that never come", () => {
        expect(
            ask(
                "AUTHENTICATE 00",
                "PROTOCOLINFO 1",
                "SETEVENTS STREAM",
                "GETINFO net/listeners/socks",
                "QUIT",
            ).map((a) => (a as string[] | null)?.at(-1)),
        ).toEqual(["250 OK", "250 OK", "250 OK", "250 OK", undefined]);
    });
});
