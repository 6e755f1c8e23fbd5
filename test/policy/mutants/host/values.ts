/**
 * What is right by its kind and wrong by its value: files, hosts, bridges, folders, owners and steps that are
 * spelled in another way, or that are another's.
 */
import { cliLine } from "../../../../components/cli-command";
import { BRIDGE_NETWORK_STYLESHEET } from "../../../../libvirt/stylesheet";
import type { FixtureResource } from "../../fixtures/resources";
import {
    COMMAND,
    DOMAIN,
    NETWORK,
    POOL,
    SEED,
    VOLUME,
    edit,
    nicsOf,
    ofType,
    set,
    short,
    type Mutant,
} from "../mutant";

type Props = Record<string, unknown>;
type Stack = readonly FixtureResource[];

const isRecent = (stack: Stack): boolean =>
    ofType(stack, DOMAIN).some((d) => d.props["devices"] !== undefined);
const all =
    (...changes: readonly Mutant["change"][]): Mutant["change"] =>
    (s) =>
        changes.forEach((change) => change(s));
const mutants = (
    rule: string,
    title: string,
    list: readonly (readonly [string, Mutant["change"]])[],
): Mutant[] => list.map(([what, change]): Mutant => ({ title: `${title}: ${what}`, rule, change }));
const replaced = (text: string, option: string, value: string): string => {
    const changed = text.replace(new RegExp(`(--${option}) (\\S+)`), `$1 ${value}`);
    if (changed === text) {
        throw new Error(`nothing to change at --${option} of ${text}`);
    }
    return changed;
};

/**
 * What provider 0.8.3 (Go's net/url) opens for each is /images/x.qcow2, another file, an address or nothing.
 */
const TWISTED = [
    "/images/x.qcow2?good",
    "/images/x.qcow2#good",
    "/images/%78.qcow2",
    "/images/x%2eqcow2",
    "/images/%2e%2e/x.qcow2",
    "file://decoy/images/x.qcow2",
    "//decoy/images/x.qcow2",
    "///images/x.qcow2",
    "file://localhost/images/x.qcow2",
    "file:/images/x.qcow2",
    "file:images/x.qcow2",
    "FILE:///images/x.qcow2",
    "file:///images/x.qcow2?good",
    "images/x.qcow2",
    "./images/x.qcow2",
    "https://decoy.example.test/images/x.qcow2",
    "/images/x.qcow2?",
    "/images/x.qcow2#",
    "/images/x\n.qcow2",
    "/",
];

/** The file that is checked and the one that is uploaded are called alike, and are two. */
const files = (stack: Stack): Mutant[] =>
    ofType(stack, VOLUME, /-image-volume$/).flatMap((volume) => {
        const [step] = ofType(stack, COMMAND, /-image-verified$/);
        return TWISTED.flatMap((source): Mutant[] =>
            [source, source.replace("file://", "")].map((image) => ({
                title: `the image from ${JSON.stringify(source)}, checked as ${JSON.stringify(image)}`,
                rule: "CI-14",
                change: all(
                    set(volume.urn, isRecent(stack) ? { create: { content: { url: source } } } : { source }),
                    set(step?.urn ?? "", {
                        create: cliLine("verify-image", { image, sha256: "b".repeat(64) }),
                    }),
                ),
            })),
        );
    });

/** A volume of the operator's own file where the seed is. */
const seeds = (stack: Stack): Mutant[] =>
    isRecent(stack)
        ? []
        : ofType(stack, DOMAIN).flatMap((domain) => {
              const seed = stack.find((r) => r.type === SEED && r.name === `${domain.name}-seed`);
              const [pool, name] = [String(seed?.props["pool"]), "mine-seed.iso"];
              const path = `/var/lib/libvirt/images/${pool}/${String(seed?.props["name"])}`;
              const change: Mutant["change"] = (s) => {
                  const [like] = ofType(s, VOLUME, /-overlay$/);
                  s.push({
                      urn: `${domain.urn}-mine`,
                      type: VOLUME,
                      name: "mine",
                      props: { name, pool, source: path, xml: like?.props["xml"] },
                      dependencies: [],
                      propertyDependencies: {},
                      deleteBeforeReplace: true,
                  });
                  edit(domain.urn, (p) => {
                      (p["disks"] as Props[])[1] = { volumeId: `/var/lib/libvirt/images/${pool}/${name}` };
                  })(s);
              };
              return ["CI-14", domain.name.endsWith("-gateway") ? "DD-19" : "LC-07"].map((rule) => ({
                  title: `${short(domain)}: a file of the operator's in place of its seed (${rule})`,
                  rule,
                  change,
              }));
          });

