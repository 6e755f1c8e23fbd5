/**
 * The Workstation's firewall from power-on until its time is set, in strict mode: the time service speaks to
 * its SocksPort, everything else is refused. It protects honest programs from a wrong clock; code that is root
 * in the Workstation can load another one, and still reaches nothing but the Gateway.
 */
import type { WorkstationFilesPlan, WorkstationGuest } from "../../plan/guest-plan";
import { socksPortOf } from "../../values/ports";
import { NIC, TABLE, TIME_USER } from "../guest";
import * as m from "./match";
import { PRIORITY, type Ruleset } from "./model";
import { logged, rule } from "./rule";
import { workstationRuleset } from "./workstation";

const LOOPBACK = "lo";

/** Rules that hold everything but the time service. */
export function untilTimeRuleset(enclave: WorkstationFilesPlan): Ruleset {
    const out = m.oif(NIC.workstation);
    const filter = { type: "filter", priority: PRIORITY.filter, policy: "drop" } as const;
    return {
        tables: [
            {
                family: "inet",
                name: TABLE,
                sets: [],
                chains: [
                    {
                        ...filter,
                        name: "input",
                        hook: "input",
                        rules: [
                            rule(
                                "held-input-lo",
                                "Programs of this machine among themselves.",
                                [m.iif(LOOPBACK)],
                                "accept",
                            ),
                            rule(
                                "held-input-established",
                                "Answers to the time service.",
                                [m.iif(NIC.workstation), m.tcp, m.established],
                                "accept",
                            ),
                            logged("held-input-log", "input"),
                            rule("held-input-rest", "Nobody begins anything here.", [], "drop", "dropped_in"),
                        ],
                    },
                    {
                        ...filter,
                        name: "forward",
                        hook: "forward",
                        rules: [
                            logged("held-forward-log", "forward"),
                            rule("held-forward-none", "No routing.", [], "drop", "forwarded"),
                        ],
                    },
                    {
                        ...filter,
                        name: "output",
                        hook: "output",
                        rules: [
                            rule(
                                "held-output-lo",
                                "Programs of this machine among themselves.",
                                [m.oif(LOOPBACK)],
                                "accept",
                            ),
                            rule(
                                "held-output-established",
                                "The rest of the time service's connections, also when the socket is closed already.",
                                [out, m.tcp, m.established],
                                "accept",
                            ),
                            rule(
                                "held-output-time",
                                "The time service, to its SocksPort alone.",
                                [
                                    out,
                                    m.ownedBy(TIME_USER),
                                    m.daddr(enclave.gateway.inner.address),
                                    m.tcpPorts(socksPortOf("time")),
                                    m.isNew,
                                ],
                                "accept",
                            ),
                            logged("held-output-log", "output"),
                            rule(
                                "held-output-rest",
                                "Everything else waits for the right time, and hears so at once.",
                                [],
                                "reject",
                                "held_out",
                            ),
                        ],
                    },
                ],
            },
        ],
    };
}

/** The rules that a Workstation starts with. */
export const bootRuleset = (enclave: WorkstationFilesPlan, workstation?: WorkstationGuest): Ruleset =>
    enclave.time?.strict === true ? untilTimeRuleset(enclave) : workstationRuleset(enclave, workstation);
