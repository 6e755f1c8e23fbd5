/** Networks of provider 0.8 and 0.9, told apart by the shape of their inputs. */
import ipaddr from "ipaddr.js";
import {
    below,
    element,
    hidden,
    hiddenNode,
    known,
    marked,
    sealOf,
    unknown,
    shapeOf,
    type Fact,
    type ForwardMode,
    type Node,
    type Origin,
    type Shape,
    type Stylesheet,
} from "..";
import { beyondStylesheet } from "./declared";
import { networkFacts, type NetworkFacts } from "./network-facts";
import { object } from "./objects";
import {
    absent,
    has,
    isMark,
    isObject,
    listFact,
    markFact,
    property,
    textFact,
    booleanFact,
    type Raw,
    type RawObject,
} from "./raw";
import { networkSkeleton, stylesheetOf } from "./stylesheets";

/** Keys that one shape has and the other has not. */
const ONLY_08 = ["mode", "addresses", "dhcp", "dnsmasqOptions", "xml"];
const ONLY_09 = ["forward", "ips", "portGroups", "virtualPort", "vlan", "macTableManager"];

/** Undefined: neither shape can be told. Both at once are unrecognised. */
export function networkShape(raw: RawObject): Shape | undefined {
    const old =
        ONLY_08.some((key) => has(raw, key)) ||
        (typeof raw.bridge === "string" && raw.bridge !== "") ||
        (Array.isArray(raw.routes) && raw.routes.some((r) => isObject(r) && "cidr" in r));
    const recent = ONLY_09.some((key) => has(raw, key)) || isObject(raw.bridge) || isObject(raw.domain);
    return shapeOf(old, recent);
}

/** The host's own address in a subnet, as the provider derives it: the first after the network's. */
function hostAddress(cidr: string): { address: string; prefix: string } {
    const [network = "", prefix = ""] = cidr.split("/");
    try {
        const parsed = ipaddr.parse(network);
        const bytes = parsed.toByteArray();
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) | 1;
        return { address: ipaddr.fromByteArray(bytes).toString(), prefix };
    } catch {
        return { address: network, prefix };
    }
}

function text(name: string, raw: Raw | undefined, at: Origin): Node[] {
    const fact = textFact(raw, at);
    if (fact.kind !== "known") {
        return [hiddenNode(name, hidden(fact))];
    }
    return fact.value === undefined ? [] : [element(name, at, [], fact.value)];
}

function leaseOf(served: Fact<boolean>): Node[] {
    if (served.kind !== "known") {
        return [hiddenNode("dhcp", hidden(served))];
    }
    return served.value ? [element("dhcp", served.at)] : [];
}

/**
 * `<ip>` elements; DHCP is on unless it is surely off, and so is the resolver (`dns.enabled: false` does
 * nothing).
 */
function addresses08(raw: RawObject, at: Origin): Node[] {
    const where = below(at, "addresses");
    const list = listFact(raw.addresses, where);
    if (list.kind !== "known") {
        return [hiddenNode("ip", hidden(list))];
    }
    const dhcp = property(Array.isArray(raw.dhcp) ? (raw.dhcp as readonly Raw[])[0] : raw.dhcp, "enabled");
    const lease = leaseOf(booleanFact(dhcp, below(at, "dhcp.enabled"), true));
    return list.value.map((item, i) => {
        const here = below(where, i);
        if (isMark(item)) {
            return hiddenNode("ip", markFact(item, here));
        }
        const { address, prefix } = hostAddress(String(item));
        return element("ip", here, [
            element("address", here, [], address),
            element("prefix", here, [], prefix),
            ...lease,
        ]);
    });
}

function forward08(mode: Fact<string | undefined>): Node[] {
    if (mode.kind !== "known") {
        return [hiddenNode("forward", hidden(mode))];
    }
    // The provider folds the word's case (resource_libvirt_network.go, getNetModeFromResource).
    const word = mode.value?.toLowerCase() ?? "nat";
    return word === "none" ? [] : [element("forward", mode.at, [element("mode", mode.at, [], word)])];
}

function dns08(raw: Raw | undefined, at: Origin): Node[] {
    if (isMark(raw)) {
        return [hiddenNode("dns", markFact(raw, at))];
    }
    return isObject(raw) ? [object("dns", raw, at, new Set(["enabled", "localOnly"]))] : [];
}

/** The `<network>` that provider 0.8 makes: without a mode it is NAT. */
function tree08(raw: RawObject, at: Origin): Node {
    const mode = textFact(raw.mode, below(at, "mode"));
    const forward = forward08(mode);
    const skip = new Set(["mode", "addresses", "dhcp", "bridge", "xml", "name", "id", "autostart", "dns"]);
    const bridge = text("name", raw.bridge, below(at, "bridge"));
    const dns = dns08(raw.dns, below(at, "dns"));
    return element("network", at, [
        ...forward,
        ...(bridge.length > 0 ? [element("bridge", below(at, "bridge"), bridge)] : []),
        ...addresses08(raw, at),
        ...dns.filter((d) => d.children.length > 0 || d.value.kind !== "known"),
        ...object("rest", raw, at, skip).children,
    ]);
}

