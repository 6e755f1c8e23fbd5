/** What two YAML readers could read differently is not read. PyYAML's answers are in the titles. */
import fc from "fast-check";
import { networkConfig } from "../../../cloud-init/network-config";
import { parseNetworkConfig } from "../../../model/adapters/seed/network-config";
import { plainYaml } from "../../../model/adapters/seed/yaml";

test.each([
    ["a comment that ends at U+2028", "# x\u2028a: 1\n"],
    ["one that ends at U+2029", "# x\u2029a: 1\n"],
    ["one that ends at U+0085", "# x\u0085a: 1\n"],
    ["one that ends at CR", "# x\ra: 1\n"],
    ["a byte order mark", "\ufeffa: b\n"],
    ["a tab", "a:\tb\n"],
    ["a letter that is not ASCII", "a: \u00e9\n"],
    ["NUL", "a: \u0000\n"],
    ["a comment", "a: b # c\n"],
    ["a document mark", "--- a\n"],
    ["an end mark", "a: b\n...\n"],
    ["a directive", "%TAG ! tag:x,2000:\n---\na: b\n"],
    ["an anchor", "a: &x b\n"],
    ["an alias", "a: &x b\nc: *x\n"],
    [
        "a billion laughs",
        `a0: &a0 ha\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]\n`).join("")}`,
    ],
    ["a tag", "a: !!str b\n"],
    ["a binary", "a: !!binary eA==\n"],
    ["an explicit key", "? a\n: b\n"],
    ["a merge key", "<<: {a: b}\n"],
    ["a key twice", "a: b\na: c\n"],
    ["a number as a key", "1: b\n"],
    ["true as a key", "true: b\n"],
    ["a list as a key", "[a]: b\n"],
    ["true by another word", "a: yes\n"],
    ["a letter for true", "a: y\n"],
    ["false by another word", "a: Off\n"],
    ["null", "a: null\n"],
    ["a tilde", "a: ~\n"],
    ["no value", "a:\n"],
    ["octal of YAML 1.1", "a: 0644\n"],
    ["octal of YAML 1.2", "a: 0o644\n"],
    ["base 60", "a: 1:30\n"],
    ["a MAC of base 60", "a: 52:54:00:12:34:56\n"],
    ["hexadecimal", "a: 0x1f\n"],
    ["underscores", "a: 1_000\n"],
    ["a number with an exponent", "a: 1e3\n"],
    ["a fraction", "a: 1.5\n"],
    ["a date", "a: 2001-01-01\n"],
    ["a number with a sign", "a: +1\n"],
    ["a folded block", "a: >\n  b\n"],
    ["an indented block", "a: |4\n    b\n"],
    ["a block of which an empty line goes deepest", "a: |\n      \n  b\n"],
    ["a text on two lines", "a: b\n  c\n"],
    ["a quoted text on two lines", 'a: "b\n  c"\n'],
    ["a question mark in brackets", "{a: b?c}\n"],
    ["a colon in brackets", "[a::b]\n"],
])("%s is refused", (_, text) => {
    expect(() => plainYaml(text)).toThrow();
});

test("what this project renders is read", () => {
    expect(
        plainYaml(
            'a:\n  - b: |\n      # c\n      d\n    e: "0644"\n    f: 10.0.0.1/24\n    g: ' +
                "52:54:00:98:98:0b\n    h: false\n    i: 2\n",
        ),
    ).toEqual({
        a: [{ b: "# c\nd\n", e: "0644", f: "10.0.0.1/24", g: "52:54:00:98:98:0b", h: false, i: 2 }],
    });
    expect(plainYaml('{"a": ["\\u00e9", {"b": true}]}')).toEqual({ a: ["\u00e9", { b: true }] });
    expect(plainYaml("")).toBeNull();
});

test("any MAC that this project renders is read as itself", () => {
    const pair = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, "0"));
    const digits = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
    const mac = fc
        .oneof(
            fc.array(pair, { minLength: 3, maxLength: 3 }),
            fc.array(digits, { minLength: 3, maxLength: 3 }),
        )
        .map((rest) => ["52", "54", "00", ...rest].join(":"));
    fc.assert(
        fc.property(
            mac,
            (text) =>
                parseNetworkConfig(
                    networkConfig([
                        {
                            interface: "ext0",
                            mac: text,
                            address: "192.0.2.10",
                            prefix: 24,
                            route: "192.0.2.1",
                        },
                    ]),
                ).nics[0]?.mac === text,
        ),
    );
});
