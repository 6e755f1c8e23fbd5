/**
 * A LAN of public addresses, as a housing provider gives: no range tells it, only the outer NIC's own subnet.
 */
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import type { Ruleset } from "../../cloud-init/nft/model";
import { LOCAL_RANGES } from "../../values/ranges";
import { LOCAL_SET } from "../../cloud-init/nft/local-set";
import { lenientKernel, loadRules, plugIn, rulesFile } from "./gateway";
import { phases } from "./phases";
import type { Tally } from "./report";
import { specOf } from "./spec";
import type { Stage } from "./world";

/** The rules as they were if only the well-known ranges counted as a LAN. */
const forgetful = (ruleset: Ruleset): Ruleset => ({
    tables: ruleset.tables.map((table) => ({
        ...table,
        sets: table.sets.map((set) =>
            set.name === LOCAL_SET.name ? { ...set, elements: LOCAL_RANGES } : set,
        ),
    })),
});

export async function publicLan(tally: Tally, stage: Stage): Promise<void> {
    const ruleset = gatewayRuleset(stage.enclave);
    await loadRules(stage, rulesFile(stage, "ruleset.nft", ruleset));
    await plugIn(stage);
    await lenientKernel(stage);
    const spec = await specOf(stage);
    await phases(tally, stage, spec, ["public-lan"]);
    await loadRules(stage, rulesFile(stage, "forgetful.nft", forgetful(ruleset)));
    await phases(tally, stage, spec, ["public-lan-open"]);
}