/** The words of a gate's step are another Gateway's, or another host's. */
const gates = (stack: Stack): Mutant[] =>
    ofType(stack, COMMAND, /-ready$/).flatMap((step) => {
        const line = String(step.props["create"]);
        const mine = step.name.replace(/-ready$/, "");
        const other = ofType(stack, COMMAND, /-ready$/)
            .find((r) => r !== step)
            ?.name.replace(/-ready$/, "");
        const changed: [string, string][] = [
            ...[
                "qemu+ssh://root@elsewhere/system",
                "qemu:///system?socket=/tmp/x",
                "qemu+ssh://root@localhost:2222/system",
                "qemu:///session",
                "test:///default",
            ].map((uri): [string, string] => [`asks ${uri}`, replaced(line, "uri", uri)]),
            ["reads another pool", replaced(line, "pool", "default")],
            ["reads another file", replaced(line, "volume", "other.status")],
            ["asks about a Workstation", replaced(line, "domain", `${mine}-workstation-ws1`)],
            ...(other === undefined
                ? []
                : ([
                      [
                          "reads another Gateway's file",
                          replaced(
                              replaced(line, "pool", `${other}-status`),
                              "volume",
                              `${other}-gateway.status`,
                          ),
                      ],
                      ["reads a file in another Gateway's pool", replaced(line, "pool", `${other}-status`)],
                      ["is another Gateway's altogether", line.replaceAll(mine, other)],
                  ] as [string, string][])),
            ["names its domain twice", `${line} --domain ${mine}-gateway`],
            ["writes an option with =", line.replace("--domain ", "--domain=")],
            ["has one option more", `${line} --json`],
            ["has one option less", line.replace(/ --timeout \d+/, "")],
        ];
        return [
            ...mutants(
                "LC-01",
                short(step),
                changed.map(([title, create]) => [title, set(step.urn, { create })]),
            ),
            ...mutants("ACT-01", short(step), [
                ["waits for ever", set(step.urn, { create: replaced(line, "timeout", "999999") })],
                ["waits not at all", set(step.urn, { create: replaced(line, "timeout", "0") })],
            ]),
        ];
    });

