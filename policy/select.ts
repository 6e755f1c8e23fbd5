/** Which records of the model a rule is about. */
import type { Role } from "../cloud-init/guest";
import { memoize } from "../util/memoize";
import {
    digestOf,
    digestOfNode,
    enclavesOf,
    isGateway,
    marked,
    membersOf,
    networkById,
    nicsOf,
    possible,
    type Attachment,
    type Domain,
    type Enclave,
    type Fact,
    type Model,
    type Network,
    type Nic,
    type Node,
    type SeedContent,
    type Seed,
    type Volume,
} from "../model";
import { subjectOf, undecided, violation, whenKnown, whole } from "./check";
import type { Finding } from "./rule";

export type Who = "all" | Role;

/** Domains of a role; one that declares no role counts as a Workstation. */
export const domains = (model: Model, who: Who = "all"): readonly Domain[] =>
    model.domains.filter((domain) => who === "all" || isGateway(domain) === (who === "gateway"));

/** Every domain in turn. */
export const eachDomain = (
    model: Model,
    who: Who,
    check: (domain: Domain) => readonly Finding[],
): Finding[] => domains(model, who).flatMap(check);

/** Every NIC in turn. That a list of NICs is not known is NT-07's and NT-09's to say. */
export const eachNic = (
    model: Model,
    who: Who,
    check: (domain: Domain, nic: Nic) => readonly Finding[],
): Finding[] => domains(model, who).flatMap((domain) => nicsOf(domain).flatMap((nic) => check(domain, nic)));

/** Every isolated network, and every network that a Workstation is on: that one ought to be isolated. */
export const eachEnclave = (model: Model, check: (enclave: Enclave) => readonly Finding[]): Finding[] =>
    enclavesOf(model).flatMap(check);

/** Networks with a Gateway on them that are no enclave's isolated network. */
export function externalNetworks(model: Model): readonly Network[] {
    const members = membersOf(model);
    const isolated = new Set(enclavesOf(model).map((e) => e.network));
    return model.networks.filter(
        (network) =>
            !isolated.has(network) &&
            (members.get(network.resource.id) ?? []).some((m) => isGateway(m.domain)),
    );
}

/** Digest of where NICs lead, as far as anybody knows. */
export const placesOf = (nics: readonly Nic[]): string =>
    digestOf(nics.map((nic) => possible<Attachment>(nic.attachment) ?? nic.attachment));

/** Whether a NIC is surely, surely not, or perhaps on an isolated network. */
export function onIsolated(model: Model, nic: Nic): "yes" | "no" | "undecided" {
    const places = possible<Attachment>(nic.attachment);
    if (places === undefined) {
        return "undecided";
    }
    const answers = places.map((place) => {
        const forward = place.to === "network" ? networkById(model, place.network)?.forward : undefined;
        if (forward === undefined) {
            return "no";
        }
        if (forward.kind !== "known") {
            return "undecided";
        }
        return forward.value === "isolated" ? "yes" : "no";
    });
    const [first = "undecided"] = answers;
    return answers.every((answer) => answer === first) ? first : "undecided";
}

/**
 * Devices of a domain with one of these names; a finding when it is undecided which devices there are.
 * @param check its subject names the device, by its position among those of its name
 */
export function eachDevice(
    model: Model,
    who: Who,
    names: readonly string[],
    check: (domain: Domain, device: Node, subject: string) => readonly Finding[],
): Finding[] {
    return eachDomain(model, who, (domain) =>
        whenKnown(`${subjectOf(domain)} devices`, domain.devices, (devices) =>
            names.flatMap((name) =>
                devices
                    .filter((device) => device.name === name)
                    .flatMap((device, i) => check(domain, device, `${subjectOf(domain)} ${name} ${i}`)),
            ),
        ),
    );
}

/** A finding for every device of one of these names. */
export const noDevice = (model: Model, who: Who, ...names: readonly string[]): Finding[] =>
    eachDevice(model, who, names, (_domain, device, subject) => [
        violation(
            subject,
            `there is a ${device.name}; it may not be ${marked(digestOfNode(device))}`,
            device.at,
        ),
    ]);

/**
 * Seeds that a domain has or may have. A domain without one is a finding: nobody
 * knows what is in it.
 */
export function eachSeed(
    domain: Domain,
    check: (content: SeedContent, seed: Seed) => readonly Finding[],
): readonly Finding[] {
    const candidates = possible<readonly Seed[]>(domain.seeds);
    if (candidates === undefined) {
        return whenKnown(subjectOf(domain), domain.seeds, () => []);
    }
    if (candidates.some((seeds) => seeds.length === 0)) {
        return [undecided(subjectOf(domain), "no cloud-init seed says what this guest does", whole(domain))];
    }
    return [...new Set(candidates.flat())].flatMap((seed) => check(seed.content, seed));
}

/** One part of every seed of a role: torrc, ruleset, … A seed without that part is a finding. */
export function eachPart<T>(
    model: Model,
    who: Who,
    name: string,
    part: (content: SeedContent) => Fact<T | undefined>,
    check: (value: T, domain: Domain, content: SeedContent, at: Fact<unknown>["at"]) => readonly Finding[],
): Finding[] {
    return eachDomain(model, who, (domain) =>
        eachSeed(domain, (content) => {
            const fact = part(content);
            return whenKnown(subjectOf(domain), fact, (value) =>
                value === undefined
                    ? [
                          undecided(
                              subjectOf(domain),
                              `the seed has no ${name}, so it is not known what this guest does`,
                              fact.at,
                          ),
                      ]
                    : check(value, domain, content, fact.at),
            );
        }),
    );
}

/** The volume with this resource id. */
export const volumeById = (model: Model, id: string): Volume | undefined => volumesById(model).get(id);
const volumesById = memoize(
    (model: Model) => new Map(model.volumes.map((volume) => [volume.resource.id, volume])),
);
const seedIds = memoize((model: Model) => new Set(model.seeds.map((seed) => seed.resource.id)));

/** Whether the volume with this resource id is a seed, or carries one. */
export const isSeed = (model: Model, id: string): boolean =>
    seedIds(model).has(id) || volumeById(model, id)?.seed !== undefined;
