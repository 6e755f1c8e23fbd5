import { TOR } from "../../../cloud-init/guest";
import { eachTorrc, linesOf, optionMustBe, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-09",
    title: "tor's control port is a socket on the Gateway's own disk",
    why: "A guest that reaches the control port can ask tor for the Gateway's address.",
    severity: "critical",
    fix: "Remove ControlPort and HashedControlPassword; ControlSocket with cookie authentication is enough.",
    scope: "seed",
    check: (model) =>
        eachTorrc(model, (torrc) => [
            ...linesOf(
                torrc,
                "ControlPort",
                "HashedControlPassword",
                "ControlListenAddress",
                "ControlPortWriteToFile",
            )
                .filter((line) => line.value !== "0")
                .map((line) => wrongLine(torrc, line, "not allowed")),
            ...linesOf(torrc, "ControlSocket")
                .filter((line) => line.value.split(" ")[0] !== TOR.controlSocket && line.value !== "0")
                .map((line) => wrongLine(torrc, line, `only ${TOR.controlSocket} is allowed`)),
            ...optionMustBe(torrc, "CookieAuthentication", "1"),
        ]),
};

export default rule;
