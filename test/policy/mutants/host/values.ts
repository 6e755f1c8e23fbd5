/**
 * What is right by its kind and wrong by its value: files, hosts, bridges, folders, owners and steps that are
 * spelled in another way, or that are another's.
 */
import { cliLine } from "../../../../components/cli-command";
import type { FixtureResource } from "../../fixtures/resources";
import {
    COMMAND,
    DOMAIN,
    NETWORK,
    POOL,
    SEED,
    VOLUME,
    edit,
    ofType,
    set,
    short,
    type Mutant,
} from "../mutant";
import { type Stack, TWISTED, all, isRecent, type Props, mutants, gates, steps } from "./step-values";
import { wires, addresses } from "./network-values";

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
