/**
 * Disks as files: of the guest's own volumes, in the folder that their pool is declared at. In both
 * providers' words.
 */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, POOL, SEED, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";

type Props = Record<string, unknown>;

const pathOf = (pool: FixtureResource | undefined): string =>
    String((pool?.props["target"] as Props | undefined)?.["path"]);
const poolOf = (stack: readonly FixtureResource[], name: unknown): FixtureResource | undefined =>
    ofType(stack, POOL).find((pool) => pool.props["name"] === name);
/** Ends of a folder that lead to it in another spelling, or through another. */
const SPELLINGS = ["/", "//", "/.", "/./", "/../x"];

/** The stylesheet as ours would be for another pool: its name, its folder or both. */
const written = (at: string, change: { readonly name?: string; readonly path?: string }): Mutant["change"] =>
    edit(at, (p) => {
        const { xslt } = p["xml"] as { xslt: string };
        const changed = xslt
            .replace(/(disk\[source\/@pool=')[^']*/, (whole, before: string) =>
                change.name === undefined ? whole : `${before}${change.name}`,
            )
            .replace(/(a volume of another pool than )[^<]*/, (whole, before: string) =>
                change.name === undefined ? whole : `${before}${change.name}`,
            )
            .replace(
                /(<source file=")[^{]*(\/\{source\/@volume\}"\/>)(?!<target dev="vdc")/g,
                (whole, before: string, after: string) =>
                    change.path === undefined ? whole : `${before}${change.path}${after}`,
            );
        if (changed === xslt) {
            throw new Error(`nothing to change in the stylesheet of ${at}`);
        }
        p["xml"] = { xslt: changed };
    });

/** Provider 0.8: the stylesheet makes files of volumes. */
function throughStylesheet(stack: readonly FixtureResource[], domain: FixtureResource): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    const stored = [...ofType(stack, VOLUME), ...ofType(stack, SEED)].filter(
        (v) => v.name === `${domain.name}-overlay` || v.name === `${domain.name}-seed`,
    );
    const own = poolOf(stack, stored[0]?.props["pool"]);
    const others = ofType(stack, POOL).filter((pool) => pool !== own);
    // One pool for disks and data is in no stylesheet of ours.
    const clash = (pool: FixtureResource): string =>
        pool.name === `${own?.name ?? ""}-data` ? "DD-10" : "NT-26";
    const ofPool = (change: Mutant["change"], title: string): Mutant => ({
        title: `${mine}: its pool ${title}`,
        rule: "NT-26",
        change,
    });
    return [
        {
            title: `${mine}: its stylesheet writes another folder`,
            rule: "NT-26",
            change: written(at, { path: "/srv/evil" }),
        },
        {
            title: `${mine}: its stylesheet writes a folder below its pool's`,
            rule: "NT-26",
            change: written(at, { path: `${pathOf(own)}/x` }),
        },
        {
            title: `${mine}: its stylesheet writes the folder above its pool's`,
            rule: "NT-26",
            change: written(at, { path: pathOf(own).replace(/\/[^/]*$/, "") }),
        },
        {
            title: `${mine}: its stylesheet takes a pool that is not declared`,
            rule: "NT-26",
            change: written(at, { name: "default" }),
        },
        ...others.flatMap((pool): Mutant[] => [
            {
                title: `${mine}: its stylesheet takes the pool ${short(pool)}`,
                rule: clash(pool),
                change: written(at, { name: String(pool.props["name"]) }),
            },
            {
                title: `${mine}: its stylesheet writes the folder of ${short(pool)}`,
                rule: clash(pool),
                change: written(at, { path: pathOf(pool) }),
            },
            {
                title: `${mine}: its stylesheet is for ${short(pool)}`,
                rule: "DD-19",
                change: written(at, { name: String(pool.props["name"]), path: pathOf(pool) }),
            },
        ]),
        ...SPELLINGS.map((end): Mutant => ({
            title: `${mine}: its stylesheet's folder with ${end} behind`,
            rule: "DD-10",
            change: written(at, { path: `${pathOf(own)}${end}` }),
        })),
        {
            title: `${mine}: its stylesheet's folder with /./ in it`,
            rule: "DD-10",
            change: written(at, { path: pathOf(own).replace(/\/([^/]*)$/, "/./$1") }),
        },
        {
            title: `${mine}: its stylesheet's folder with .. in it`,
            rule: "DD-10",
            change: written(at, { path: pathOf(own).replace(/\/([^/]*)$/, "/x/../$1") }),
        },
        ...(own === undefined
            ? []
            : [
                  ...[
                      "/srv/evil",
                      UNKNOWN,
                      ...SPELLINGS.map((end) => `${pathOf(own)}${end}`),
                      pathOf(own).replace(/\/([^/]*)$/, "/./$1"),
                  ].map((path) =>
                      ofPool(
                          set(own.urn, { target: { path } }),
                          `at ${path === UNKNOWN ? "a place that is not known" : path}`,
                      ),
                  ),
                  ofPool(set(own.urn, { target: undefined }), "without a folder"),
                  ofPool(set(own.urn, { name: "other" }), "by another name"),
                  ofPool((s) => {
                      s.splice(
                          s.findIndex((r) => r.urn === own.urn),
                          1,
                      );
                  }, "declared nowhere"),
                  ofPool((s) => {
                      s.push({
                          ...structuredClone(own),
                          urn: `${own.urn}-twin`,
                          name: `${own.name}-twin`,
                          props: { ...structuredClone(own.props), target: { path: "/srv/evil" } },
                      });
                  }, "declared twice"),
              ]),
        ...stored.flatMap((volume, i): Mutant[] => {
            const disk = (domain.props["disks"] as Props[])[i];
            // Where ids are known, the disk goes with its volume; one in a pool that is not declared has no
            // id here.
            const moved =
                (values: Props): Mutant["change"] =>
                (s) => {
                    set(volume.urn, values)(s);
                    const { pool, name } = { ...volume.props, ...values };
                    edit(at, (p) => {
                        (p["disks"] as Props[])[i] =
                            disk?.["volumeId"] === UNKNOWN
                                ? { ...disk }
                                : { volumeId: `${pathOf(poolOf(s, pool))}/${String(name)}` };
                    })(s);
                };
            const unseen = disk?.["volumeId"] === UNKNOWN ? "DD-19" : "NT-26";
            return [
                ...others.map((pool): Mutant => ({
                    title: `${mine}: ${short(volume)} in pool ${short(pool)}`,
                    rule: "DD-19",
                    change: moved({ pool: pool.props["name"] }),
                })),
                ...["default", UNKNOWN].map((name): Mutant => ({
                    title:
                        `${mine}: ${short(volume)} in pool ` +
                        `${name === UNKNOWN ? "that is not known" : name}`,
                    rule: unseen,
                    change: moved({ pool: name }),
                })),
                ...[
                    "evil.qcow2",
                    "../evil.qcow2",
                    "..",
                    `${String(volume.props["name"])}/x`,
                    `${domain.name}-0123ABCD.qcow2`,
                    `${domain.name}-0123abcd.iso`,
                    `other-${String(volume.props["name"])}`,
                ].map((name): Mutant => ({
                    title: `${mine}: ${short(volume)} called ${name}`,
                    rule: "DD-19",
                    change: moved({ name }),
                })),
            ];
        }),
        {
            title: `${mine}: called otherwise than its disks`,
            rule: "DD-19",
            change: set(at, { name: "other" }),
        },
        // The stylesheet refuses them; the provider itself would write the first as a file.
        ...stored.map((volume, i): Mutant => ({
            title: `${mine}: ${short(volume)} as a file`,
            rule: "NT-26",
            change: edit(at, (p, r) => {
                (p["disks"] as Props[])[i] = { file: `${pathOf(own)}/${String(volume.props["name"])}` };
                r.propertyDependencies["disks"] = (r.propertyDependencies["disks"] ?? []).filter(
                    (urn) => urn !== volume.urn,
                );
            }),
        })),
    ];
}

