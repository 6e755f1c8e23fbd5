/**
 * `networkInterfaces` of provider 0.8, in the provider's own order of precedence (libvirt/domain.go,
 * setNetworkInterfaces).
 */
import {
    below,
    digestOf,
    element,
    hidden,
    known,
    marked,
    opaque,
    unknown,
    type Fact,
    type Node,
    type Origin,
} from "..";
import { nicFacts } from "./domain-facts";
import { has, isMark, isObject, listFact, markFact, textFact, type RawObject } from "./raw";
import type { DomainSkeleton } from "./stylesheets";
import type { UnresolvedAttachment, UnresolvedNic } from "./unresolved";

type Make = (value: string) => UnresolvedAttachment;
const direct =
    (mode: string): Make =>
    (device) => ({ to: "direct", device, mode });

const PRECEDENCE: readonly (readonly [string, Make])[] = [
    ["networkName", (name) => ({ to: "network-name", name })],
    ["networkId", (id) => ({ to: "network-id", id })],
    ["bridge", (bridge) => ({ to: "host-bridge", bridge })],
    ["vepa", direct("vepa")],
    ["private", direct("private")],
    ["macvtap", direct("bridge")],
    ["passthrough", direct("passthrough")],
];

const FED_BY = "networkInterfaces";

interface Found {
    readonly fact: Fact<UnresolvedAttachment>;
    readonly shadowed: readonly Fact<string | undefined>[];
    readonly besideId?: Fact<string | undefined>;
}

function attachment(nic: RawObject, at: Origin): Found {
    const given = PRECEDENCE.filter(([key]) => has(nic, key));
    const [first] = given;
    if (first === undefined) {
        // The provider only logs a warning; libvirt then refuses or picks something.
        return { fact: opaque(at, "a NIC that names no source"), shadowed: [] };
    }
    const [key, make] = first;
    const where = below(at, key);
    // After the update the provider writes a network's name and its id side by side: whether the two are one,
    // the model says.
    const beside = given.slice(1).filter(([other]) => key === "networkName" && other === "networkId");
    const shadowed = given
        .slice(1)
        .filter((other) => !beside.includes(other))
        .map(([other]) => textFact(nic[other], below(at, other)));
    const more = {
        shadowed,
        ...(beside.length === 0 ? {} : { besideId: textFact(nic["networkId"], below(at, "networkId")) }),
    };
    const value = textFact(nic[key], where);
    if (value.kind === "known") {
        return { fact: known(make(value.value ?? ""), where), ...more };
    }
    // An unknown that loses to nothing known: a name that is not known yet may also turn out empty.
    return { fact: value.kind === "opaque" ? value : unknown(where, value.why), ...more };
}

function nodeOf(nic: RawObject, at: Origin, skeleton: DomainSkeleton | undefined): Node {
    const mac = textFact(nic.mac, below(at, "mac"));
    const address = element("mac", below(at, "mac"), [
        { name: "address", value: mac, children: [], at: below(at, "mac") },
    ]);
    // Our stylesheet names the filter by the network's name, which the provider looks up for an id.
    const filter: Fact<string | undefined> = has(nic, "networkName")
        ? textFact(nic.networkName, below(at, "networkName"))
        : opaque(
              at,
              "a network that is not named: so is the filter " +
                  `${marked(digestOf(PRECEDENCE.map(([key]) => textFact(nic[key], at))))}`,
          );
    const written = skeleton?.nic.children
        .filter((child) => child.name !== "type")
        .map((child) =>
            child.name === "filterref"
                ? element("filterref", child.at, [
                      { name: "filter", value: filter, children: [], at: child.at },
                  ])
                : child,
        ) ?? [element("model", at, [element("type", at, [], "virtio")])];
    return element("interface", at, [address, ...written]);
}

/** @param skeleton what our stylesheet writes around each NIC */
export function nics08(
    raw: RawObject,
    at: Origin,
    skeleton: DomainSkeleton | undefined,
): Fact<readonly UnresolvedNic[]> {
    const where = below(at, FED_BY);
    const list = listFact(raw.networkInterfaces, where);
    if (list.kind !== "known") {
        return hidden(list);
    }
    return known(
        list.value.map((item, i): UnresolvedNic => {
            const here = below(where, i);
            if (isMark(item) || !isObject(item)) {
                const fact = isMark(item)
                    ? markFact(item, here)
                    : opaque(here, "an object was expected here");
                const blind: Node = { name: "interface", value: fact, children: [], at: here };
                return { ...nicFacts(blind, i), attachment: fact, fedBy: FED_BY };
            }
            const { fact, ...more } = attachment(item, here);
            return { ...nicFacts(nodeOf(item, here, skeleton), i), attachment: fact, ...more, fedBy: FED_BY };
        }),
        where,
    );
}
