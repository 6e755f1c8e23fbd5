import { workstationPlaces } from "../../../values/addresses";
import type { Model } from "../../../model";
import { addressOf, configuredNics } from "../../helpers/seed";
import { eachTorrc, linesOf, wrongLine } from "../../helpers/torrc";
import type { Finding, Rule } from "../../rule";

/** @param targets addresses that a service may lead to */
const services = (model: Model, targets: ReadonlySet<string>): Finding[] =>
    eachTorrc(model, (torrc) => [
        ...linesOf(torrc, "HiddenServiceSingleHopMode", "HiddenServiceNonAnonymousMode")
            .filter((line) => line.value !== "0")
            .map((line) => wrongLine(torrc, line, "not anonymous")),
        ...linesOf(torrc, "HiddenServicePort")
            .filter((line) => !targets.has(/ ([\d.]+):\d+$/.exec(line.value)?.[1] ?? ""))
            .map((line) => wrongLine(torrc, line, "the target has to be a Workstation's address and port")),
    ]);

const rule: Rule = {
    id: "TR-20",
    title: "Onion services are anonymous and lead to a Workstation of the enclave",
    why:
        "Single-hop services show the Gateway's address by design; a target elsewhere opens that to " +
        "the world.",
    severity: "critical",
    fix:
        "Remove HiddenServiceSingleHopMode and HiddenServiceNonAnonymousMode; point " +
        "HiddenServicePort at a Workstation.",
    limits:
        "Before creation any place for a Workstation is allowed as a target: whether one is there " +
        "only the stack shows.",
    localSeed: (model) => services(model, new Set(workstationPlaces().map(({ address }) => address))),
    check: (model) =>
        services(
            model,
            new Set(configuredNics(model, "workstation").flatMap(({ nic }) => nic.addresses.map(addressOf))),
        ),
};

export default rule;
