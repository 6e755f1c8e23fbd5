/** The queries as rules, so that the policy pack and `plan` report them as they report everything else. */
import type { Finding, Rule } from "./rule";
import { digestOf, marked, type Model } from "../model";
import { prove, type Breach, type Proof } from "../reachability/prove";
import { QUERIES } from "../reachability/queries";
import { describeTrust } from "../reachability/trust";

const proofs = new WeakMap<Model, Proof>();

/** One proof for each model, however many rules ask. */
export function proofOf(model: Model): Proof {
    const before = proofs.get(model);
    if (before !== undefined) {
        return before;
    }
    const proof = prove(model);
    proofs.set(model, proof);
    return proof;
}

/** `1. domain: networkInterfaces[1].networkName: …` */
const describeHops = (breach: Breach): string[] =>
    breach.hops.map(
        (hop, i) =>
            `${i + 1}. ` +
            `${hop.resource.split("::").at(-1) ?? hop.resource}${hop.input === "" ? "" : ` ${hop.input}`}: ` +
            `${hop.because}${hop.sure ? "" : " (not certain)"}`,
    );

function finding(breach: Breach, restsOn: readonly string[]): Finding {
    const last = [...breach.hops].reverse().find((hop) => hop.input !== "") ?? breach.hops.at(-1);
    const sure = breach.verdict === "refuted";
    return {
        subject: `${breach.source} ${breach.by} -> ${breach.target}`,
        verdict: sure ? "violation" : "undecided",
        message:
            `${breach.source} ${sure ? "reaches" : "may reach"} ${breach.target} ` +
            `(${breach.packet.slice(0, 3).join("; ")}${breach.packet.length > 3 ? "; …" : ""}) ` +
            `${marked(digestOf([breach.packet, breach.hops]))}`,
        at: { resource: last?.resource ?? breach.sourceResource, path: last?.input ?? "" },
        fix: breach.fix,
        hops: describeHops(breach),
        restsOn,
    };
}

/** What to change, by query; a path that is found names its own last hop as well. */
const FIXES: ReadonlyMap<string, string> = new Map([
    [
        "PATH-outside",
        "Leave each Workstation one NIC, on its isolated network, and no other way to send (NT-07).",
    ],
    [
        "PATH-host",
        "Remove the host's address from the isolated network (NT-02) and host devices from the " +
            "guest (DD-05).",
    ],
    [
        "PATH-lan",
        "Leave the LANs in the Gateway's drop list (FW-05) and the Workstation on its isolated " +
            "network (NT-07).",
    ],
    ["PATH-enclave", "Give each enclave a network, a bridge and a Gateway of its own (NT-16, NT-17, SH-05)."],
    [
        "PATH-workstation",
        "Isolate the Workstations' ports (NT-18) and filter their NICs (DD-16), as the components do.",
    ],
    [
        "PATH-gateway",
        "Admit Workstations to tor's ports alone (FW-12): leave the Gateway's seed to the components.",
    ],
    ["PATH-tor", "Let tor's user alone connect outside (FW-04): leave the Gateway's seed to the components."],
]);

export const reachabilityRules: readonly Rule[] = QUERIES.map((query): Rule => ({
    id: query.id,
    title: query.title,
    why: query.why,
    severity: query.id === "PATH-workstation" || query.id === "PATH-gateway" ? "high" : "critical",
    fix: FIXES.get(query.id) ?? "Remove the last hop's input.",
    check: (model) => {
        const { queries, objections, trust } = proofOf(model);
        const result = queries.find((q) => q.id === query.id);
        const restsOn = trust.map(describeTrust);
        const whole = { subject: "model", at: { resource: "", path: "" }, restsOn };
        if (result === undefined || (result.verdict !== "proved" && result.breaches.length === 0)) {
            const [objection] = objections;
            return [
                objection === undefined
                    ? {
                          ...whole,
                          verdict: "undecided",
                          message: "there is no domain, so there is nothing to show",
                      }
                    : {
                          ...whole,
                          verdict: "undecided",
                          message: `the separate checker refuses the proof's certificate: ${objection}`,
                          fix:
                              "report this, with the certificate (`sallyport plan --certificate " +
                              "FILE`): the proof has a mistake",
                      },
            ];
        }
        const more: Finding[] =
            result.more === 0
                ? []
                : [{ ...whole, verdict: "violation", message: `at least ${result.more} more of the same` }];
        return [...result.breaches.map((breach) => finding(breach, restsOn)), ...more];
    },
}));
