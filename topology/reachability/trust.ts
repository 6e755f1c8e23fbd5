/** What a proof rests on: said in every report, whatever the verdict. */
import { holds, nicsOf, type Model } from "../model";
import type { BuiltGraph } from "./build";

export interface Trust {
    readonly layer: "attachment" | "gateway rules" | "references" | "programs on the host" | "runtime";
    readonly basis: "exact" | "by hash" | "undecided" | "assumed" | "not claimed here";
    readonly detail: string;
}

/** `gateway rules: by hash; 2 rulesets equal to …`. */
export const describeTrust = (t: Trust): string => `${t.layer}: ${t.basis}; ${t.detail}`;

/** Digests that are written out. */
const NAMED = 5;

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

export function trustOf(model: Model, graph: BuiltGraph): Trust[] {
    const gateways = graph.guests.filter((g) => g.judged !== undefined);
    const foreign = gateways.filter((g) => g.judged?.trusted === false);
    const digests = gateways.slice(0, NAMED).map((g) => g.judged?.digest().slice(0, 12) ?? "");
    const rest = gateways.length > NAMED ? ` and ${gateways.length - NAMED} more` : "";
    const pending = model.domains.flatMap(nicsOf).filter((nic) => nic.attachment.kind === "unknown" && holds(nic.attachment, () => true) === "yes").length;
    const source = { policy: "the declared resources", export: "the stack's state", preview: "the preview", live: "libvirt's own XML" }[model.source];
    return [
        { layer: "attachment", basis: "exact", detail: `${plural(model.networks.length, "network")} and ${plural(model.domains.length, "domain")} of ${source}; no trust in any guest` },
        gateways.length === 0
            ? { layer: "gateway rules", basis: "undecided", detail: "no domain is declared a Gateway" }
            : foreign.length === 0
                ? { layer: "gateway rules", basis: "by hash", detail: `${plural(gateways.length, "ruleset")} equal to what cloud-init/ renders for what is attached (sha256 ${digests.join(", ")}${rest})` }
                : { layer: "gateway rules", basis: "undecided", detail: foreign.map((g) => `${g.domain.resource.name}: ${g.judged?.why ?? ""}`).slice(0, 5).join("; ") },
        ...(pending === 0 ? [] : [{ layer: "references" as const, basis: "assumed" as const, detail: `${plural(pending, "NIC")} will be on one of the networks whose outputs feed the input; the ids are known after the update` }]),
        ...(model.actuators.length === 0 ? [] : [{ layer: "programs on the host" as const, basis: "assumed" as const, detail: `${plural(model.actuators.length, "command resource")} can change the host; the rules list the ones that are ours` }]),
        {
            layer: "runtime", basis: "not claimed here",
            detail: "that the kernel does what nftables says, that nobody edits libvirt by hand, that the host's bridge has no other port, that the hypervisor has no bug: `make test-netns` and `make test-e2e` look there",
        },
    ];
}
