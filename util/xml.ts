/** XML as plain records, every element and attribute kept in order. */
import { XMLParser, XMLValidator } from "fast-xml-parser";

export interface XmlElement {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
    /** Its own text, trimmed. */
    readonly text: string;
    readonly children: readonly XmlElement[];
}

const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
});

type Node = Record<string, unknown>;

function elements(nodes: readonly Node[]): XmlElement[] {
    return nodes.flatMap((node) => {
        const name = Object.keys(node).find((key) => key !== ":@" && key !== "#text");
        if (name === undefined) {
            return [];
        }
        const inside = node[name] as Node[];
        const text = inside
            .map((child) => (typeof child["#text"] === "string" ? child["#text"] : ""))
            .join("");
        return [
            {
                name,
                attributes: (node[":@"] ?? {}) as Record<string, string>,
                text,
                children: elements(inside),
            },
        ];
    });
}

/** Parse a document. @throws Error when it is not well-formed or has not exactly one root */
export function parseXml(text: string): XmlElement {
    const valid = XMLValidator.validate(text);
    if (valid !== true) {
        throw new Error(`not XML: ${valid.err.msg} in line ${valid.err.line}`);
    }
    const roots = elements(parser.parse(text) as Node[]);
    const [root] = roots;
    if (root === undefined || roots.length !== 1) {
        throw new Error(`XML with ${roots.length} root elements`);
    }
    return root;
}
