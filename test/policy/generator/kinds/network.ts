/** Networks: forwarding, addresses, services, bridges, stylesheets. */
import {
    BRIDGE_NETWORK_STYLESHEET,
    isolatedNetworkStylesheet,
    natNetworkStylesheet,
} from "../../../../libvirt/stylesheet";
import { OPEN_ZONES } from "../../../../values/zones";
import type { FixtureResource } from "../../fixtures/resources";
import { FOREIGN, NETWORK, ofType } from "../../mutants/mutant";
import { hasNat, isNat, twoEnclaves } from "../bases";
import { ofKind, type Base, type Props } from "../production";
import type { Random } from "../random";
import { anything, enclaveOf, isolated, part, remove, unheardOf } from "../targets";
import { WISHES_09, WISHES_08, dhcp } from "./network-values";

const put = (props: Props, values: Props): void => {
    for (const [key, value] of Object.entries(values)) {
        props[key] = value;
        if (value === undefined) {
            remove(props, key);
        }
    }
};

/** A stylesheet of ours with one sign changed; none of its spaces, which say nothing. */
function spoilt(r: Random, text: string): string {
    const places = [...text.matchAll(/[A-Za-z0-9"]/g)].map((m) => m.index);
    const at = r.pick(places);
    return `${text.slice(0, at)}${r.pick(["x", "Q", "7"].filter((c) => c !== text[at]))}${text.slice(at + 1)}`;
}

const sheetOf = (props: Props): string => (props["xml"] as { xslt: string }).xslt;

const setBridge = (props: Props, name: string): void => {
    if (typeof props["bridge"] === "object") {
        part(props, "bridge")["name"] = name;
    } else {
        props["bridge"] = name;
    }
};

const bridgeOf = (props: Props): string =>
    String(typeof props["bridge"] === "object" ? (props["bridge"] as Props)["name"] : props["bridge"]);

/** Subnets that meet the inner one, Tor's virtual addresses, carriers' NAT or libvirt's own default. */
function subnet(r: Random): string {
    const [net, bits] = r.pick<readonly [string, number]>([
        ["10.152.152", 24],
        ["10.152.0", r.int(9, 16)],
        ["10.192.0", r.int(10, 24)],
        ["100.64.0", r.int(10, 24)],
        ["192.168.122", 24],
        ["10.0.0", 8],
    ]);
    return `${net}.0/${bits}`;
}

const sheets = (base: Base): boolean => base.shape === "0.8";

const natOf = (r: Random, stack: readonly FixtureResource[]): FixtureResource =>
    r.pick(ofType(stack, NETWORK, /-external$/).filter((n) => isNat(n.props)));

export default ofKind("network", [
    ...WISHES_09.map(([name, why, values]) => ({
        on: "stack" as const,
        shapes: ["0.9"] as const,
        name: `an isolated network ${name}`,
        why,
        change: (r: Random, stack: FixtureResource[]) => {
            put(isolated(r, stack).props, values(r));
        },
    })),
    ...WISHES_08.map(([name, why, values]) => ({
        on: "stack" as const,
        shapes: ["0.8"] as const,
        name: `an isolated network ${name}`,
        why,
        change: (r: Random, stack: FixtureResource[]) => {
            put(isolated(r, stack).props, { xml: undefined, ...values(r) });
        },
    })),
    {
        on: "stack",
        needs: sheets,
        name: "a stylesheet that is not ours",
        why: "it can undo every input: 0.8.3 utils_xslt.go",
        change: (r, stack) => {
            const { props } = r.pick(ofType(stack, NETWORK));
            const ours = [
                isolatedNetworkStylesheet(),
                natNetworkStylesheet(),
                BRIDGE_NETWORK_STYLESHEET,
            ].filter(
                (s) =>
                    s.split("zone=")[0] !== sheetOf(props).split("zone=")[0] &&
                    s.length !== sheetOf(props).length,
            );
            props["xml"] = { xslt: r.pick([FOREIGN, spoilt(r, sheetOf(props)), r.pick(ours), r.word()]) };
        },
    },
    {
        on: "stack",
        name: "a bridge of the host's, of libvirt's, or of no choice",
        why: "NT-21: the host's rules already open it",
        change: (r, stack) => {
            setBridge(
                isolated(r, stack).props,
                r.pick([
                    `virbr${r.int(0, 12)}`,
                    `docker${r.int(0, 3)}`,
                    `br-${r.hex(12)}`,
                    `lxcbr${r.int(0, 3)}`,
                    `sp${r.hex(14)}`,
                    "",
                ]),
            );
        },
    },
    {
        on: "stack",
        needs: twoEnclaves,
        name: "two networks on one bridge",
        why: "NT-16, NT-21: two enclaves on one wire",
        change: (r, stack) => {
            const network = isolated(r, stack);
            const other = r.pick(
                ofType(stack, NETWORK).filter((n) => enclaveOf(n.name) !== enclaveOf(network.name)),
            );
            setBridge(network.props, bridgeOf(other.props));
        },
    },
    {
        on: "stack",
        name: "an isolated network on its external network's bridge",
        why: "NT-21: Workstations on the Gateway's outer wire",
        change: (r, stack) => {
            const network = isolated(r, stack);
            setBridge(
                network.props,
                bridgeOf(
                    ofType(stack, NETWORK).find((n) => n.name === `${enclaveOf(network.name)}-external`)
                        ?.props ?? {},
                ),
            );
        },
    },
    {
        on: "stack",
        needs: (base) => base.title === "two bridges of the host's",
        name: "two Gateways on one bridge of the host's",
        why: "NT-11: a neighbour on the same wire watches the other's connections",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, NETWORK, /-external$/)) as [
                FixtureResource,
                FixtureResource,
            ];
            setBridge(a.props, bridgeOf(b.props));
        },
    },
    {
        on: "stack",
        needs: hasNat,
        name: "an external network in a subnet of others",
        why: "NT-14: it meets the inner one, Tor's virtual ones or a carrier's",
        change: (r, stack) => {
            const { props } = natOf(r, stack);
            const [net = "", prefix] = subnet(r).split("/");
            if (props["addresses"] === undefined) {
                props["ips"] = [{ address: net.replace(/0$/, "1"), prefix: Number(prefix), family: "ipv4" }];
            } else {
                props["addresses"] = [`${net}/${prefix ?? ""}`];
            }
        },
    },
    {
        on: "stack",
        needs: hasNat,
        shapes: ["0.9"],
        name: "an external network with services, more addresses or another mode",
        why: "NT-11 to NT-13: DHCP, a resolver, IPv6; formatnetwork",
        change: (r, stack) => {
            const { props } = natOf(r, stack);
            const ips = props["ips"] as Props[];
            r.pick<() => void>([
                () => {
                    Object.assign(ips[0] ?? {}, dhcp(r));
                },
                () => {
                    ips.push(
                        r.pick<Props>([
                            { address: `fd00:${r.hex(4)}::1`, family: "ipv6", prefix: 64 },
                            { address: "10.152.152.1", prefix: r.int(16, 24) },
                        ]),
                    );
                },
                () => {
                    props["forward"] = {
                        mode: r.pick(["open", "private", "vepa", "passthrough", "hostdev"]),
                    };
                },
                () => {
                    remove(props, "dns");
                },
                () => {
                    props["dns"] = { enable: "yes" };
                },
                () => {
                    props["dns"] = { enable: "no", forwarders: [{ addr: r.ipv4() }] };
                },
                () => {
                    props["routes"] = [{ address: r.ipv4(), prefix: 24, gateway: r.ipv4() }];
                },
                () => {
                    props["domain"] = { name: r.word() };
                },
                () => {
                    props["portGroups"] = [{ name: r.word(), default: "yes" }];
                },
                () => {
                    props[unheardOf(r)] = anything(r);
                },
                () => {
                    remove(props, "forward");
                },
                () => {
                    Object.assign(ips[0] ?? {}, { tftp: { root: r.path() } });
                },
            ])();
        },
    },
    {
        on: "stack",
        needs: hasNat,
        shapes: ["0.8"],
        name: "an external network without its stylesheet",
        why: "NT-12: DHCP and a resolver on the host, by 0.8.3's defaults",
        change: (r, stack) => {
            put(natOf(r, stack).props, {
                xml: undefined,
                ...r.pick<Props>([
                    {},
                    { dhcp: { enabled: true } },
                    { addresses: ["10.9.9.0/24", "fd00:9::/64"] },
                    { mode: "open" },
                    { mode: "none" },
                ]),
            });
        },
    },
    {
        on: "stack",
        name: "a network that its members call otherwise",
        why: "NT-26: what the host has by that name may be anything",
        change: (r, stack) => {
            const network = r.pick(ofType(stack, NETWORK));
            network.props["name"] = r.pick([
                `sallyport-test-${r.word()}`,
                r.recased(network.name),
                `${network.name} `,
            ]);
        },
    },
    {
        on: "stack",
        name: "a network that is not declared",
        why: "NT-26",
        change: (r, stack) => {
            const gone = r.pick(ofType(stack, NETWORK)).urn;
            stack.splice(
                stack.findIndex((f) => f.urn === gone),
                1,
            );
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "an isolated network in a zone of firewalld that lets in",
        why: "NT-27: the zone's rules let Workstations talk to the host",
        change: (r, stack) => {
            part(isolated(r, stack).props, "bridge")["zone"] = r.pick(OPEN_ZONES);
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "ports that are isolated by the network",
        why:
            "NT-18: the Gateway's as well, so that Workstations reach nobody, and the rule about " +
            "ports says nothing",
        change: (r, stack) => {
            isolated(r, stack).props["portOptions"] = { isolated: "yes" };
        },
    },
]);
