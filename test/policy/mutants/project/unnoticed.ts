/**
 * What an adversary found after the fact: programs of providers, steps that stay while what they are for is
 * made anew, files outside of their pool.
 */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, NETWORK, POOL, VOLUME, edit, ofType, type Mutant } from "../mutant";

type Props = Record<string, unknown>;
type Stack = readonly FixtureResource[];

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
/** What a provider's own state may say of its program, and may not. */
const PROGRAMS: readonly [string, string, Props][] = [
    ["libvirt", "from an address", { __internal: { pluginDownloadURL: "https://plugins.test" } }],
    ["libvirt", "that is called otherwise", { __internal: { name: "other" } }],
    [
        "libvirt",
        "that is bridged from elsewhere",
        {
            __internal: {
                name: "terraform-provider",
                parameterization: encoded({ remote: { url: "tf.test/dmacvicar/libvirt", version: "0.8.3" } }),
            },
        },
    ],
    [
        "libvirt",
        "that is bridged from a folder",
        {
            __internal: {
                name: "terraform-provider",
                parameterization: encoded({ local: { path: "/tmp/p" } }),
            },
        },
    ],
    [
        "libvirt",
        "whose parameterization cannot be read",
        { __internal: { name: "terraform-provider", parameterization: "e30=" } },
    ],
    ["libvirt", "as an old engine says it", { name: "terraform-provider", parameterization: "e30=" }],
    ["libvirt", "with settings that no engine has", { __internal: { plugin: "/tmp/p" } }],
    ["command", "from an address", { __internal: { pluginDownloadURL: "https://plugins.test" } }],
    ["random", "in another environment", { __internal: { envVarMappings: { HOME: "X" } } }],
];

const programs = (): Mutant[] =>
    PROGRAMS.map(([name, how, props]) => ({
        title: `a provider ${name} ${how}`,
        rule: "ACT-01",
        exported: true,
        change: (copy) => {
            copy.push({
                urn: `urn:pulumi:test::sallyport::pulumi:providers:${name}::more`,
                type: `pulumi:providers:${name}`,
                name: "more",
                props,
                dependencies: [],
                propertyDependencies: {},
            });
        },
    }));

/** Everything is made anew, but for one kind of step. */
const without =
    (step: RegExp) =>
    (r: FixtureResource): string =>
        step.test(r.name) ? "same" : "replace";
const nothing = (): void => undefined;
const steps = (): Mutant[] => [
    {
        title: "the Gateway is replaced, and nothing waits for its word",
        rule: "LC-01",
        change: nothing,
        preview: without(/-ready$/),
    },
    {
        title: "the image is uploaded anew, and nothing checks its sum",
        rule: "CI-14",
        change: nothing,
        preview: without(/-image-verified$/),
    },
];

function stored(stack: Stack): Mutant[] {
    const [image] = ofType(stack, VOLUME, /-image-volume$/);
    const [pool] = ofType(stack, POOL);
    const recent = stack.some((r) => r.props["devices"] !== undefined);
    return [
        ...(image === undefined
            ? []
            : [
                  {
                      title: "the image's file lies outside of its pool",
                      rule: "NT-26",
                      change: edit(image.urn, (_p, r) => {
                          r.id = "/tmp/x.qcow2";
                      }),
                      exported: true as const,
                  },
              ]),
        ...(pool === undefined || recent
            ? []
            : [
                  {
                      title: "a pool's path is not its target's",
                      rule: "SH-04",
                      change: edit(pool.urn, (p) => {
                          p["path"] = "/srv/other";
                      }),
                  },
                  {
                      title: "a pool is said to be of no type, and is on another machine",
                      rule: "SH-04",
                      exported: true as const,
                      change: edit(pool.urn, (p, r) => {
                          p["type"] = "";
                          r.outputs = { ...p, type: "netfs" };
                      }),
                  },
              ]),
    ];
}

const states = (stack: Stack): Mutant[] =>
    [...ofType(stack, NETWORK), ...ofType(stack, DOMAIN)].flatMap((r): Mutant[] => [
        {
            title: `${r.name}: its URN is another type's`,
            rule: "MODEL-01",
            exported: true,
            change: (copy) => {
                const f = copy.find((c) => c.urn === r.urn);
                Object.assign(f ?? {}, { type: "random:index/x:X" });
            },
        },
        {
            title: `${r.name}: it was never made`,
            rule: "MODEL-01",
            exported: true,
            change: (copy) => {
                const f = copy.find((c) => c.urn === r.urn);
                if (f !== undefined) {
                    delete f.id;
                }
            },
        },
    ]);

/** Of provider 0.9, which takes what our stylesheets drop. */
function domains09(stack: Stack): Mutant[] {
    const changes: readonly [string, string, (devices: Record<string, Props[]>, domain: Props) => void][] = [
        [
            "its line has a label of its own",
            "DD-12",
            (d) => {
                Object.assign(d["serials"]?.[0] ?? {}, {
                    source: { pty: { secLabels: [{ relabel: "no" }] } },
                });
            },
        ],
        [
            "its line speaks a protocol",
            "DD-12",
            (d) => {
                Object.assign(d["serials"]?.[0] ?? {}, { protocol: { type: "telnet" } });
            },
        ],
        [
            "a NIC is said to be on another bridge",
            "NT-25",
            (d) => {
                Object.assign((d["interfaces"]?.[0]?.["source"] as Props)["network"] as Props, {
                    bridge: "br0",
                });
            },
        ],
        [
            "its memory stays when it reboots",
            "DD-21",
            (_d, p) => {
                p["onReboot"] = "preserve";
            },
        ],
    ];
    const all = ofType(stack, DOMAIN).filter((r) => r.props["devices"] !== undefined);
    return [
        ...all.flatMap((r) =>
            changes.map(([title, rule, change]): Mutant => ({
                title: `${r.name}: ${title}`,
                rule,
                change: edit(r.urn, (p) => {
                    change(p["devices"] as Record<string, Props[]>, p);
                }),
            })),
        ),
        ...all
            .filter((r) => r.name.endsWith("-gateway"))
            .map((r): Mutant => ({
                title: `${r.name}: what an earlier one said stays in its status file`,
                rule: "DD-12",
                change: edit(r.urn, (p) => {
                    Object.assign(
                        ((p["devices"] as Record<string, Props[]>)["serials"]?.[0]?.["log"] ?? {}) as Props,
                        { append: "on" },
                    );
                }),
            })),
        ...(all.length < 2
            ? []
            : [
                  {
                      title: "two guests show one hardware UUID",
                      rule: "ID-05",
                      change: (copy: FixtureResource[]) => {
                          ofType(copy, DOMAIN).forEach((r) => {
                              r.props["hwUuid"] = "00000000-0000-4000-8000-00000000dead";
                          });
                      },
                  },
              ]),
    ];
}

/** @param stack a good one of either provider that exists */
export const unnoticedMutants = (stack: Stack): Mutant[] => [
    ...programs(),
    ...steps(),
    ...stored(stack),
    ...states(stack),
    ...domains09(stack),
];