/** Provider 0.9 with files in place of volumes: a stack as good as the one that it is made of. */
export const asFiles = (stack: FixtureResource[]): void => {
    for (const domain of ofType(stack, DOMAIN)) {
        for (const disk of (domain.props["devices"] as { disks: Props[] }).disks) {
            const { pool, volume } = (disk["source"] as { volume: Props }).volume;
            disk["source"] = { file: { file: `${pathOf(poolOf(stack, pool))}/${String(volume)}` } };
        }
    }
};

/** @param stack a good one of provider 0.9 */
export const fileMutants09 = (stack: readonly FixtureResource[]): Mutant[] =>
    ofType(stack, DOMAIN).flatMap((domain) =>
        [0, 1, 2].flatMap((i): Mutant[] => {
            const file = (title: string, rule: string, change: (path: string) => unknown): Mutant => ({
                title: `0.9: ${short(domain)}: disk ${i} as a file, ${title}`,
                rule,
                change: (s) => {
                    asFiles(s);
                    edit(domain.urn, (p) => {
                        const { file: source } = ((p["devices"] as { disks: Props[] }).disks[i] ?? {})[
                            "source"
                        ] as { file: Props };
                        source["file"] = change(String(source["file"]));
                    })(s);
                },
            });
            const [image] = ofType(stack, VOLUME, /-image-volume$/);
            return [
                file("in another folder", "NT-26", (path) => path.replace(/.*\//, "/srv/evil/")),
                file("by another name", "NT-26", (path) => path.replace(/[^/]*$/, "evil.img")),
                ...["/./", "//", "/x/../"].map((part) =>
                    file(`by a path with ${part}`, "NT-26", (path) =>
                        path.replace(/\/([^/]*)$/, `${part}$1`),
                    ),
                ),
                file("not known", "LC-15", () => UNKNOWN),
                file("nowhere", "NT-26", () => ""),
                file(
                    "the golden image",
                    "SH-01",
                    () => `${pathOf(poolOf(stack, image?.props["pool"]))}/${String(image?.props["name"])}`,
                ),
            ];
        }),
    );

/** @param stack a good one of provider 0.8 */
export const diskFileMutants = (stack: readonly FixtureResource[]): Mutant[] =>
    ofType(stack, DOMAIN).flatMap((domain) => throughStylesheet(stack, domain));
