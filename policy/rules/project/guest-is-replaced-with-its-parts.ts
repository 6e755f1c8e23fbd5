import { own } from "../../../util/own";
import { createStep } from "../../../model/steps";
import { networkById, possible, type Domain, type Fact, type Model, type Resource } from "../../../model";
import { subjectOf, undecided, violation, whole } from "../../check";
import { dependenciesOf } from "../../helpers/graph";
import type { Finding, Rule } from "../../rule";
import { eachDomain, volumeById } from "../../select";

const stays = ({ operation }: Resource): boolean => operation === "same" || operation === "update";
const changes = ({ operation }: Resource): boolean => operation !== undefined && operation !== "same";

interface Footing {
    readonly resource: Resource;
    readonly what: string;
}

const sure = <T>(fact: Fact<T>): T | undefined => (fact.kind === "known" ? fact.value : undefined);

/** A volume and what it stands on: its backing volumes, the seed that it is filled from, their pools. */
function storage(model: Model, id: string, seen: ReadonlySet<string> = new Set()): Footing[] {
    const volume = volumeById(model, id);
    const seed = model.seeds.find((s) => s.resource.id === (volume?.seed ?? id));
    const pools = [volume, seed].flatMap((v) =>
        v === undefined
            ? []
            : model.pools.filter(
                  (p) =>
                      p.host === v.host &&
                      sure(p.name) !== undefined &&
                      sure(p.name) === sure<string | undefined>(v.pool),
              ),
    );
    const bases =
        volume === undefined || seen.has(id)
            ? []
            : (possible(volume.base) ?? []).flatMap((b) =>
                  b?.from === "volume" ? storage(model, b.volume, new Set([...seen, id])) : [],
              );
    return [
        ...(volume === undefined ? [] : [{ resource: volume.resource, what: "volume" }]),
        ...(seed === undefined ? [] : [{ resource: seed.resource, what: "seed" }]),
        ...pools.map((p) => ({ resource: p.resource, what: "pool" })),
        ...bases,
    ];
}

/**
 * Everything of libvirt's that a guest runs on, by its references, and by its dependencies where it does not
 * say.
 */
function footing(model: Model, domain: Domain): Footing[] {
    const networks = (sure(domain.nics) ?? [])
        .flatMap((nic) => possible(nic.attachment) ?? [])
        .flatMap((a) => (a.to === "network" ? [networkById(model, a.network)] : []))
        .flatMap((n) => (n === undefined ? [] : [{ resource: n.resource, what: "network" }]));
    const disks = (sure(domain.disks) ?? [])
        .flatMap((disk) => possible(disk.source) ?? [])
        .flatMap((s) => (s.from === "volume" ? storage(model, s.volume) : []));
    const seeds = (possible(domain.seeds) ?? []).flat().map((s) => ({ resource: s.resource, what: "seed" }));
    const filters = (sure(domain.nics) ?? [])
        .flatMap((nic) =>
            sure(nic.filter) === undefined
                ? []
                : model.actuators.filter((a) => {
                      const step = createStep(a);
                      // A step that is updated puts other rules under the running guests; one that is made
                      // anew has had none until then.
                      return (
                          step?.verb === "define-filter" &&
                          step.options.name === sure(nic.filter) &&
                          a.resource.operation !== "update"
                      );
                  }),
        )
        .map((a) => ({ resource: a.resource, what: "filter's step" }));
    const named = [...networks, ...disks, ...seeds, ...filters];
    const there = new Set(named.map(({ resource }) => resource.id));
    const waited = dependenciesOf(model, domain.resource);
    const records: readonly Footing[] = [
        ...model.networks.map((r) => ({ resource: r.resource, what: "network" })),
        ...model.volumes.map((r) => ({ resource: r.resource, what: "volume" })),
        ...model.seeds.map((r) => ({ resource: r.resource, what: "seed" })),
        ...model.pools.map((r) => ({ resource: r.resource, what: "pool" })),
        ...model.domains.map((r) => ({ resource: r.resource, what: "guest" })),
    ];
    return [
        ...named,
        ...records.filter(({ resource }) => waited.has(resource.id) && !there.has(resource.id)),
    ];
}

const DONE: Readonly<Record<string, string>> = {
    create: "made",
    replace: "replaced",
    update: "changed",
    delete: "deleted",
};

const rule: Rule = {
    id: "UPDATE-02",
    title: "No guest stays while something that it runs on is made, replaced or changed",
    why:
        "It goes on running on what was there before: the old seed's firewall, the old disk, a " +
        "bridge that is gone. What is judged here is the new one.",
    severity: "critical",
    fix:
        "Replace the guest together with it. Take its name or id from what it runs on, and set " +
        "replaceOnChanges and deleteBeforeReplace, as this project's components do.",
    limits: "It needs `sallyport plan --preview`. The policy SDK hands over no operations.",
    check: (model) =>
        model.source !== "preview"
            ? []
            : eachDomain(model, "all", (domain): readonly Finding[] => {
                  if (!stays(domain.resource)) {
                      return [];
                  }
                  const changed = new Map(
                      footing(model, domain)
                          .filter(({ resource }) => changes(resource))
                          .map((f) => [f.resource.id, f]),
                  );
                  return [...changed.values()].map(({ resource, what }) => {
                      const done = own(DONE, resource.operation ?? "");
                      return (done === undefined ? undecided : violation)(
                          subjectOf(domain),
                          `it stays while its ${what} ${resource.name} is ${done ?? "not known to stay"}`,
                          whole(domain),
                      );
                  });
              }),
};

export default rule;
