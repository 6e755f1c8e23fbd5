/** What a proof rests on: said in every report, whatever the verdict. */
import { memoize } from "../util/memoize";
import { holds, isGateway, nicsOf, type Model, type TorOptionLine } from "../model";
import type { BuiltGraph } from "./build";
import { seedContentOf } from "./expected";

export interface Trust {
    readonly layer:
        "attachment" | "gateway rules" | "references" | "Tor network" | "programs on the host" | "runtime";
    readonly basis: "exact" | "by hash" | "undecided" | "assumed" | "not claimed here";
    readonly detail: string;
}

/** Options of torrc that lead to another network than the public one. */
const PRIVATE =
    /^[+/]?(dirauthority|alternatedirauthority|alternatebridgeauthority|fallbackdir|testingtornetwork)$/i;

const privateOptions = memoize((torrc: readonly TorOptionLine[]): readonly string[] => [
    ...new Set(
        torrc
            .filter((line) => PRIVATE.test(line.option) && line.value !== "0")
            .map((line) => `${line.option} ${line.value.split(" ")[0] ?? ""}`),
    ),
]);

/**
 * Gateways on a private Tor network: the proof says that all goes through tor, not whose tor that
 * is.
 */
function privateNetworks(model: Model): Trust[] {
    const found = model.domains.filter(isGateway).flatMap((gateway) => {
        const content = seedContentOf(gateway);
        const options =
            typeof content !== "string" && content.torrc.kind === "known" && content.torrc.value !== undefined
                ? privateOptions(content.torrc.value)
                : [];
        return options.length === 0
            ? []
            : [
                  `${gateway.resource.name} (${options.slice(0, NAMED).join(", ")}${options.length > NAMED ? ", …" : ""})`,
              ];
    });
    return found.length === 0
        ? []
        : [
              {
                  layer: "Tor network",
                  basis: "assumed",
                  detail: `private Tor network: ${found.slice(0, NAMED).join("; ")}${found.length > NAMED ? ` and ${found.length - NAMED} more` : ""}; its owner sees who talks to whom`,
              },
          ];
}
/** `gateway rules: by hash; 2 rulesets equal to …`. */
export const describeTrust = (t: Trust): string => `${t.layer}: ${t.basis}; ${t.detail}`;

/** Digests that are written out. */
const NAMED = 5;

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

export function trustOf(model: Model, graph: BuiltGraph): Trust[] {
    const gateways = graph.guests.filter((g) => g.judged !== undefined);
    const foreign = gateways.filter((g) => g.judged?.trusted === false);
    const digests = gateways
        .slice(0, NAMED)
        .map((g) => g.judged?.digest() ?? "not shown: it would tell of bridges, a proxy or a tunnel");
    const rest = gateways.length > NAMED ? ` and ${gateways.length - NAMED} more` : "";
    const stored = [
        ...model.domains.flatMap((d) => (d.disks.kind === "known" ? d.disks.value : [])).map((d) => d.source),
        ...model.volumes.map((v) => v.base),
    ].filter((f) => f.kind === "unknown" && f.candidates !== undefined).length;
    const pending = model.domains
        .flatMap(nicsOf)
        .filter(
            (nic) => nic.attachment.kind === "unknown" && holds(nic.attachment, () => true) === "yes",
        ).length;
    const source = {
        policy: "the declared resources",
        export: "the stack's state",
        preview: "the preview",
        live: "libvirt's own XML",
    }[model.source];
    return [
        {
            layer: "attachment",
            basis: "exact",
            detail: `${plural(model.networks.length, "network")} and ${plural(model.domains.length, "domain")} of ${source}; no trust in any guest`,
        },
        ...model.hosts
            .filter(({ tapsByLibvirt }) => tapsByLibvirt === true)
            .map(({ key }) => ({
                layer: "attachment" as const,
                basis: "assumed" as const,
                detail: `each tap at ${key} is on the bridge that its libvirt names: the kernel of another machine is not read`,
            })),
        gateways.length > 0 && foreign.length === 0
            ? {
                  layer: "gateway rules",
                  basis: "by hash",
                  detail: `${plural(gateways.length, "ruleset")} equal to what cloud-init/ renders for what is attached (sha256 ${digests.join(", ")}${rest})`,
              }
            : {
                  layer: "gateway rules",
                  basis: "undecided",
                  detail:
                      foreign
                          .map((g) => `${g.domain.resource.name}: ${g.judged?.why ?? ""}`)
                          .slice(0, 5)
                          .join("; ") || "no domain is declared a Gateway",
              },
        ...(pending === 0
            ? []
            : [
                  {
                      layer: "references" as const,
                      basis: "assumed" as const,
                      detail: `${plural(pending, "NIC")} will be on one of the networks whose outputs feed the input; the ids are known after the update`,
                  },
              ]),
        ...(stored === 0
            ? []
            : [
                  {
                      layer: "references" as const,
                      basis: "assumed" as const,
                      detail: `${plural(stored, "disk")} or base will be one of the declared volumes whose outputs feed it, and nothing that the program makes of those outputs; the ids are known after the update`,
                  },
              ]),
        ...privateNetworks(model),
        ...(model.actuators.length === 0
            ? []
            : [
                  {
                      layer: "programs on the host" as const,
                      basis: "assumed" as const,
                      detail: `${plural(model.actuators.length, "command resource")} can change the host; the rules list the ones that are ours`,
                  },
              ]),
        {
            layer: "runtime",
            basis: "not claimed here",
            detail: "that the kernel does what nftables says, that libvirt is not edited by hand, that the host's bridge has no other port, that the hypervisor has no bug: `make test-netns` and `make test-e2e` look there",
        },
    ];
}