/** Steps for what is not the stack's, or at the wrong time. */
const steps = (stack: Stack): Mutant[] => {
    const [gateway] = ofType(stack, DOMAIN, /-gateway$/);
    const [overlay] = ofType(stack, VOLUME, /-overlay$/);
    const [image] = ofType(stack, POOL, /-image$/);
    const prefix = gateway?.name.replace(/-gateway$/, "") ?? "";
    const status = { uri: "qemu:///system", pool: `${prefix}-status`, volume: `${prefix}-gateway.status` };
    const wipe = {
        uri: status.uri,
        domain: gateway?.name ?? "",
        pool: String(overlay?.props["pool"]),
        volume: String(overlay?.props["name"]),
    };
    const guest = { uri: status.uri, domain: wipe.domain };
    const host = { uri: status.uri, host: "4c4c4544-0042-3510-8052-b4c04f4e3232/system" };
    const elsewhere = { uri: "qemu+ssh://root@elsewhere/system" };
    const lines: [string, Props][] = [
        [
            "clears a volume of another pool",
            {
                create: cliLine("clear-status", {
                    ...status,
                    pool: "default",
                    volume: "production-db.qcow2",
                }),
            },
        ],
        ["clears a status file when it is made", { create: cliLine("clear-status", status) }],
        [
            "clears a volume of another pool at its end",
            {
                create: "true",
                delete: cliLine("clear-status", {
                    ...status,
                    pool: "default",
                    volume: "production-db.qcow2",
                }),
            },
        ],
        [
            "clears a guest's overlay",
            {
                create: "true",
                delete: cliLine("clear-status", { uri: status.uri, pool: wipe.pool, volume: wipe.volume }),
            },
        ],
        [
            "clears the golden image's pool",
            {
                create: "true",
                delete: cliLine("clear-status", { ...status, pool: String(image?.props["name"]) }),
            },
        ],
        [
            "clears a status file elsewhere",
            { create: "true", delete: cliLine("clear-status", { ...status, ...elsewhere }) },
        ],
        ["stops a guest when it is made", { create: cliLine("stop-guest", guest) }],
        [
            "stops nobody's guest",
            { create: "true", delete: cliLine("stop-guest", { ...guest, domain: "production-db" }) },
        ],
        [
            "stops a guest elsewhere",
            { create: "true", delete: cliLine("stop-guest", { ...guest, ...elsewhere }) },
        ],
        ["asks for the UUID of nobody's guest", { create: cliLine("guest-id", { ...guest, domain: "x" }) }],
        ["asks for a guest's UUID at its end", { create: "true", delete: cliLine("guest-id", guest) }],
        ["wipes when it is made", { create: cliLine("wipe", wipe) }],
        [
            "wipes what is not the stack's",
            { create: "true", delete: cliLine("wipe", { ...wipe, pool: "default", volume: "x" }) },
        ],
        [
            "wipes for no guest of the stack",
            { create: "true", delete: cliLine("wipe", { ...wipe, domain: "x" }) },
        ],
        ["wipes elsewhere", { create: "true", delete: cliLine("wipe", { ...wipe, ...elsewhere }) }],
        [
            "removes another's filter",
            { create: "true", delete: cliLine("remove-filter", { uri: status.uri, name: "clean-traffic" }) },
        ],
        [
            "removes a filter when it is made",
            { create: cliLine("remove-filter", { uri: status.uri, name: `${prefix}-isolated` }) },
        ],
        [
            "removes a filter elsewhere",
            {
                create: "true",
                delete: cliLine("remove-filter", { ...elsewhere, name: `${prefix}-isolated` }),
            },
        ],
        [
            "defines another's filter",
            {
                create: cliLine("define-filter", {
                    uri: status.uri,
                    name: "clean-traffic",
                    rules: "000000000000",
                }),
            },
        ],
        [
            "defines a filter at its end",
            {
                create: "true",
                delete: cliLine("define-filter", {
                    uri: status.uri,
                    name: `${prefix}-isolated`,
                    rules: "000000000000",
                }),
            },
        ],
        [
            "defines other rules",
            {
                create: cliLine("define-filter", {
                    uri: status.uri,
                    name: `${prefix}-isolated`,
                    rules: "000000000000",
                }),
            },
        ],
        [
            "reads any file",
            { create: cliLine("verify-image", { image: "/etc/shadow", sha256: "a".repeat(64) }) },
        ],
        [
            "reads without a sum",
            { create: cliLine("verify-image", { image: "/images/x.qcow2", sha256: "x" }) },
        ],
        [
            "looks at another host",
            { create: "true", delete: cliLine("check-host", { ...host, ...elsewhere }) },
        ],
        ["looks for no host", { create: "true", delete: cliLine("check-host", { ...host, host: "x" }) }],
        [
            "waits for another stack's Gateway",
            { create: cliLine("wait-ready", { ...status, domain: "x", timeout: 300 }) },
        ],
        [
            "waits for a Gateway at its end",
            {
                create: "true",
                delete: cliLine("wait-ready", { ...status, domain: gateway?.name ?? "", timeout: 300 }),
            },
        ],
        ["draws from a window of a day", { create: cliLine("clock-offset", { window: 86400 }) }],
        ["draws from none", { create: cliLine("clock-offset", { window: "0x20" }) }],
        ["does something on updates", { create: "true", update: "true" }],
        ["does something on updates, of ours", { create: "true", update: cliLine("clear-status", status) }],
        ...(
            [
                ["dir", "/tmp"],
                ["stdin", "x"],
                ["environment", { LIBVIRT_DEFAULT_URI: "test:///default" }],
                ["interpreter", ["/bin/bash", "-c"]],
                ["connection", { host: "192.0.2.1" }],
                ["archivePaths", ["**"]],
                ["assetPaths", ["/etc/shadow"]],
                ["somethingNew", true],
            ] as const
        ).map(([key, value]): [string, Props] => [`has ${key}`, { create: "true", [key]: value }]),
        ...[
            "true ",
            "TRUE",
            "bin/sallyport  clock-offset --window 60",
            "bin/sallyport clock-offset --window=60",
            "bin/sallyport clock-offset --window 60 --window 60",
            "bin/sallyport clock-offset",
            "bin/../bin/sallyport clock-offset --window 60",
            "sh -c true",
            "env A=b bin/sallyport clock-offset --window 60",
            "A=b bin/sallyport clock-offset --window 60",
            "bin/sallyport clock-offset --window 60\ntrue",
            "bin/sallyport -- clock-offset --window 60",
            "bin/sallyport clock-offset --window '60' --json true",
        ].map((create): [string, Props] => [`runs ${JSON.stringify(create)}`, { create }]),
    ];
    return mutants(
        "ACT-01",
        "a stray step",
        lines.map(([title, props]) => [
            title,
            (s): void => {
                s.push({
                    urn: `urn:pulumi:test::sallyport::${COMMAND}::stray`,
                    type: COMMAND,
                    name: "stray",
                    props,
                    dependencies: [],
                    propertyDependencies: {},
                });
            },
        ]),
    );
};

