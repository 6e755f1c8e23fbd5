/**
 * Every mutant with the good stack that it is made from, in parts of about the same length: each is a test
 * file of its own, so that they run side by side.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rules } from "../../../policy/registry";
import { NOT_RUN, runRules, type Rule } from "../../../policy/rule";
import { modelOfExport } from "../../../model/adapters";
import type { Model } from "../../../model";
import { CONFIGS, goodStack, type Phase } from "../fixtures/good";
import { goodStack09 } from "../fixtures/good-09";
import { asExport, copyOf, modelOf, modelOfChange, type FixtureResource } from "../fixtures/resources";
import { changeMutants } from "./lifecycle/changes";
import { diskFileMutants, fileMutants09 } from "./devices/disk-files";
import { domainMutants } from "./devices/provider-08";
import { filterMutants, filterMutants09 } from "./devices/filters";
import { hostMutants } from "./sharing/processors";
import { NothingToChange, type Mutant, type Mutants } from "./mutant";
import { networkMutants } from "./networks/networks";
import { observedMutants } from "./project/observed";
import { staleMutants } from "./project/stale";
import { otherMutants } from "./host/others";
import { pathMutants } from "./networks/paths";
import { mutants09 } from "./devices/provider-09";
import { readerMutants } from "./seeds/readers";
import { GATEWAY, WORKSTATION } from "./seeds/names";
import { seedMutants } from "./seeds/seeds";
import { sharingMutants } from "./sharing/sharing";
import { unnoticedMutants } from "./project/unnoticed";
import { valueMutants } from "./host/values";
import { wipingMutants } from "./lifecycle/wiping";

type Stack = readonly FixtureResource[];

export interface Attempt {
    readonly stack: Stack;
    readonly mutant: Mutant;
    /** Configuration and phase of the stack. */
    readonly from: string;
    /** Whether the stack may lack what the mutant changes; then it does not count. */
    readonly mayLack?: boolean;
    /** The stack after the change; made once. @throws NothingToChange */
    readonly changed: () => Stack;
}

type Maker = (config: unknown, phase: Phase) => Promise<Stack>;

const ONE = "one enclave, one Workstation";
const TWO = "two enclaves, three Workstations";
const BRIDGE = "a bridge of the host's, emulated";
const CONTROL = "control for one of two";
const HOST = "zones, and processors of their own";
const STRICT = "a private Tor network, shut until the time is set";
/** Whose networks or domains are unlike those of the first two; the rest differ from them in seeds alone. */
const UNLIKE = [STRICT, BRIDGE, HOST];
/** Wiping changes no seed and no path. */
const UNWIPED = "nothing is wiped, as by default";
const OTHERS = Object.keys(CONFIGS).filter((title) => title !== ONE && title !== TWO && title !== UNWIPED);

function once<T>(make: () => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make() }).value;
}

async function on(
    titles: readonly string[],
    phase: Phase,
    make: Maker,
    ...generators: readonly Mutants[]
): Promise<Attempt[]> {
    const found: Attempt[] = [];
    for (const title of titles) {
        const stack = await make(CONFIGS[title], phase);
        found.push(
            ...generators
                .flatMap((generate) => generate(stack))
                .map((mutant): Attempt => ({
                    stack,
                    mutant,
                    from: `${title}, ${phase}`,
                    changed: once(() => copyOf(stack, mutant.change)),
                })),
        );
    }
    return found;
}

/**
 * Other configurations lack some of what a mutant changes; the first two, where all of them are tried, may
 * not.
 */
const where = (attempts: readonly Attempt[]): Attempt[] =>
    attempts.map((attempt) => ({ ...attempt, mayLack: true }));

function possible({ mayLack, changed }: Attempt): boolean {
    try {
        changed();
        return true;
    } catch (error) {
        if (mayLack === true && error instanceof NothingToChange) {
            return false;
        }
        throw error;
    }
}

/** Seeds of other configurations, as far as they differ. */
async function seedsOf(titles: readonly string[], only: RegExp, make: Maker = goodStack): Promise<Attempt[]> {
    const stack = await goodStack(CONFIGS[ONE], "preview");
    return where(await on(titles, "preview", make, (other) => seedMutants(other, { stack, only })));
}

/** Files in the groups that this one imports, or one of those: `devices/provider-08`. */
function filesOfParts(file = "attempts", found = new Set<string>()): ReadonlySet<string> {
    for (const [, path = ""] of readFileSync(join(__dirname, `${file}.ts`), "utf8").matchAll(
        / from "(\.[^"]+)"/g,
    )) {
        const other = relative(__dirname, join(__dirname, dirname(file), path));
        if (/^\w+\/[\w-]+$/.test(other) && !found.has(other)) {
            filesOfParts(other, found.add(other));
        }
    }
    return found;
}

/**
 * The mutants of single rules: what each `<group>/<rule>.ts` beside this file exports by default.
 * @throws Error for a file that would not be run
 */
