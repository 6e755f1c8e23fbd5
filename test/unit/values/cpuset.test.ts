import fc from "fast-check";
import { loadPlan } from "../../../plan/load";
import { formatCpuset, parseCpuset } from "../../../values/cpuset";

it.each([
    ["3", [3]],
    ["2-5,8", [2, 3, 4, 5, 8]],
    ["0-3,^2", [0, 1, 3]],
    ["7,1-2, 2", [1, 2, 7]],
])("reads %j", (text, cpus) => {
    expect(parseCpuset(text)).toEqual(cpus);
});

it.each(["", ",", "a", "5-2", "^3", "2-", "-2", "1,,2", "0-3,^1-2", "8192", "0x3", "1;2"])(
    "refuses %j",
    (text) => {
        expect(() => parseCpuset(text)).toThrow(RangeError);
    },
);

it("writes what it reads, in one spelling", () => {
    fc.assert(
        fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1 }), (cpus) => {
            const sorted = [...cpus].sort((a, b) => a - b);
            expect(parseCpuset(formatCpuset(sorted))).toEqual(sorted);
            expect(formatCpuset(parseCpuset(sorted.join(",")))).toBe(formatCpuset(sorted));
        }),
    );
});

it("an enclave's processors are in the plan; two enclaves do not share one", () => {
    const plan = (...cpus: string[]): (string | undefined)[] =>
        loadPlan("p", "s", {
            enclaves: cpus.map((set, i) => ({ name: `e${i}`, cpus: set })),
        }).plan.enclaves.map((e) => e.cpus);
    expect(plan("4,2-3", "7")).toEqual(["2-4", "7"]);
    expect(() => plan("2-4", "4-5")).toThrow(
        /enclaves\[1\]\.cpus: got "4"; allowed: processors that no other enclave has; enclaves\[0\]\.cpus has this one/,
    );
    expect(() => plan("2-4;5")).toThrow(
        /enclaves\[0\]\.cpus: got "2-4;5"; allowed: processors of the lab host/,
    );
});

it("a zone of firewalld's is in the plan of each network that libvirt makes a bridge for; one that is open by design is refused", () => {
    const plan = (firewalldZone: Record<string, string>, more: Record<string, unknown> = {}): unknown[] =>
        loadPlan("p", "s", { firewalldZone, enclaves: [{ name: "e", ...more }] }).plan.enclaves.map((e) => [
            e.isolated.zone,
            "zone" in e.external ? e.external.zone : undefined,
        ]);
    expect(plan({ isolated: "drop", external: "lab" })).toEqual([["drop", "lab"]]);
    expect(plan({})).toEqual([[undefined, undefined]]);
    expect(
        plan(
            { external: "lab" },
            { external: { mode: "bridge", bridge: "br0", address: "192.0.2.10/24", route: "192.0.2.1" } },
        ),
    ).toEqual([[undefined, undefined]]);
    expect(() => plan({ isolated: "trusted" })).toThrow(
        /firewalldZone\.isolated: got "trusted"; allowed: a zone that lets guests reach nothing of the host's/,
    );
    expect(() => plan({ external: "a zone" })).toThrow(/firewalldZone\.external: .*1 to 17 characters/);
});
