/** XML as a tree of the model (attributes and elements alike). */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { below, element, plainName, type Node, type Origin } from "..";
import { InputError } from "./input-error";

const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
});

type Item = Readonly<Record<string, unknown>>;
/** Characters of one document; a guest of ours has 8,000. */
const LONGEST = 4 * 1024 * 1024;
const ATTRIBUTES = ":@";

function attributes(item: Item, at: Origin): Node[] {
    const pairs = (item[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>;
    return Object.entries(pairs).map(([name, value]) => element(name, below(at, `@${name}`), [], value));
}

/** `disk[1]` when there are several of one name, else `disk`. */
function keyed(
    items: readonly Item[],
): { readonly name: string; readonly key: string; readonly item: Item }[] {
    const names = items.map((item) => Object.keys(item).find((key) => key !== ATTRIBUTES) ?? "");
    const count = new Map<string, number>();
    return items.map((item, i) => {
        const name = names[i] ?? "";
        const n = count.get(name) ?? 0;
        count.set(name, n + 1);
        return {
            name,
            key: names.filter((other) => other === name).length > 1 ? `${name}[${n}]` : name,
            item,
        };
    });
}

function node(name: string, item: Item, at: Origin): Node {
    const content = ((item[name] ?? []) as readonly Item[]).filter(
        (child) => !Object.keys(child).some((key) => key.startsWith("?")),
    );
    const text = content
        .flatMap((child) =>
            typeof child["#text"] === "string" || typeof child["#text"] === "number"
                ? [String(child["#text"])]
                : [],
        )
        .join("");
    const children = keyed(content.filter((child) => !("#text" in child))).map((child) =>
        node(child.name, child.item, below(at, child.key)),
    );
    return element(name, at, [...attributes(item, at), ...children], text === "" ? undefined : text);
}

/**
 * The document's root element.
 * @throws InputError when the text is not well-formed
 */
export function parseXml(text: string, at: Origin): Node {
    const again = "read it again with virsh; libvirt writes no such document";
    if (text.length > LONGEST || /<!DOCTYPE/i.test(text)) {
        throw new InputError(
            `XML of ${at.resource}: ` +
                `${text.length > LONGEST ? `${text.length} characters; at most ${LONGEST} are read` : "a document type, which is not read"}: ` +
                "undecided",
            again,
        );
    }
    try {
        return rootOf(text, at);
    } catch (error) {
        throw error instanceof RangeError
            ? new InputError(`XML of ${at.resource} nests too deep to be read: undecided`, again)
            : error;
    }
}

function rootOf(text: string, at: Origin): Node {
    const valid = XMLValidator.validate(text);
    if (valid !== true) {
        throw new InputError(
            `XML of ${at.resource}: ${valid.err.msg} (line ${valid.err.line})`,
            "read it again with virsh",
        );
    }
    const items = (parser.parse(text) as readonly Item[]).filter(
        (item) => !Object.keys(item).some((key) => key.startsWith("?") || key.startsWith("#")),
    );
    const [root] = keyed(items);
    if (root === undefined) {
        throw new InputError(`XML of ${at.resource} holds no element`, "read it again with virsh");
    }
    return node(root.name, root.item, at);
}

/** Direct children of one name. */
export const childrenOf = (parent: Node, name: string): readonly Node[] =>
    parent.children.filter((child) => child.name === plainName(name));
