import { TOR_BROWSER_PORT } from "../../../values/ports";
import { eachTorrc, listenersOfKind, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-03",
    title: "Circuits are isolated by SOCKS user, and Tor Browser's are kept alive",
    why:
        "Tor Browser gives each site a user of its own; without isolation by user all its sites " +
        "share a circuit.",
    severity: "high",
    fix: "Write IsolateSOCKSAuth on every SocksPort and KeepAliveIsolateSOCKSAuth on Tor Browser's.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) =>
            listenersOfKind(torrc, "SocksPort").flatMap((l) => {
                const flags = l.flags.map((flag) => flag.toLowerCase());
                const last = flags.filter((flag) => /^(no)?isolatesocksauth$/.test(flag)).at(-1);
                return [
                    ...(last === "isolatesocksauth"
                        ? []
                        : [
                              wrongLine(
                                  torrc,
                                  l.line,
                                  `the last flag has to be IsolateSOCKSAuth, it is ${last ?? "left out"}`,
                              ),
                          ]),
                    ...(l.port !== TOR_BROWSER_PORT || flags.includes("keepaliveisolatesocksauth")
                        ? []
                        : [wrongLine(torrc, l.line, "KeepAliveIsolateSOCKSAuth is missing")]),
                ];
            }),
        ),
};

export default rule;
