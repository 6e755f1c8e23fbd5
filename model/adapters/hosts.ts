/** The hosts of a stack: its libvirt providers, by the URIs that they connect to. */
import { below, hidden, known, unknown, type Fact, type Host } from "..";
import { hostKeyOf } from "../../values/libvirt-uri";
import { textFact, type RawResource } from "./raw";
import { origin } from "./resource";
import { kindOf } from "./kinds";

function uriOf(provider: RawResource): Fact<string> {
    const at = below(origin(provider), "uri");
    const uri = textFact(provider.properties.uri, at);
    if (uri.kind !== "known") {
        return hidden(uri);
    }
    return uri.value === undefined
        ? unknown(at, "the provider takes it from LIBVIRT_DEFAULT_URI")
        : known(uri.value, at);
}

/** Hosts by provider: known URIs, however spelled, make one host of two providers; unknown ones never do. */
export function hostsOf(raws: readonly RawResource[]): {
    readonly hosts: readonly Host[];
    readonly keyOf: (provider: string | undefined) => string;
} {
    const hosts = new Map<string, Host>();
    const keys = new Map<string, string>();
    const spelled = new Map<string, string>();
    const add = (urn: string, uri: Fact<string>): void => {
        const same = uri.kind === "known" ? hostKeyOf(uri.value) : urn;
        // Called as it is spelled first: findings show it, and virsh takes it. Only URIs that HS-08 allows
        // have two spellings.
        const key = spelled.get(same) ?? (uri.kind === "known" ? uri.value : urn);
        spelled.set(same, key);
        const before = hosts.get(key);
        hosts.set(key, { key, uri: before?.uri ?? uri, providers: [...(before?.providers ?? []), urn] });
        keys.set(urn, key);
    };
    for (const raw of raws.filter((r) => kindOf(r) === "provider")) {
        add(raw.urn, uriOf(raw));
    }
    const used = new Set(
        raws
            .filter((r) => ["domain", "network", "volume", "pool", "seed"].includes(kindOf(r)))
            .map((r) => r.provider ?? ""),
    );
    for (const urn of used) {
        if (!keys.has(urn)) {
            add(urn, unknown({ resource: urn, path: "uri" }, "the provider is not listed"));
        }
    }
    return { hosts: [...hosts.values()], keyOf: (provider) => keys.get(provider ?? "") ?? provider ?? "" };
}
