import { eachTorrc, linesOf, valueOf, wrongLine, wrongTorrc } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-14",
    title: "Bridges are used as a whole or not at all",
    why:
        "UseBridges without a bridge: tor does not start; a bridge without UseBridges is ignored, " +
        "and tor is seen to connect.",
    severity: "high",
    fix: "Give UseBridges 1, Bridge lines and their transport together.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => {
            const uses = valueOf(torrc, "UseBridges") === "1";
            const bridges = linesOf(torrc, "Bridge");
            const transports = linesOf(torrc, "ClientTransportPlugin").flatMap(
                (line) => line.value.split(" ")[0]?.split(",") ?? [],
            );
            return [
                ...(uses === bridges.length > 0
                    ? []
                    : [
                          wrongTorrc(
                              torrc,
                              "UseBridges",
                              `UseBridges is ${uses ? "1" : "not 1"} with ${bridges.length} Bridge lines`,
                          ),
                      ]),
                ...bridges
                    .filter(
                        (line) =>
                            /^[a-z]/i.test(line.value) &&
                            !transports.includes(line.value.split(" ")[0] ?? ""),
                    )
                    .map((line) =>
                        wrongTorrc(
                            torrc,
                            `Bridge line ${line.line}`,
                            `line ${line.line}: no ClientTransportPlugin for its transport`,
                        ),
                    ),
                ...linesOf(torrc, "ClientTransportPlugin")
                    .filter((line) => !/^[a-z0-9_,]+ exec \/usr\/bin\/[a-z0-9-]+( |$)/.test(line.value))
                    .map((line) =>
                        wrongLine(torrc, line, "a transport of the image under /usr/bin is allowed"),
                    ),
            ];
        }),
};

export default rule;
