/** Provider 0.9 mirrors libvirt's XML in objects; this turns them back into the tree that XML gives. */
import { below, element, hiddenNode, plainName, type Node, type Origin } from "..";
import { FLATTENED, RENAMED, SINGULAR, YES_OR_NO } from "./vocabulary-09";
import { absent, isList, isMark, isObject, markFact, type Raw, type RawObject } from "./raw";
import { own } from "../../util/own";

function merged(nodes: readonly Node[]): Node[] {
    const flat = nodes.filter((n) => own(FLATTENED, n.name) !== undefined);
    const heads = new Map(
        nodes.filter((n) => own(FLATTENED, n.name) === undefined).map((n) => [n.name, n] as const),
    );
    if (flat.length === 0) {
        return [...nodes];
    }
    const rest = nodes.filter((n) => own(FLATTENED, n.name) === undefined);
    for (const node of flat) {
        const [head, attribute] = own(FLATTENED, node.name) ?? ["", ""];
        const owner = heads.get(plainName(head)) ?? element(head, node.at);
        const grown = { ...owner, children: [...owner.children, { ...node, name: plainName(attribute) }] };
        const index = rest.findIndex((n) => n.name === owner.name);
        heads.set(grown.name, grown);
        rest.splice(index === -1 ? rest.length : index, index === -1 ? 0 : 1, grown);
    }
    return rest;
}

const renamed = (name: string): string => own(RENAMED, plainName(name)) ?? name;
const singular = (name: string): string => own(SINGULAR, plainName(name)) ?? renamed(name);

function nodes(name: string, raw: Raw, at: Origin): Node[] {
    if (absent(raw)) {
        return [];
    }
    if (isMark(raw)) {
        // It may be a list or an object (`features` is one here and the other there): it hides both.
        return [...new Set([renamed(name), singular(name)])].map((each) =>
            hiddenNode(each, markFact(raw, at)),
        );
    }
    if (isList(raw)) {
        const single = singular(name);
        return raw
            .flatMap((item, i) => nodes(single, item, below(at, i)))
            .map((n) =>
                single === "boot" && n.children.length === 0
                    ? element("boot", n.at, [{ ...n, name: "dev" }])
                    : n,
            );
    }
    if (isObject(raw)) {
        return [object(renamed(name), raw, at)];
    }
    if (raw === false) {
        return YES_OR_NO.has(plainName(name)) ? [element(name, at, [], "no")] : [];
    }
    const yes = YES_OR_NO.has(plainName(name)) ? "yes" : "";
    return [element(renamed(name), at, [], raw === true ? yes : String(raw))];
}

/** A tree of an object's properties. */
export function object(
    name: string,
    raw: RawObject,
    at: Origin,
    skip: ReadonlySet<string> = new Set(),
): Node {
    const children = Object.entries(raw)
        .filter(([key]) => !skip.has(key))
        .flatMap(([key, value]) => nodes(key, value, below(at, key)));
    return element(name, at, merged(children));
}