/** A network on a bridge that the host has. */
const onHostBridge = (network: FixtureResource, bridge: unknown, recent: boolean): Mutant["change"] =>
    set(
        network.urn,
        recent
            ? { forward: { mode: "bridge" }, bridge: { name: bridge }, ips: undefined, dns: undefined }
            : { mode: "bridge", bridge, addresses: undefined, xml: { xslt: BRIDGE_NETWORK_STYLESHEET } },
    );

const wires = (stack: Stack): Mutant[] => {
    const recent = isRecent(stack);
    const [red, blue] = ofType(stack, NETWORK, /-external$/);
    const nameOf = (network: FixtureResource | undefined): unknown =>
        recent ? (network?.props["bridge"] as Props | undefined)?.["name"] : network?.props["bridge"];
    const [isolated] = ofType(stack, NETWORK, /-isolated$/);
    const named = (network: FixtureResource, bridge: unknown): Mutant["change"] =>
        edit(network.urn, (p) => {
            p["bridge"] = recent ? { ...(p["bridge"] as Props), name: bridge } : bridge;
        });
    const gateways = ofType(stack, DOMAIN, /-gateway$/);
    const mac = (p: Props): Props => nicsOf(p)[0] ?? {};
    const sameMac: Mutant["change"] = (s) =>
        edit(gateways[1]?.urn ?? "", (p) => {
            mac(p)["mac"] = mac(gateways[0]?.props ?? {})["mac"];
        })(s);
    const foreign = [
        "virbr0",
        "virbr9",
        "docker0",
        "br-0123456789ab",
        "lxcbr0",
        "lxdbr0",
        "incusbr0",
        "cni0",
        "podman0",
        "a-name-of-16-char",
        "a b",
    ];
    const bad = ofType(stack, NETWORK).flatMap((network) =>
        foreign.map((bridge) => [`${short(network)} makes ${bridge}`, named(network, bridge)] as const),
    );
    if (red === undefined || blue === undefined) {
        return mutants("NT-21", "a bridge", [
            ...bad,
            ...(red === undefined
                ? []
                : [...foreign, "sp01234567i", "sp01234567x"].map(
                      (bridge) =>
                          [
                              `the Gateway on ${bridge} of the host`,
                              onHostBridge(red, bridge, recent),
                          ] as const,
                  )),
            ...(red === undefined
                ? []
                : [
                      [
                          "the Gateway on the isolated network's own",
                          onHostBridge(red, nameOf(isolated), recent),
                      ] as const,
                  ]),
        ]);
    }
    const shared: [string, Mutant["change"]][] = [
        [
            "on one bridge of the host",
            all(onHostBridge(red, "br0", recent), onHostBridge(blue, "br0", recent)),
        ],
        ["on one bridge that libvirt makes", named(blue, nameOf(red))],
        ["one on the other's bridge", onHostBridge(blue, nameOf(red), recent)],
        [
            "on one bridge of the host, with one MAC",
            all(onHostBridge(red, "br0", recent), onHostBridge(blue, "br0", recent), sameMac),
        ],
    ];
    return [
        ...mutants("NT-21", "a bridge", bad),
        ...["NT-21", "NT-11"].flatMap((rule) => mutants(rule, `two Gateways (${rule})`, shared)),
        ...mutants("ID-01", "two Gateways", [
            ["one MAC outside", sameMac],
            ["one MAC on one bridge of the host", shared[3]?.[1] ?? sameMac],
        ]),
        ...mutants(
            "NT-21",
            "an external network",
            ofType(stack, NETWORK, /-isolated$/).flatMap((n) => [
                [`on ${short(n)}'s bridge`, onHostBridge(red, nameOf(n), recent)] as const,
                [`makes ${short(n)}'s bridge`, named(red, nameOf(n))] as const,
            ]),
        ),
    ];
};

