/** Steps that wipe guests' volumes before these go. */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, UNKNOWN, edit, ofType, set, short, type Mutant } from "../mutant";

const rule = "LC-14";
const wipings = (stack: readonly FixtureResource[], domain = ""): FixtureResource[] =>
    ofType(stack, COMMAND, new RegExp(`${domain}-(overlay|seed)-wipe$`));

const ofStep = (step: FixtureResource): Mutant[] => {
    const line = String(step.props["delete"]);
    const other = (option: string, value: string): string => {
        const changed = line.replace(new RegExp(`--${option} \\S+`), `--${option} ${value}`);
        if (changed === line) {
            throw new Error(`the step's line has no other ${option}`);
        }
        return changed;
    };
    const lines: readonly [string, Record<string, unknown>][] = [
        ["wipes another volume", { delete: other("volume", "other.qcow2") }],
        ["wipes in another pool", { delete: other("pool", "default") }],
        ["minds another guest", { delete: other("domain", "other") }],
        ["wipes on another host", { delete: other("uri", "qemu+ssh://192.0.2.9/system") }],
        ["is switched off, unlike the others", { delete: "true" }],
        [
            "does something else at its end",
            { delete: "bin/sallyport remove-filter --uri qemu:///system --name x" },
        ],
        ["has no end", { delete: undefined }],
        ["ends in an unknown way", { delete: UNKNOWN }],
        ["wipes at its beginning", { create: line }],
    ];
    const mine = short(step);
    return [
        {
            title: `${mine}: not there`,
            rule,
            change: (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === step.urn),
                    1,
                );
            },
        },
        {
            title: `${mine}: is replaced without its volume`,
            rule,
            change: edit(step.urn, (_, r) => {
                r.propertyDependencies = {};
            }),
        },
        ...lines.map(([title, values]): Mutant => ({
            title: `${mine}: ${title}`,
            rule,
            change: set(step.urn, values),
        })),
    ];
};

export const wipingMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...wipings(stack).flatMap(ofStep),
    ...ofType(stack, DOMAIN).flatMap((domain) =>
        wipings(stack, domain.name).map((step): Mutant => ({
            title: `${short(domain)}: does not wait for ${short(step)}`,
            rule,
            change: edit(domain.urn, (_, r) => {
                r.dependencies = r.dependencies.filter((urn) => urn !== step.urn);
            }),
        })),
    ),
    {
        title: "a step that wipes what is not this stack's",
        rule,
        change: (s) => {
            s.push({
                urn: "urn:pulumi:test::sallyport::command:local:Command::stray",
                type: COMMAND,
                name: "stray",
                dependencies: [],
                propertyDependencies: {},
                props: {
                    create: "true",
                    delete:
                        "bin/sallyport wipe --uri qemu:///system --pool default --volume mine.qcow2 " +
                        "--domain x",
                },
            });
        },
    },
];
