/**
 * The `index.ts` of each group of rules: it exports every file beside it. With UPDATE_DOCS=1 this module
 * writes them as soon as it is imported, so that whatever is imported after it has every rule.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../util/root";

const RULES = join(projectRoot(), "policy/rules");
const INDEX = "index.ts";

export const textOf = (path: string): string => readFileSync(path, "utf8");

const camelCase = (name: string): string =>
    name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function indexOf(group: string): string {
    const names = readdirSync(join(RULES, group))
        .filter((file) => file !== INDEX)
        .map((file) => file.replace(/\.ts$/, ""))
        .sort();
    return [
        "/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */",
        ...names.map((name) => `export { default as ${camelCase(name)} } from "./${name}";`),
        "",
    ].join("\n");
}

/** Every group's index: path, and its text as it ought to be. */
export const indexes = (): (readonly [path: string, text: string])[] =>
    readdirSync(RULES).map((group) => [join(RULES, group, INDEX), indexOf(group)] as const);

/** The file that holds a rule, by the rule's id; relative to the project. */
export const filesOfRules = (): ReadonlyMap<string, string> =>
    new Map(
        readdirSync(RULES).flatMap((group) =>
            readdirSync(join(RULES, group)).flatMap((file) =>
                [...textOf(join(RULES, group, file)).matchAll(/^ +id: "(.+)",$/gm)].map(
                    ([, id = ""]): [string, string] => [id, `policy/rules/${group}/${file}`],
                ),
            ),
        ),
    );

if (process.env["UPDATE_DOCS"] === "1") {
    indexes().forEach(([path, text]) => writeFileSync(path, text));
}
