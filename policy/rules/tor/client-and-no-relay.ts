import { eachTorrc, linesOf, optionMustBe, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const RELAY = [
    "ORPort",
    "DirPort",
    "ExtORPort",
    "ExitRelay",
    "ExitPolicy",
    "BridgeRelay",
    "Nickname",
    "ContactInfo",
    "MyFamily",
    "PublishServerDescriptor",
    "ServerTransportPlugin",
    "DirCache",
];

const rule: Rule = {
    id: "TR-11",
    title: "The Gateway's tor is a client and no relay",
    why: "A relay is in the public directory, with the Gateway's address.",
    severity: "critical",
    fix: "Set ClientOnly 1 and remove ORPort, DirPort, ExitRelay and what belongs to them.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...optionMustBe(torrc, "ClientOnly", "1"),
            ...linesOf(torrc, ...RELAY).map((line) => wrongLine(torrc, line, "a relay's option")),
        ]),
};

export default rule;