const folders = (stack: Stack): Mutant[] => {
    const at = (pool: FixtureResource, path: string): Mutant["change"] =>
        edit(pool.urn, (p) => {
            p["target"] = { ...(p["target"] as Props), path };
        });
    const pathOf = (pool: FixtureResource): string => String((pool.props["target"] as Props)["path"]);
    const pools = ofType(stack, POOL);
    return [
        ...pools.flatMap((pool) => [
            ...mutants("SH-04", short(pool), [
                ...[
                    "/",
                    "/etc",
                    "/var/lib/libvirt/images",
                    "/home/me",
                    `/tmp/${String(pool.props["name"])}`,
                    `/etc/${String(pool.props["name"])}`,
                    `/usr/lib/${String(pool.props["name"])}`,
                    `/var/tmp/${String(pool.props["name"])}`,
                    `/run/${String(pool.props["name"])}`,
                    `/${String(pool.props["name"])}`,
                    `${pathOf(pool)}/`,
                    pathOf(pool).replace("/images/", "/images//"),
                    pathOf(pool).replace("/images/", "/images/./"),
                    pathOf(pool).replace("/images/", "/x/../images/"),
                    `${pathOf(pool)}/.`,
                    `x${pathOf(pool)}`,
                    `/srv/ä/${String(pool.props["name"])}`,
                ].map((path) => [`at ${path}`, at(pool, path)] as const),
                ...pools
                    .filter((other) => other !== pool)
                    .flatMap((other) =>
                        ["", "/", "/.", "/x/..", "/below"].map(
                            (end) =>
                                [`at ${pathOf(other)}${end}`, at(pool, `${pathOf(other)}${end}`)] as const,
                        ),
                    ),
                ...pools
                    .filter((other) => other !== pool)
                    .map(
                        (other) =>
                            [
                                `called like ${short(other)}`,
                                set(pool.urn, { name: other.props["name"] }),
                            ] as const,
                    ),
                ...["logical", "disk", "iscsi", "fs", "netfs", "gluster", "rbd", "zfs"].map(
                    (type) => [`of type ${type}`, set(pool.urn, { type })] as const,
                ),
            ]),
            ...mutants(
                "NT-26",
                short(pool),
                pool.name.endsWith("-status")
                    ? []
                    : [
                          [
                              "not declared",
                              (s: FixtureResource[]): void => {
                                  s.splice(
                                      s.findIndex((r) => r.urn === pool.urn),
                                      1,
                                  );
                              },
                          ] as const,
                      ],
            ),
        ]),
        ...mutants("NT-26", "all pools", [
            [
                "not declared",
                (s): void => {
                    pools.forEach((pool) =>
                        s.splice(
                            s.findIndex((r) => r.urn === pool.urn),
                            1,
                        ),
                    );
                },
            ],
        ]),
        ...ofType(stack, VOLUME).flatMap((volume) =>
            mutants(
                "NT-26",
                short(volume),
                ["default", undefined, "images"].map(
                    (pool) => [`in the pool ${pool ?? "that is none"}`, set(volume.urn, { pool })] as const,
                ),
            ),
        ),
        ...(isRecent(stack)
            ? []
            : ofType(stack, SEED).flatMap((seed) =>
                  mutants(
                      "NT-26",
                      short(seed),
                      ["default", undefined].map(
                          (pool) =>
                              [`in the pool ${pool ?? "that is none"}`, set(seed.urn, { pool })] as const,
                      ),
                  ),
              )),
        ...inOthers(stack),
    ];
};