/** What one of our stylesheets leaves of it. */
function throughStylesheet(
    tree: Node,
    sheet: Extract<Stylesheet, { kind: "pinned" }>,
    sheetText: string,
    at: Origin,
): Node {
    const written = networkSkeleton(sheetText, sheet.at);
    const kept = tree.children.filter((child) => child.name === "bridge");
    const ip =
        sheet.which === "nat-network" ? tree.children.filter((child) => child.name === "ip").slice(0, 1) : [];
    const bridge = written.children.find((child) => child.name === "bridge");
    return element("network", at, [
        ...written.children.filter((child) => child.name !== "ip" && child.name !== "bridge"),
        ...(kept.length === 0 && bridge === undefined
            ? []
            : [
                  element("bridge", kept[0]?.at ?? at, [
                      ...(kept[0]?.children ?? []),
                      ...(bridge?.children ?? []),
                  ]),
              ]),
        ...ip.map((node) => ({ ...node, children: node.children.filter((child) => child.name !== "dhcp") })),
    ]);
}

/** The `<network>` of provider 0.9: without `forward` it is isolated, as in libvirt. */
function tree09(raw: RawObject, at: Origin): Node {
    const tree = object("network", raw, at, new Set(["name", "id", "networkId", "autostart", "uuid"]));
    const children = tree.children.map((child) =>
        child.name === "bridge" &&
        child.children.length === 0 &&
        child.value.kind === "known" &&
        child.value.value !== undefined
            ? element("bridge", child.at, [{ ...child, name: "name" }])
            : child,
    );
    return { ...tree, children };
}

interface ReadNetwork {
    readonly facts: NetworkFacts;
    readonly shape: Shape;
    readonly stylesheet: Stylesheet;
}

/** @param siblings shape of the same provider's other resources, for a network that shows none itself */
export function readNetwork(raw: RawObject, at: Origin, siblings: Shape | undefined): ReadNetwork {
    const own = networkShape(raw);
    const shape = own ?? siblings ?? "unrecognised";
    const { sheet, text: sheetText } = stylesheetOf(raw.xml, below(at, "xml.xslt"));
    if (sheet.kind === "opaque") {
        return {
            facts: networkFacts(hiddenNode("network", { kind: "opaque", why: sheet.why, at: sheet.at })),
            shape,
            stylesheet: sheet,
        };
    }
    if (own === "unrecognised") {
        const why = `it has properties of provider 0.8 and of 0.9 at once ${marked(sealOf(raw))}`;
        return {
            facts: networkFacts(hiddenNode("network", { kind: "opaque", why, at })),
            shape,
            stylesheet: sheet,
        };
    }
    if (shape === "provider-0.9") {
        return { facts: networkFacts(tree09(raw, at)), shape, stylesheet: sheet };
    }
    const beyond = sheet.kind === "pinned" ? beyondStylesheet(sheet.which, raw, at) : undefined;
    if (beyond !== undefined) {
        return { facts: networkFacts(hiddenNode("network", beyond)), shape, stylesheet: sheet };
    }
    const facts = networkFacts(tree08(raw, at));
    if (sheet.kind === "pinned" && sheetText !== undefined) {
        return sheet.which.endsWith("-network")
            ? {
                  facts: networkFacts(throughStylesheet(facts.xml, sheet, sheetText, at)),
                  shape,
                  stylesheet: sheet,
              }
            : {
                  facts: networkFacts(
                      hiddenNode("network", {
                          kind: "opaque",
                          why: `the stylesheet is meant for a ${sheet.which}`,
                          at: sheet.at,
                      }),
                  ),
                  shape,
                  stylesheet: {
                      kind: "opaque",
                      why: `it is meant for a ${sheet.which}`,
                      sha256: sheet.sha256,
                      at: sheet.at,
                  },
              };
    }
    if (shape === "unrecognised" || (own === undefined && absent(raw.mode) && siblings === undefined)) {
        const why =
            "provider 0.8 makes NAT of a network without mode, provider 0.9 an isolated one, and " +
            "nothing here tells which it is";
        const either: ForwardMode[] = ["nat", "isolated"];
        return {
            facts: { ...facts, forward: unknown(below(at, "mode"), why, either) },
            shape: "unrecognised",
            stylesheet: sheet,
        };
    }
    return { facts, shape, stylesheet: sheet };
}

/** `autostart`; off by default in both shapes. */
export const autostartOf = (raw: RawObject, at: Origin): ReturnType<typeof booleanFact> =>
    booleanFact(raw.autostart, below(at, "autostart"), false);

/** Name of the record, which no source leaves out once it is known. */
export const nameOf = (
    raw: RawObject,
    at: Origin,
    otherwise: string,
): ReturnType<typeof known<string>> | ReturnType<typeof hidden> => {
    const fact = textFact(raw.name, below(at, "name"));
    return fact.kind === "known" ? known(fact.value ?? otherwise, fact.at) : hidden(fact);
};
