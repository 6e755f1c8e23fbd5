import { eachTorrc, linesOf, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-25",
    title: "tor opens no other kind of port",
    why:
        "A metrics port is one more service, with its own way to leak. HTTP tunnel ports are those " +
        "of the port table (TR-06).",
    severity: "medium",
    fix: "Remove the option.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) =>
            linesOf(
                torrc,
                "NATDPort",
                "MetricsPort",
                "MetricsPortPolicy",
                "OutboundBindAddressExit",
                "DNSListenAddress",
                "TransListenAddress",
                "SocksListenAddress",
            )
                .filter((line) => line.value !== "0")
                .map((line) => wrongLine(torrc, line, "not offered")),
        ),
};

export default rule;