/** Volumes and seeds in the golden image's pool, or in another enclave's. */
function inOthers(stack: Stack): Mutant[] {
    const pools = ofType(stack, POOL)
        .map((pool) => String(pool.props["name"]))
        .filter((pool) => !pool.endsWith("-status"));
    const recent = isRecent(stack);
    return ofType(stack, DOMAIN).flatMap((domain) => {
        const parts = stack.filter(
            (r) =>
                (r.type === VOLUME || (!recent && r.type === SEED)) &&
                [`${domain.name}-overlay`, `${domain.name}-seed`, `${domain.name}-seed-volume`].includes(
                    r.name,
                ),
        );
        return parts.flatMap((part) =>
            pools
                .filter((pool) => pool !== part.props["pool"])
                .flatMap((pool) =>
                    mutants("SH-04", `${short(part)} in ${pool}`, [
                        [
                            "with its disk",
                            all(
                                set(part.urn, { pool }),
                                edit(domain.urn, (p) => {
                                    const [own, name] = [
                                        String(part.props["pool"]),
                                        String(part.props["name"]),
                                    ];
                                    const text = JSON.stringify(p);
                                    const moved = text
                                        .replaceAll(`/${own}/${name}`, `/${pool}/${name}`)
                                        .replaceAll(
                                            JSON.stringify({ pool: own, volume: name }),
                                            JSON.stringify({ pool, volume: name }),
                                        );
                                    if (moved === text) {
                                        throw new Error(`${domain.name} has no disk ${name}`);
                                    }
                                    Object.assign(p, JSON.parse(moved));
                                }),
                            ),
                        ],
                    ]),
                ),
        );
    });
}

const owners = (stack: Stack): Mutant[] =>
    !isRecent(stack)
        ? []
        : [...ofType(stack, VOLUME), ...ofType(stack, POOL)].flatMap((stored) =>
              mutants(
                  "HS-17",
                  short(stored),
                  [
                      { owner: "1000" },
                      { group: "1000" },
                      { owner: 1000 },
                      { label: "system_u:object_r:public_content_t:s0" },
                      { mode: "0644" },
                      { mode: "0777" },
                      { mode: "0606" },
                      { mode: "0660" },
                      { somethingNew: "x" },
                  ]
                      .filter((more) => (stored.type === VOLUME || more.mode !== "0644" ? true : false))
                      .map(
                          (more) =>
                              [
                                  JSON.stringify(more),
                                  edit(stored.urn, (p) => {
                                      const target = p["target"] as Props;
                                      p["target"] = {
                                          ...target,
                                          permissions: { ...(target["permissions"] as Props), ...more },
                                      };
                                  }),
                              ] as const,
                      ),
              ),
          );

/** One libvirt, spelled in two ways; and two that may be one. */
const SPELLINGS = [
    "qemu+unix:///system",
    "qemu:///system?socket=/var/run/libvirt/libvirt-sock",
    "qemu:///system?socket=/run/libvirt/libvirt-sock",
    "qemu:///system?socket=/run/libvirt/../libvirt//libvirt-sock",
    "qemu:///system?socket=%2frun%2flibvirt%2fvirtqemud-sock",
    "qemu+ssh://root@localhost/system",
    "qemu+ssh://me@127.0.0.1:22/system",
    "qemu+ssh://me@[::1]/system?keyfile=/k",
];

