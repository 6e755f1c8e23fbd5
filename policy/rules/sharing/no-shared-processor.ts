import { parseCpuset } from "../../../values/cpuset";
import { enclavesOf, holds, valueAt, type Domain, type Enclave } from "../../../model";
import { must, subjectOf, violation } from "../../check";
import type { Finding, Rule } from "../../rule";

function readable(cpuset: string | undefined): boolean {
    try {
        return cpuset === undefined || parseCpuset(cpuset).length > 0;
    } catch {
        return false;
    }
}

const cpusetOf = (domain: Domain): ReturnType<typeof valueAt> => valueAt(domain.xml, "vcpu.cpuset");

/**
 * Processors that a domain surely is tied to; none when it is tied to none, or it is not known (that is a
 * finding of its own).
 */
function cpusOf(domain: Domain): number[] {
    const fact = cpusetOf(domain);
    return fact.kind === "known" && fact.value !== undefined && readable(fact.value)
        ? parseCpuset(fact.value)
        : [];
}

const membersOf = (enclave: Enclave): Domain[] => [...enclave.gateways, ...enclave.workstations];

/** Once one guest of an enclave has processors of its own, each has. */
const all = (members: readonly Domain[]): Finding[] =>
    members.every((domain) => cpusOf(domain).length === 0)
        ? []
        : members
              .filter((domain) => holds(cpusetOf(domain), (cpuset) => cpuset === undefined) === "yes")
              .map((domain) =>
                  violation(
                      `${subjectOf(domain)} cpuset`,
                      "its enclave has processors of its own, and it runs on any",
                      domain.xml.at,
                  ),
              );

interface Owner {
    readonly domain: Domain;
    readonly enclave: Enclave;
}

/** Processors of a host that an enclave took before. */
function taken(enclaves: readonly Enclave[]): Finding[] {
    const hosts = new Map<string, Map<number, Owner>>();
    return enclaves.flatMap((enclave) =>
        membersOf(enclave).flatMap((domain) => {
            const owners = hosts.get(domain.host) ?? new Map<number, Owner>();
            hosts.set(domain.host, owners);
            const shared = cpusOf(domain).flatMap((cpu) => {
                const owner = owners.get(cpu);
                owners.set(cpu, owner ?? { domain, enclave });
                // A Gateway of two enclaves is SH-10's.
                return owner === undefined || owner.enclave === enclave || owner.domain === domain
                    ? []
                    : [{ cpu, owner }];
            });
            const [first] = shared;
            return first === undefined
                ? []
                : [
                      violation(
                          `${subjectOf(domain)} cpuset shared`,
                          `processors ${shared.map(({ cpu }) => cpu).join(", ")} are also those ` +
                              `of another enclave's ${subjectOf(first.owner.domain)}`,
                          domain.xml.at,
                      ),
                  ];
        }),
    );
}

const rule: Rule = {
    id: "SH-06",
    title:
        "Enclaves that have processors of their own share none, and all of an enclave's guests run " +
        "on them",
    why: "Guests that take turns on one processor learn from its caches what the other does.",
    severity: "medium",
    fix:
        "Set cpus of the enclaves so that they do not overlap (provider 0.9: the same vcpuCpuset in " +
        "every domain of an enclave).",
    limits:
        "Which numbers are threads of one core only the host knows (lscpu -e): give whole cores. An " +
        "enclave without cpus runs on any processor; none is pinned unless asked for.",
    check: (model) => {
        const enclaves = enclavesOf(model);
        return [
            ...model.domains.flatMap((domain) =>
                must(
                    `${subjectOf(domain)} cpuset`,
                    cpusetOf(domain),
                    readable,
                    "processors as libvirt writes them, or none, are allowed",
                ),
            ),
            ...enclaves.flatMap((enclave) => all(membersOf(enclave))),
            ...taken(enclaves),
        ];
    },
};

export default rule;