async function ofRules(): Promise<Mutants[]> {
    const parts = filesOfParts();
    const found: Mutants[] = [];
    for (const group of readdirSync(__dirname, { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
    )) {
        for (const name of readdirSync(join(__dirname, group.name))) {
            const path = `${group.name}/${name.replace(/\.ts$/, "")}`;
            const { default: mutants } = (await import(`./${path}`)) as { readonly default?: Mutants };
            if (mutants !== undefined) {
                found.push(mutants);
            } else if (!parts.has(path)) {
                throw new Error(
                    `./${path} exports no mutants by default, and no part has those that it names`,
                );
            }
        }
    }
    return found;
}

export const PARTS = {
    "networks and domains": async () => [
        ...(await on([ONE], "preview", goodStack, networkMutants, domainMutants)),
        ...(await on([TWO], "existing", goodStack, networkMutants, domainMutants)),
        ...(await on([BRIDGE], "existing", goodStack, networkMutants)),
        ...where(await on([STRICT, HOST], "existing", goodStack, networkMutants)),
        ...where(await on(UNLIKE, "preview", goodStack, domainMutants)),
    ],
    "whole stacks": async () => [
        ...(await on(
            [TWO],
            "existing",
            goodStack,
            otherMutants,
            changeMutants,
            sharingMutants,
            pathMutants,
            filterMutants,
            wipingMutants,
        )),
        ...(await on([ONE], "preview", goodStack, filterMutants, wipingMutants)),
        ...(await on([TWO], "existing", goodStack09, sharingMutants, pathMutants)),
        ...(await on([ONE], "preview", goodStack, diskFileMutants)),
        ...(await on([TWO], "existing", goodStack, diskFileMutants)),
        ...(await on([HOST], "preview", goodStack, hostMutants)),
        ...(await on([HOST], "existing", goodStack09, hostMutants)),
        ...where(await on(OTHERS, "existing", goodStack, pathMutants)),
        ...where(await on(OTHERS, "preview", goodStack09, pathMutants)),
    ],
    "what was read, and what stays": async () => [
        ...(await on([TWO], "existing", goodStack, observedMutants, staleMutants, unnoticedMutants)),
        ...(await on([TWO], "existing", goodStack09, observedMutants, staleMutants, unnoticedMutants)),
        ...where(await on([BRIDGE], "existing", goodStack, observedMutants)),
    ],
    seeds: async () => [
        ...(await on([ONE], "preview", goodStack, (stack) => seedMutants(stack))),
        ...(await seedsOf([STRICT, CONTROL], WORKSTATION)),
        ...(await seedsOf([TWO], /./, goodStack09)),
        ...(await on([ONE], "preview", goodStack, readerMutants)),
        ...(await on([ONE], "existing", goodStack09, readerMutants)),
    ],
    "Gateways of other configurations": async () => seedsOf(OTHERS, GATEWAY),
    "of one rule": async () => {
        const mutants = await ofRules();
        return [
            ...(await on([ONE], "preview", goodStack, ...mutants)),
            ...(await on([TWO], "existing", goodStack, ...mutants)),
            ...(await on([ONE], "preview", goodStack09, ...mutants)),
        ];
    },
    values: async () => [
        ...(await on([TWO], "existing", goodStack, valueMutants)),
        ...(await on([TWO], "existing", goodStack09, valueMutants)),
        ...(await on([BRIDGE], "existing", goodStack, valueMutants)),
        ...(await on([BRIDGE], "existing", goodStack09, valueMutants)),
    ],
    "provider 0.9": async () => [
        ...(await on(
            [ONE],
            "preview",
            goodStack09,
            mutants09,
            fileMutants09,
            filterMutants09,
            wipingMutants,
        )),
        ...(await on([TWO], "existing", goodStack09, mutants09, fileMutants09, filterMutants09)),
        ...(await on([BRIDGE], "preview", goodStack09, mutants09)),
        ...where(await on([HOST], "existing", goodStack09, mutants09)),
    ],
} satisfies Record<string, () => Promise<readonly Attempt[]>>;

/** The mutants of a part that their stack can have. */
export const made = async (part: keyof typeof PARTS): Promise<Attempt[]> =>
    (await PARTS[part]()).filter(possible);

const byId = new Map(rules.map((rule) => [rule.id, rule]));

/** Whether a rule objects; that it could not be run is no objection. */
export const objects = (rule: Rule, model: Model): boolean =>
    runRules([rule], model).some((finding) => finding.subject !== NOT_RUN);

/** Whether the rule that a mutant is about objects to it. */
function rejected({ stack, mutant, changed }: Attempt): boolean {
    const rule = byId.get(mutant.rule);
    const model = (): Model => {
        if (mutant.preview !== undefined) {
            return modelOfChange(stack, changed(), mutant.preview, mutant.uri);
        }
        return mutant.exported === true
            ? modelOfExport(JSON.stringify(asExport(changed())), "export.json")
            : modelOf(changed());
    };
    return rule !== undefined && objects(rule, model());
}

/** The mutants that pass, which none may. */
const passed = (attempts: readonly Attempt[]): string[] =>
    attempts
        .filter((attempt) => !rejected(attempt))
        .map(({ mutant, from }) => `${mutant.rule}: ${mutant.title} (${from})`);

/** The test of one part. @param atLeast so many mutants there are */
export function testPart(part: keyof typeof PARTS, atLeast: number): void {
    jest.setTimeout(600_000);
    it(`${part}: mutants are rejected, each by the expected rule`, async () => {
        const attempts = await made(part);
        expect(attempts.length).toBeGreaterThan(atLeast);
        expect(passed(attempts)).toEqual([]);
    });
}
