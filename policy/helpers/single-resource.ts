/** Judging one resource by itself, before it is created: what `up --skip-preview` cannot skip. */
import { hiddenNode, known, opaque, type Domain, type Fact, type Model, type Seed } from "../../model";
import { runRules, type Rule, type RuleFinding } from "../rule";

/** The role that a seed declares; any other word is none. */
function declared(role: Fact<string | undefined>): Domain["role"] {
    if (role.kind === "known") {
        const value = role.value === "gateway" || role.value === "workstation" ? role.value : undefined;
        return known(value, role.at);
    }
    return role.kind === "opaque" ? role : { kind: "unknown", why: role.why, at: role.at };
}

/** The guest that will run a seed, as far as the seed says: its role and nothing of its devices. */
function guestOf(seed: Seed): Domain {
    const at = { resource: seed.resource.id, path: "" };
    const elsewhere = opaque(at, "a seed says nothing of it");
    const { role } = seed.content;
    return {
        // As its domain is called here, so that a finding has one name before and after.
        resource: { ...seed.resource, name: seed.resource.name.replace(/-seed$/, "") },
        host: seed.host,
        name: elsewhere,
        nics: elsewhere,
        disks: elsewhere,
        devices: elsewhere,
        autostart: elsewhere,
        xml: hiddenNode("domain", elsewhere),
        stylesheet: { kind: "none" },
        role: declared(role),
        enclave: known(undefined, at),
        seeds: known([seed], at),
    };
}

/** @param model of one resource */
export function judgeResource(rules: readonly Rule[], model: Model): RuleFinding[] {
    const part = (scope: Rule["scope"], local: "local" | "localSeed"): Rule[] =>
        rules.flatMap((rule) => {
            const check = rule.scope === scope ? rule.check : rule[local];
            return check === undefined ? [] : [{ ...rule, check }];
        });
    return [
        ...runRules(part("resource", "local"), model),
        ...runRules(part("seed", "localSeed"), { ...model, domains: model.seeds.map(guestOf) }),
    ];
}
