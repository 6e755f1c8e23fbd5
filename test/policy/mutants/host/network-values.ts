/** Networks and NICs with one value of another's, or of the host's. */
import { BRIDGE_NETWORK_STYLESHEET } from "../../../../libvirt/stylesheet";
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, NETWORK, SEED, edit, nicsOf, ofType, set, short, type Mutant } from "../mutant";
import { type Stack, isRecent, type Props, mutants, all } from "./step-values";

/** A network on a bridge that the host has. */
const onHostBridge = (network: FixtureResource, bridge: unknown, recent: boolean): Mutant["change"] =>
    set(
        network.urn,
        recent
            ? { forward: { mode: "bridge" }, bridge: { name: bridge }, ips: undefined, dns: undefined }
            : { mode: "bridge", bridge, addresses: undefined, xml: { xslt: BRIDGE_NETWORK_STYLESHEET } },
    );

export const wires = (stack: Stack): Mutant[] => {
    const recent = isRecent(stack);
    const [red, blue] = ofType(stack, NETWORK, /-external$/);
    const nameOf = (network: FixtureResource | undefined): unknown =>
        recent ? (network?.props["bridge"] as Props | undefined)?.["name"] : network?.props["bridge"];
    const [isolated] = ofType(stack, NETWORK, /-isolated$/);
    const named = (network: FixtureResource, bridge: unknown): Mutant["change"] =>
        edit(network.urn, (p) => {
            p["bridge"] = recent ? { ...(p["bridge"] as Props), name: bridge } : bridge;
        });
    const gateways = ofType(stack, DOMAIN, /-gateway$/);
    const mac = (p: Props): Props => nicsOf(p)[0] ?? {};
    const sameMac: Mutant["change"] = (s) =>
        edit(gateways[1]?.urn ?? "", (p) => {
            mac(p)["mac"] = mac(gateways[0]?.props ?? {})["mac"];
        })(s);
    const foreign = [
        "virbr0",
        "virbr9",
        "docker0",
        "br-0123456789ab",
        "lxcbr0",
        "lxdbr0",
        "incusbr0",
        "cni0",
        "podman0",
        "a-name-of-16-char",
        "a b",
    ];
    const bad = ofType(stack, NETWORK).flatMap((network) =>
        foreign.map((bridge) => [`${short(network)} makes ${bridge}`, named(network, bridge)] as const),
    );
    if (red === undefined || blue === undefined) {
        return mutants("NT-21", "a bridge", [
            ...bad,
            ...(red === undefined
                ? []
                : [...foreign, "sp01234567i", "sp01234567x"].map(
                      (bridge) =>
                          [
                              `the Gateway on ${bridge} of the host`,
                              onHostBridge(red, bridge, recent),
                          ] as const,
                  )),
            ...(red === undefined
                ? []
                : [
                      [
                          "the Gateway on the isolated network's own",
                          onHostBridge(red, nameOf(isolated), recent),
                      ] as const,
                  ]),
        ]);
    }
    const shared: [string, Mutant["change"]][] = [
        [
            "on one bridge of the host",
            all(onHostBridge(red, "br0", recent), onHostBridge(blue, "br0", recent)),
        ],
        ["on one bridge that libvirt makes", named(blue, nameOf(red))],
        ["one on the other's bridge", onHostBridge(blue, nameOf(red), recent)],
        [
            "on one bridge of the host, with one MAC",
            all(onHostBridge(red, "br0", recent), onHostBridge(blue, "br0", recent), sameMac),
        ],
    ];
    return [
        ...mutants("NT-21", "a bridge", bad),
        ...["NT-21", "NT-11"].flatMap((rule) => mutants(rule, `two Gateways (${rule})`, shared)),
        ...mutants("ID-01", "two Gateways", [
            ["one MAC outside", sameMac],
            ["one MAC on one bridge of the host", shared[3]?.[1] ?? sameMac],
        ]),
        ...mutants(
            "NT-21",
            "an external network",
            ofType(stack, NETWORK, /-isolated$/).flatMap((n) => [
                [`on ${short(n)}'s bridge`, onHostBridge(red, nameOf(n), recent)] as const,
                [`makes ${short(n)}'s bridge`, named(red, nameOf(n))] as const,
            ]),
        ),
    ];
};

/** Addresses that the configuration refuses, in the seeds of guests. */
export const addresses = (stack: Stack): Mutant[] =>
    ofType(stack, SEED).flatMap((seed) => {
        const told = (from: RegExp, to: string): Mutant["change"] =>
            edit(seed.urn, (p) => {
                const text = String(p["networkConfig"]).replace(from, to);
                if (text === p["networkConfig"]) {
                    throw new Error(`nothing to change in the network-config of ${seed.name}`);
                }
                p["networkConfig"] = text;
            });
        const inner = seed.name.includes("-workstation-")
            ? ["10.152.152.9", "10.152.152.255", "10.152.153.11", "192.0.2.77"]
            : [];
        return mutants(
            "GUEST-02",
            short(seed),
            inner.map(
                (address) => [`at ${address}`, told(/10\.152\.152\.1\d\/24/, `${address}/24`)] as const,
            ),
        );
    });
