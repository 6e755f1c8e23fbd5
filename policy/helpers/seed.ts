/** What rules about cloud-init seeds share. */
import { memoizeBy } from "../../util/memoize";
import {
    marked,
    sealOf,
    type Domain,
    type Model,
    type Origin,
    type SeedContent,
    type SeedFile,
    type SeedNic,
} from "../../model";
import { subjectOf, violation, whenKnown } from "../check";
import type { Finding } from "../rule";
import { domains, eachPart, eachSeed, type Who } from "../select";

/** Values of all top-level keys of user-data but write_files. */
export const eachSettings = (
    model: Model,
    who: Who,
    check: (settings: Readonly<Record<string, unknown>>, domain: Domain, at: Origin) => readonly Finding[],
): Finding[] =>
    eachPart(
        model,
        who,
        "user-data",
        (content) => content.settings,
        (settings, domain, _content, at) => check(settings, domain, at),
    );

/** A finding for every one of these top-level keys. */
export const noKeys = (model: Model, why: string, ...keys: readonly string[]): Finding[] =>
    eachSettings(model, "all", (settings, domain, at) =>
        keys
            .filter((key) => Object.hasOwn(settings, key))
            .map((key) =>
                violation(
                    `${subjectOf(domain)} user-data ${key}`,
                    `user-data has ${key}: ${why} ${marked(sealOf(settings[key]))}`,
                    at,
                ),
            ),
    );

/** Every file that a guest's seed writes. */
export const eachFile = (
    model: Model,
    who: Who,
    check: (file: SeedFile, domain: Domain) => readonly Finding[],
): Finding[] =>
    eachPart(
        model,
        who,
        "list of files",
        (content) => content.files,
        (files, domain) => files.flatMap((file) => check(file, domain)),
    );

export const wrongFile = (domain: Domain, file: SeedFile, why: string): Finding =>
    violation(`${subjectOf(domain)} ${file.path}`, `${file.path}: ${why} ${marked(sealOf(file))}`, file.at);

/** network-config of every guest. */
export const eachNetworkConfig = (
    model: Model,
    who: Who,
    check: (nics: readonly SeedNic[], domain: Domain, at: Origin, content: SeedContent) => readonly Finding[],
): Finding[] =>
    eachPart(
        model,
        who,
        "network-config",
        (content) => content.network,
        (network, domain, content, at) => check(network.nics, domain, at, content),
    );

/** NICs of network-config by domain, for rules that compare domains; what cannot be read is said by CI-04. */
export const configuredNics = memoizeBy(
    (model: Model, who: Who): readonly { readonly domain: Domain; readonly nic: SeedNic }[] => {
        const found: { domain: Domain; nic: SeedNic }[] = [];
        for (const domain of domains(model, who)) {
            eachSeed(domain, (content) =>
                whenKnown(subjectOf(domain), content.network, (network) => {
                    network?.nics.forEach((nic) => found.push({ domain, nic }));
                    return [];
                }),
            );
        }
        return found;
    },
);

/** `10.152.152.11/24` without its length. */
export const addressOf = (cidr: string): string => cidr.split("/")[0] ?? "";
export const prefixOf = (cidr: string): number => Number(cidr.split("/")[1] ?? "32");
