/**
 * How a Gateway's tor leaves, read back from its seed: bridges, proxy and tunnel change the rules that we
 * would render.
 */
import type { SeedFile, TorOptionLine } from "../model";
import { memoize } from "../util/memoize";
import { portChoice, type PortChoice } from "../values/ports";
import type { EgressChoice, UpstreamProxyPlan } from "../plan/guest-plan";
import type { BridgePlan } from "../values/bridge";
import type { Endpoint } from "../values/endpoint";
import { isTorrcValue } from "../values/torrc-value";
import { NIC, PATHS } from "../cloud-init/guest";
import type { Ruleset } from "../cloud-init/nft/model";

/** No number begins with 0: some readers take it for octal. */
const ENDPOINT = /^((?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}):([1-9]\d{0,4})$/;

export function endpoint(text: string | undefined): Endpoint | undefined {
    const found = ENDPOINT.exec(text ?? "");
    return found?.[1] === undefined ? undefined : { address: found[1], port: Number(found[2]) };
}

const byOption = memoize((torrc: readonly TorOptionLine[]): ReadonlyMap<string, readonly string[]> => {
    const made = new Map<string, string[]>();
    for (const line of torrc) {
        const name = line.option.toLowerCase();
        made.set(name, [...(made.get(name) ?? []), line.value]);
    }
    return made;
});

/** Values of an option in their order; tor does not mind the case of names. */
export const valuesOf = (torrc: readonly TorOptionLine[], option: string): readonly string[] =>
    byOption(torrc).get(option.toLowerCase()) ?? [];

function bridge(line: string): BridgePlan | undefined {
    const [first = "", second = ""] = line.split(" ");
    const plain = endpoint(first);
    if (plain !== undefined) {
        return { line, endpoint: plain };
    }
    const transported = first === "obfs4" ? endpoint(second) : undefined;
    return transported === undefined ? undefined : { line, endpoint: transported, transport: "obfs4" };
}

function value(files: readonly SeedFile[], path: string, key: string): string | undefined {
    const content = files.find((f) => f.path === path)?.content ?? "";
    return content
        .split("\n")
        .find((line) => line.startsWith(`${key}=`))
        ?.slice(key.length + 1);
}

/**
 * The tunnel with its keys, as networkd is told of it; what else stands in its files is for GUEST-01 to find.
 */
function tunnel(files: readonly SeedFile[]): Pick<EgressChoice, "tunnel"> {
    const of = (key: string): string | undefined =>
        value(files, `/etc/systemd/network/20-${NIC.tunnel}.netdev`, key);
    const peer = endpoint(of("Endpoint"));
    const address = value(files, `/etc/systemd/network/20-${NIC.tunnel}.network`, "Address")?.split("/")[0];
    const [mtu, presharedKey] = [Number(of("MTUBytes") ?? "0"), of("PresharedKey")];
    return peer === undefined || address === undefined
        ? {}
        : {
              tunnel: {
                  endpoint: peer,
                  address,
                  peerPublicKey: of("PublicKey") ?? "",
                  privateKey: of("PrivateKey") ?? "",
                  ...(presharedKey === undefined ? {} : { presharedKey }),
                  ...(mtu > 0 ? { mtu } : {}),
              },
          };
}

/** Ports that this torrc opens, as a choice of a plan's. */
export const portsOf = memoize((torrc: readonly TorOptionLine[]): PortChoice => {
    const numbers = (option: string): number[] =>
        valuesOf(torrc, option).flatMap((v) => endpoint(v.split(" ")[0])?.port ?? []);
    return portChoice(numbers("SocksPort"), numbers("HTTPTunnelPort"));
});

/** Addresses that the control filter serves; none when there is no filter, or its settings cannot be read. */
export const controlledBy = memoize((files: readonly SeedFile[]): readonly string[] => {
    const text = files.find((f) => f.path === PATHS.control)?.content;
    try {
        const { workstations } = JSON.parse(text ?? "{}") as { workstations?: unknown };
        return Array.isArray(workstations)
            ? workstations.filter((w): w is string => typeof w === "string")
            : [];
    } catch {
        return [];
    }
});

/** Set that pins tor to places; cloud-init/nft/egress.ts names it. */
const PEERS = "tor_peers";

function pinned(ruleset: Ruleset): Pick<EgressChoice, "egress"> {
    const set = ruleset.tables.flatMap((t) => t.sets).find((s) => s.name === PEERS);
    const relays = set?.elements.flatMap((e) => endpoint(e.replace(" . ", ":")) ?? []);
    return relays === undefined ? {} : { egress: { mode: "relay-set", relays } };
}

/**
 * What a proxy wants to know of tor, as torrc says it. Half of it, or what no torrc of ours says, is a
 * password all the same: a seed that holds it is a secret.
 */
function credentials(
    kind: UpstreamProxyPlan["kind"],
    torrc: readonly TorOptionLine[],
): Pick<UpstreamProxyPlan, "user" | "password"> {
    const only = (option: string): string | undefined => valuesOf(torrc, option)[0];
    const both = only("HTTPSProxyAuthenticator");
    const [, user, password] =
        kind === "socks5"
            ? ["", only("Socks5ProxyUsername"), only("Socks5ProxyPassword")]
            : (/^([^:]*):(.*)$/.exec(both ?? "") ?? []);
    if (user !== undefined && password !== undefined && [user, password].every(isTorrcValue)) {
        return { user, password };
    }
    return user === undefined && password === undefined && (kind === "socks5" || both === undefined)
        ? {}
        : { password: "" };
}

/**
 * The parts of a plan that decide the egress. Whatever cannot be read is left out, and the rulesets then
 * differ.
 */
export function egressPlan(
    torrc: readonly TorOptionLine[],
    files: readonly SeedFile[],
    ruleset: Ruleset,
): EgressChoice {
    const way = tunnel(files);
    const proxies = [
        ["socks5", valuesOf(torrc, "Socks5Proxy")],
        ["https", valuesOf(torrc, "HTTPSProxy")],
    ] as const;
    const proxy = proxies.flatMap(([kind, values]) =>
        values.flatMap((v) => {
            const where = endpoint(v);
            return where === undefined ? [] : [{ kind, endpoint: where }];
        }),
    )[0];
    const upstream: Pick<EgressChoice, "upstreamProxy"> =
        proxy === undefined ? {} : { upstreamProxy: { ...proxy, ...credentials(proxy.kind, torrc) } };
    const bridges = valuesOf(torrc, "Bridge").flatMap((line) => bridge(line) ?? []);
    if (bridges.length > 0) {
        return { ...way, egress: { mode: "bridges", bridges }, ...upstream };
    }
    return proxy === undefined ? { ...way, ...pinned(ruleset) } : { ...way, ...upstream };
}
