/** What the netns tier counts as accounted for, and that it enumerates what a ruleset holds. */
import { gatewayRuleset } from "../../../cloud-init/nft/gateway";
import { rulesOf } from "../../../cloud-init/nft/model";
import { Coverage } from "../../netns/coverage";
import { mutationsOf } from "../../netns/mutations";
import { enclaveOf } from "../cloud-init/plans";

const ruleset = gatewayRuleset(enclaveOf());
const mutations = mutationsOf(ruleset);

it("every rule is removed once, and every condition of every rule", () => {
    for (const { rule } of rulesOf(ruleset)) {
        const ids = mutations.filter((m) => m.rule === rule.id).map((m) => m.id);
        expect(ids).toContain(`${rule.id}: removed`);
        expect(ids.filter((id) => / without (?!bounds)/.test(id))).toHaveLength(rule.matches.length);
        expect(ids.includes(`${rule.id}: without bounds`)).toBe(rule.verdict.do === "log");
    }
    expect(new Set(mutations.map((m) => m.id)).size).toBe(mutations.length);
});

it("what was not played is missing, whatever its name was played for elsewhere", () => {
    const coverage = new Coverage();
    const closed = mutationsOf(gatewayRuleset(enclaveOf({ transparentProxy: false })));
    coverage.declare("gateway", mutations);
    coverage.declare("SocksPorts only", closed);
    expect(coverage.all().missing).toHaveLength(mutations.length + closed.length);
    mutations.forEach((m) => coverage.note("gateway", m, "noticed"));
    // input-crowded names other ports without a transparent proxy: the same name, another rule.
    expect(new Set(coverage.all().missing.map((id) => id.split(": ")[1]))).toEqual(
        new Set(["input-crowded"]),
    );
    closed
        .filter((m) => m.rule === "input-crowded")
        .forEach((m) => coverage.note("SocksPorts only", m, "behind another rule"));
    expect(coverage.all().missing).toEqual([]);
});