const hosts = (stack: Stack): Mutant[] => {
    const recent = isRecent(stack);
    const [mine, yours] = [
        ...new Set(ofType(stack, DOMAIN, /-gateway$/).map((d) => d.name.replace(/gateway$/, ""))),
    ];
    if (mine === undefined || yours === undefined) {
        return [];
    }
    const through =
        (uri: string): Mutant["change"] =>
        (s) => {
            s.filter((r) => r.type.startsWith("libvirt:") && r.name.startsWith(yours)).forEach((r) => {
                r.provider = `urn:pulumi:test::sallyport::pulumi:providers:libvirt::q at ${uri}`;
            });
        };
    const twin = (
        type: string,
        end: string,
    ): readonly [FixtureResource | undefined, FixtureResource | undefined] =>
        [mine, yours].map((prefix) => stack.find((r) => r.type === type && r.name === `${prefix}${end}`)) as [
            FixtureResource | undefined,
            FixtureResource | undefined,
        ];
    const copied = (type: string, end: string, ...keys: readonly string[]): Mutant["change"] => {
        const [from, to] = twin(type, end);
        return set(to?.urn ?? "", Object.fromEntries(keys.map((key) => [key, from?.props[key]])));
    };
    return [
        ...SPELLINGS.flatMap((uri): Mutant[] => [
            {
                title: `one subnet at ${uri}`,
                rule: "NT-14",
                change: all(through(uri), copied(NETWORK, "external", recent ? "ips" : "addresses")),
            },
            {
                title: `one bridge at ${uri}`,
                rule: "NT-21",
                change: all(through(uri), copied(NETWORK, "isolated", "bridge")),
            },
            {
                title: `one folder at ${uri}`,
                rule: "SH-04",
                change: all(through(uri), copied(POOL, "status", "target")),
            },
        ]),
        ...[
            "qemu+ssh://root@192.0.2.9/system",
            "qemu:///system?socket=/tmp/x",
            "qemu+ssh://root@localhost:2222/system",
        ].map((uri): Mutant => ({ title: `a second host, ${uri}`, rule: "HS-19", change: through(uri) })),
    ];
};

/** Addresses that the configuration refuses, in the seeds of guests. */
const addresses = (stack: Stack): Mutant[] =>
    ofType(stack, SEED).flatMap((seed) => {
        const told = (from: RegExp, to: string): Mutant["change"] =>
            edit(seed.urn, (p) => {
                const text = String(p["networkConfig"]).replace(from, to);
                if (text === p["networkConfig"]) {
                    throw new Error(`nothing to change in the network-config of ${seed.name}`);
                }
                p["networkConfig"] = text;
            });
        const inner = seed.name.includes("-workstation-")
            ? ["10.152.152.9", "10.152.152.255", "10.152.153.11", "192.0.2.77"]
            : [];
        return mutants(
            "GUEST-02",
            short(seed),
            inner.map(
                (address) => [`at ${address}`, told(/10\.152\.152\.1\d\/24/, `${address}/24`)] as const,
            ),
        );
    });

const URIS = [
    "qemu+ssh://-oProxyCommand=x@192.0.2.1/system",
    "qemu+ssh://me@-oProxyCommand/system",
    "qemu+ssh://me@192.0.2.1/system?keyfile=/a&keyfile=/b",
    "qemu+ssh://me@192.0.2.1/system?socket=",
    "qemu:///system?socket=",
    "qemu:///session",
    "qemu+ssh://me@Lab/system",
    "qemu+ssh://me@lab./system",
    "qemu+ssh://me@ho%73t/system",
    "qemu+ssh://192.0.2.1/system",
    "qemu+ssh://me@192.0.2.1:0/system",
    "qemu+ssh://me@192.0.2.1/system?knownhosts=/tmp/x",
    "qemu+sshcmd://me@192.0.2.1/system",
    "qemu+libssh2://me@192.0.2.1/system",
    "qemu:///system/",
    "qemu:///system#x",
    "QEMU:///system",
    "qemu://192.0.2.1/system",
    "qemu+ssh://me@192.0.2.1/system?no_tty=1&no_tty=1",
    "qemu:///system?socket=/run/a+b",
    "qemu:///system?",
];

/** @param stack a good one of either provider that exists */
export const valueMutants = (stack: Stack): Mutant[] => [
    ...files(stack),
    ...seeds(stack),
    ...gates(stack),
    ...steps(stack),
    ...wires(stack),
    ...folders(stack),
    ...owners(stack),
    ...hosts(stack),
    ...addresses(stack),
    ...URIS.map((uri): Mutant => ({
        title: `host ${uri}`,
        rule: "HS-08",
        change: (s) => {
            s.filter((r) => r.type.startsWith("libvirt:")).forEach((r) => {
                r.provider = `urn:pulumi:test::sallyport::pulumi:providers:libvirt::p at ${uri}`;
            });
        },
    })),
];
