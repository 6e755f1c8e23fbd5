import { addressOf } from "../../helpers/seed";
import { eachTorrc, listenersOf, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-01",
    title: "tor listens for clients on the inner address alone",
    why:
        "On 0.0.0.0 or the outer address anyone may use tor; a port without an address is bound " +
        "where no rule expects it.",
    severity: "critical",
    fix: "Write address:port with the Gateway's inner address.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => {
            const outer =
                torrc.content.network.kind === "known" ? (torrc.content.network.value?.nics ?? []) : [];
            const inner = outer
                .filter((nic) => !nic.routes.length)
                .flatMap((nic) => nic.addresses.map(addressOf));
            return listenersOf(torrc)
                .filter((l) => !inner.includes(l.address))
                .map((l) =>
                    wrongLine(
                        torrc,
                        l.line,
                        "only " +
                            `${inner.join(", ") || "an inner address (network-config has none)"} ` +
                            "with a port is allowed",
                    ),
                );
        }),
};

export default rule;
