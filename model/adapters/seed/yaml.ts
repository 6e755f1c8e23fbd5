/**
 * YAML of seeds. cloud-init reads it with PyYAML (YAML 1.1), we with another library: a text that the two
 * could read differently hides what a guest does. Only what both surely read alike is read at all; the rest
 * is an error. Source: PyYAML's scanner.py and resolver.py.
 */
import { CST, Lexer, isCollection, isScalar, parseDocument, visit, type Scalar } from "yaml";
import { PLAIN_TEXT } from "../../../cloud-init/text";
import { once } from "./once";

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Parts of YAML that seeds of this project have. No comments, anchors, tags, directives, document marks, `? `
 * keys.
 */
const PARTS: ReadonlySet<string | null> = new Set([
    "doc-mode",
    "scalar",
    "newline",
    "space",
    "map-value-ind",
    "seq-item-ind",
    "comma",
    "flow-map-start",
    "flow-map-end",
    "flow-seq-start",
    "flow-seq-end",
    "single-quoted-scalar",
    "double-quoted-scalar",
    "block-scalar-header",
]);

/** Literal blocks whose indentation their first line shows. */
const BLOCK = /^\|[+-]?$/;

/**
 * Texts without quotes that are text to YAML 1.1 and 1.2 alike: words, addresses, networks, MACs that are no
 * number of base 60.
 */
const BARE = [
    /^[A-Za-z_/][ -~]*$/,
    /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/,
    /^(?=.*([a-f]|:[6-9]\d))[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
];
/** Words that one of them takes for something else. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null)$/i;
/** In a collection in brackets, other characters end a text or make a key of it. */
const BARE_IN_BRACKETS = /^[\w./-]+$/;

/** @throws Error naming the part */
function checkParts(text: string): void {
    let after: string | null = null;
    for (const part of new Lexer().lex(text)) {
        const type = CST.tokenType(part);
        // The lexer announces a scalar without quotes; what follows is its text, whatever it looks like.
        if (
            after !== "scalar" &&
            (!PARTS.has(type) || (type === "block-scalar-header" && !BLOCK.test(part)))
        ) {
            throw new Error(
                `${JSON.stringify(part.slice(0, 40))} (${type ?? "no YAML"}): comments, anchors, ` +
                    "tags, directives, document marks and folded blocks are not read; this project " +
                    "renders none",
            );
        }
        after = after === "scalar" ? null : type;
    }
}

/** @throws Error when a text without quotes may be read as something else */
function checkBare(scalar: Scalar, inBrackets: boolean): void {
    const { source = "", value } = scalar;
    const wellKnown =
        (typeof value === "boolean" && (source === "true" || source === "false")) ||
        (typeof value === "number" && /^(0|[1-9]\d{0,14})$/.test(source));
    const text =
        value === source &&
        BARE.some((form) => form.test(source)) &&
        !WORDS.test(source) &&
        (!inBrackets || BARE_IN_BRACKETS.test(source));
    if (!wellKnown && !text) {
        throw new Error(
            `${JSON.stringify(source.slice(0, 40))}: YAML 1.1 and 1.2 may differ about it; put ` +
                "text into quotes, and leave no value out",
        );
    }
}

/**
 * A YAML document as plain data, which is frozen; null when it is empty.
 * @throws Error for anything that two YAML readers could read differently
 */
export const plainYaml = once((text: string): unknown => {
    if (!PLAIN_TEXT.test(text)) {
        throw new Error(
            "it holds a character that is neither printable ASCII nor a line feed: some readers " +
                "end a line there, others do not",
        );
    }
    checkParts(text);
    const document = parseDocument(text, { uniqueKeys: true, version: "1.1", merge: false });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) {
        throw new Error(problem.message.split("\n")[0] ?? "not YAML");
    }
    visit(document, {
        Pair: (_, { key }) => {
            if (!isScalar(key) || typeof key.value !== "string") {
                throw new Error(`the key ${String(key)} is no text`);
            }
        },
        Scalar: (_, node, path) => {
            const [from = 0, to = 0] = node.range ?? [];
            if (node.type !== "BLOCK_LITERAL" && text.slice(from, to).includes("\n")) {
                throw new Error(
                    `${JSON.stringify(text.slice(from, to).slice(0, 40))} goes over several lines`,
                );
            }
            if (node.type === "PLAIN") {
                checkBare(
                    node,
                    path.some((parent) => isCollection(parent) && parent.flow === true),
                );
            }
        },
    });
    return document.toJS({ maxAliasCount: 0 }) as unknown;
});
