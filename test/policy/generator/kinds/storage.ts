/** Volumes, pools, images and seeds: what is uploaded, where it lies, and who may read it. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, FOREIGN, POOL, SEED, VOLUME, ofType } from "../../mutants/mutant";
import { twoEnclaves, twoGuests } from "../bases";
import { fileOf, stateIdOf } from "../forms";
import { ofKind, type Base, type Props } from "../production";
import type { Random } from "../random";
import { doubled, drop, enclaveOf, guest, part, remove, workstation } from "../targets";

type Stack = FixtureResource[];
const image = (stack: readonly FixtureResource[]): FixtureResource =>
    ofType(stack, VOLUME, /-image-volume$/)[0] as FixtureResource;
const overlayOf = (stack: Stack, domain: FixtureResource): FixtureResource =>
    stack.find((f) => f.type === VOLUME && f.name === `${domain.name}-overlay`) as FixtureResource;
const carrierOf = (stack: Stack, domain: FixtureResource): FixtureResource =>
    stack.find((f) => f.name === `${domain.name}-seed-volume`) ??
    (stack.find((f) => f.name === `${domain.name}-seed` && f.type === SEED) as FixtureResource);

/** Point a domain's disk at a volume. */
function attach(
    domain: FixtureResource,
    at: number,
    volume: Pick<FixtureResource, "urn" | "type" | "props">,
): void {
    if (domain.props["devices"] !== undefined) {
        const disks = (domain.props["devices"] as { disks: Props[] }).disks;
        disks[at] = {
            ...disks[at],
            source: { volume: { pool: volume.props["pool"], volume: volume.props["name"] } },
        };
        return;
    }
    const disks = domain.props["disks"] as Props[];
    disks[at] = { volumeId: stateIdOf(volume.type, volume.props).split(";")[0] };
    domain.propertyDependencies["disks"]?.splice(at, 1, volume.urn);
    domain.dependencies.push(volume.urn);
}

/**
 * What provider 0.8.3 opens (Go's net/url) is not what verify-image reads, and both are called by one text.
 */
function spelling(r: Random): string {
    const path = r.path(1, 3);
    const i = r.int(1, path.length - 1);
    const code = `%${(path.codePointAt(i) ?? 0).toString(16)}`;
    return r.pick([
        `${path}${r.pick(["?", "#"])}${r.word()}`,
        `${path.slice(0, i)}${code}${path.slice(i + 1)}`,
        `${path.slice(0, i)}${code.toUpperCase()}${path.slice(i + 1)}`,
        `file://${r.word()}${path}`,
        `//${r.word()}${path}`,
        `${path}?`,
        `file:${path}?${r.word()}`,
        `FILE://${r.word()}${path}`,
        `file:///${r.word()}${path}#`,
    ]);
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
const source = (volume: FixtureResource, value: unknown): void => {
    if (volume.props["create"] === undefined && volume.props["target"] === undefined) {
        volume.props["source"] = value;
    } else {
        part(part(volume.props, "create"), "content")["url"] = value;
    }
};
const verifying = (stack: readonly FixtureResource[]): FixtureResource =>
    stack.find((f) => f.name.endsWith("-image-verified")) as FixtureResource;
const poolPath = (pool: FixtureResource): Props =>
    pool.props["target"] === undefined ? pool.props : part(pool.props, "target");

/** The same folder, spelled otherwise: libvirt's virFileSanitizePath folds slashes, the kernel the rest. */
function otherwise(r: Random, path: string): string {
    const parts = path.split("/").slice(1);
    const at = r.int(1, parts.length - 1);
    const with_ = (...more: string[]): string =>
        `/${[...parts.slice(0, at), ...more, ...parts.slice(at)].join("/")}`;
    return r.pick([
        `${path}/`,
        `${path}/.`,
        with_("."),
        with_(""),
        with_(r.word(), ".."),
        `${path}/${r.word()}/..`,
        `${path}//`,
        `/${r.word()}/..${path}`,
        `/.${path}`,
    ]);
}

/** One pool in the place of another, below it or above it. */
const clash = (r: Random, path: string): string =>
    r.pick([
        () => path,
        () => otherwise(r, path),
        () => `${path}/${r.word()}`,
        () => otherwise(r, `${path}/${r.word()}`),
    ])();

const target = (volume: FixtureResource): Props => part(volume.props, "target");
const is09 = (base: Base): boolean => base.shape === "0.9";

/** Put everything that is in a pool elsewhere, references too. */
function moveTo(stack: Stack, from: string, to: string): void {
    const text = (value: unknown): unknown => {
        if (typeof value === "string") {
            return value.replaceAll(`/${from}/`, `/${to}/`);
        }
        if (Array.isArray(value)) {
            return value.map(text);
        }
        return typeof value === "object" && value !== null
            ? Object.fromEntries(
                  Object.entries(value).map(([k, v]) => [k, k === "pool" && v === from ? to : text(v)]),
              )
            : value;
    };
    for (const f of stack.filter(
        (one) => [VOLUME, DOMAIN].includes(one.type) || (one.type === SEED && one.props["pool"] === from),
    )) {
        for (const [key, value] of Object.entries(f.props)) {
            if (!["userData", "networkConfig", "metaData", "xml"].includes(key)) {
                f.props[key] = key === "pool" && value === from ? to : text(value);
            }
        }
    }
}

export default ofKind("storage", [
    {
        on: "stack",
        shapes: ["0.8"],
        name: "the image is uploaded from another path than is checked",
        why: "0.8.3 volume_image.go:176-190 opens url.Path of the text",
        change: (r, stack) => {
            const text = spelling(r);
            source(image(stack), text);
            const step = verifying(stack);
            step.props["create"] = String(step.props["create"]).replace(
                /--image \S+/,
                `--image ${quoted(text.replace(/^file:\/\//, ""))}`,
            );
        },
    },
    {
        on: "stack",
        name: "the image is uploaded from a file that is not checked",
        why: "CI-14: who changes the image owns every guest",
        change: (r, stack) => {
            source(
                image(stack),
                r.pick([
                    r.path(),
                    `${r.path()}.qcow2`,
                    `http://${r.word()}.test${r.path()}`,
                    `https://${r.word()}.test${r.path()}`,
                    `file://${r.path()}`,
                    r.word(),
                ]),
            );
        },
    },
    {
        on: "stack",
        name: "the sum that is checked is another one",
        why: "CI-14: the volume's name holds the first 12 digits of the sum",
        change: (r, stack) => {
            const step = verifying(stack);
            step.props["create"] = String(step.props["create"]).replace(
                /[0-9a-f]{64}/,
                r.pick([`c${r.hex(63)}`, r.hex(40), ""]),
            );
        },
    },
    {
        on: "stack",
        name: "the image does not wait for its sum",
        why: "CI-14",
        change: (_, stack) => {
            const gone = verifying(stack).urn;
            const own = image(stack);
            own.dependencies = own.dependencies.filter((urn) => urn !== gone);
        },
    },
    {
        on: "stack",
        name: "an overlay that is filled from a file",
        why: "CI-14: what it holds was not checked",
        change: (r, stack) => {
            const overlay = overlayOf(stack, guest(r, stack));
            source(overlay, r.pick([r.path(), `${r.path()}.qcow2`, `https://${r.word()}.test/x`]));
            if (r.chance(0.5)) {
                ["baseVolumeId", "backingStore"].forEach((key) => {
                    remove(overlay.props, key);
                });
            }
        },
    },
    {
        on: "stack",
        name: "an overlay on something that is not declared",
        why: "NT-26, CI-14",
        change: (r, stack) => {
            const overlay = overlayOf(stack, guest(r, stack));
            if (overlay.props["target"] === undefined) {
                remove(overlay.props, "baseVolumeId");
                Object.assign(
                    overlay.props,
                    r.pick<Props>([
                        { baseVolumeId: `${r.path()}.qcow2` },
                        { baseVolumeName: r.word() },
                        { baseVolumeName: image(stack).props["name"], baseVolumePool: r.word() },
                    ]),
                );
                overlay.propertyDependencies = {};
            } else {
                overlay.props["backingStore"] = {
                    path: `${r.path()}.qcow2`,
                    format: { type: r.pick(["qcow2", "raw"]) },
                };
                overlay.propertyDependencies = {};
            }
        },
    },
    {
        on: "stack",
        phases: ["existing"],
        name: "an overlay on another guest's overlay",
        why: "SH-01: what one writes the other reads",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, DOMAIN)) as [FixtureResource, FixtureResource];
            const [overlay, base] = [overlayOf(stack, a), overlayOf(stack, b)];
            if (overlay.props["target"] === undefined) {
                overlay.props["baseVolumeId"] = fileOf(base.props);
            } else {
                overlay.props["backingStore"] = { path: fileOf(base.props), format: { type: "qcow2" } };
            }
            overlay.propertyDependencies = {};
        },
    },
    {
        on: "stack",
        phases: ["existing"],
        name: "two guests with one disk",
        why: "SH-01, CI-12: what one writes the other reads",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, DOMAIN)) as [FixtureResource, FixtureResource];
            const at = r.int(0, 1);
            attach(a, at, at === 0 ? overlayOf(stack, b) : carrierOf(stack, b));
        },
    },
    {
        on: "stack",
        phases: ["existing"],
        name: "a guest that writes to the golden image",
        why: "SH-01: every other guest reads it",
        change: (r, stack) => {
            attach(guest(r, stack), 0, image(stack));
        },
    },
    {
        on: "stack",
        phases: ["existing"],
        shapes: ["0.8"],
        name: "a file of the operator's in place of a seed",
        why: "0.8.3: source is a path where Pulumi runs; cloud-init obeys any user-data",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const like = overlayOf(stack, domain);
            const seed = carrierOf(stack, r.pick([domain, guest(r, stack)]));
            const pool = like.props["pool"];
            const name = r.pick([
                `${r.word()}-seed.iso`,
                String(seed.props["name"]).replace("-seed", `x-seed`),
            ]);
            const file = r.pick([
                fileOf(seed.props),
                `file://${fileOf(seed.props)}`,
                stateIdOf(SEED, seed.props),
            ]);
            const evil = doubled(like, `${domain.name}-${r.word()}`, {
                name,
                pool,
                format: "raw",
                source: file,
            });
            remove(evil.props, "baseVolumeId");
            Object.assign(evil, {
                dependencies: [...evil.dependencies, seed.urn],
                propertyDependencies: { source: [seed.urn] },
            });
            stack.push(evil);
            attach(domain, 1, evil);
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a seed's volume that is filled from elsewhere",
        why: "CI-14: cloud-init obeys any user-data",
        change: (r, stack) => {
            const carrier = carrierOf(stack, guest(r, stack));
            source(carrier, r.pick([r.path(), `https://${r.word()}.test/seed.iso`, `file://${r.path()}`]));
            carrier.propertyDependencies = {};
        },
    },
    {
        on: "stack",
        name: "a guest without a seed, or with two",
        why: "DD-19: a second seed says something else",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, DOMAIN)) as [FixtureResource, FixtureResource];
            const list = (d: FixtureResource): Props[] =>
                (d.props["disks"] ?? (d.props["devices"] as Props)["disks"]) as Props[];
            if (r.chance(0.5)) {
                list(a).splice(1, 1);
                a.propertyDependencies["disks"]?.splice(1, 1);
            } else {
                list(a).push(structuredClone(list(b)[1]) as Props);
                a.propertyDependencies["disks"]?.push(carrierOf(stack, b).urn);
            }
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "one more disk",
        why: "NT-26, LC-07: 0.8.3 domain.go setDisks",
        change: (r, stack) => {
            (guest(r, stack).props["disks"] as Props[]).splice(
                r.int(0, 2),
                0,
                r.pick<Props>([
                    { file: r.path() },
                    { file: `${r.path()}.iso` },
                    { url: `https://${r.word()}.test/x.iso` },
                    { blockDevice: "/dev/sdb" },
                    { volumeId: r.path() },
                    { volumeId: r.path(), scsi: true, wwn: r.hex(16) },
                ]),
            );
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a disk that is shared, written by others, or told apart",
        why: "formatdomain <disk>: shareable, transient, serial, mirror, throttling, raw commands",
        change: (r, stack) => {
            const disk = r.pick((guest(r, stack).props["devices"] as { disks: Props[] }).disks);
            Object.assign(
                disk,
                r.pick<Props>([
                    { shareable: true },
                    { serial: r.word() },
                    { wwn: r.hex(16) },
                    { vendor: r.word() },
                    { product: r.word() },
                    { mirror: { file: r.path() } },
                    { ioTune: { totalIopsSec: 1 } },
                    { rawIO: "yes" },
                    { sgIO: "unfiltered" },
                    { backingStore: { path: r.path() } },
                    { device: r.pick(["lun", "floppy"]) },
                    { encryption: { format: "luks" } },
                    { auth: { username: r.word() } },
                    { geometry: { cylinders: 1 } },
                    { driver: { name: r.word(), type: "qcow2" } },
                    { driver: { name: "qemu", type: r.pick(["vmdk", "vhdx", "vdi", "dir"]) } },
                ]),
            );
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a seed that the guest writes",
        why: "DD-19: it carries data to the next guest",
        change: (r, stack) => {
            const seed = (guest(r, stack).props["devices"] as { disks: Props[] }).disks[1] ?? {};
            r.pick<() => void>([
                () => {
                    remove(seed, "readOnly");
                },
                () => {
                    seed["readOnly"] = false;
                },
            ])();
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a volume that others read",
        why: "HS-17: formatstorage <permissions> are set on the file",
        change: (r, stack) => {
            const permissions = part(target(r.pick(ofType(stack, VOLUME))), "permissions");
            r.pick<() => void>([
                () => {
                    permissions["mode"] =
                        `0${r.int(6, 7)}${r.pick(["04", "40", "44", "66", "77", "06", "60", "20", "02"])}`;
                },
                () => {
                    remove(permissions, "mode");
                },
                () => {
                    permissions["owner"] = String(r.int(1000, 65000));
                },
                () => {
                    permissions["group"] = String(r.int(1, 65000));
                },
                () => {
                    permissions["label"] = r.word();
                },
            ])();
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a volume with another stylesheet",
        why: "HS-17: the provider makes volumes that everyone may read",
        change: (r, stack) => {
            const { props } = r.pick(ofType(stack, VOLUME));
            const text = (props["xml"] as { xslt: string }).xslt;
            props["xml"] = r.pick<unknown>([
                undefined,
                { xslt: FOREIGN },
                { xslt: text.replace("0600", r.pick(["0644", "0666", "0604", "0640"])) },
                { xslt: "" },
                {},
            ]);
            if (props["xml"] === undefined) {
                remove(props, "xml");
            }
        },
    },
    {
        on: "stack",
        name: "two pools in one folder, or one in the other",
        why: "SH-04: what one enclave writes another reads; its removal takes the other's files",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, POOL)) as [FixtureResource, FixtureResource];
            poolPath(a)["path"] = clash(r, String(poolPath(b)["path"]));
        },
    },
    {
        on: "stack",
        name: "a pool in a folder of the host's own",
        why: "0.8.3 pool.go deletes the folder with the pool; 0.9 does, too",
        change: (r, stack) => {
            poolPath(r.pick(ofType(stack, POOL)))["path"] = r.pick([
                "/",
                "//",
                "/.",
                "/etc",
                "/home",
                "/usr",
                "/var",
                "/root",
                "/boot",
                "/srv/..",
                "/var/lib",
                r.word(),
                "",
                `${r.path()}/../..${r.path()}`,
            ]);
        },
    },
    {
        on: "stack",
        name: "a pool that is no folder",
        why: "SH-04: a source can be anywhere: formatstorage <pool type>",
        change: (r, stack) => {
            const { props } = r.pick(ofType(stack, POOL));
            r.pick<() => void>([
                () => {
                    props["type"] = r.pick([
                        "netfs",
                        "fs",
                        "logical",
                        "disk",
                        "iscsi",
                        "scsi",
                        "mpath",
                        "rbd",
                        "gluster",
                        "zfs",
                        "sheepdog",
                        "vstorage",
                        r.recased("dir"),
                    ]);
                },
                () => {
                    props["source"] = r.pick<Props>([
                        { name: r.word() },
                        { device: [{ path: "/dev/sda" }] },
                        { host: [{ name: r.ipv4() }] },
                        { dir: { path: r.path() } },
                    ]);
                },
                () => {
                    props["xml"] = { xslt: FOREIGN };
                },
            ])();
        },
    },
    {
        on: "stack",
        name: "a pool that is not declared",
        why: "NT-26: the host's \"default\" may be on a network share, or somebody's home",
        change: (r, stack) => {
            const own = r.pick(ofType(stack, POOL));
            drop(stack, (f) => f.urn === own.urn);
        },
        needs: (base) => base.phase === "preview" || is09(base),
    },
    {
        on: "stack",
        name: "everything in a pool that is not declared",
        why: "NT-26",
        change: (r, stack) => {
            const all = ofType(stack, POOL).map((p) => String(p.props["name"]));
            for (const from of r.chance(0.5)
                ? all
                : r.some(all.filter((name) => !name.endsWith("-status")))) {
                moveTo(stack, from, "default");
            }
        },
    },
    {
        on: "stack",
        needs: (base) => twoEnclaves(base) && base.phase === "existing",
        name: "a seed or disk in another enclave's pool",
        why: "SH-04: what one enclave writes another could read",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const other = r.pick(
                ofType(stack, DOMAIN).filter((d) => enclaveOf(d.name) !== enclaveOf(domain.name)),
            );
            const seed = r.chance(0.5);
            const moved = seed ? carrierOf(stack, domain) : overlayOf(stack, domain);
            moved.props["pool"] = overlayOf(stack, other).props["pool"];
            attach(domain, seed ? 1 : 0, moved);
        },
    },
    {
        on: "stack",
        needs: (base) => base.phase === "existing",
        name: "a disk in the golden image's pool",
        why: "SH-04: enclaves meet in it",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const moved = overlayOf(stack, domain);
            moved.props["pool"] = image(stack).props["pool"];
            attach(domain, 0, moved);
        },
    },
    {
        on: "stack",
        needs: twoGuests,
        name: "two volumes of one name",
        why: "0.8.3 resource_libvirt_volume.go finds the volume and takes it: two guests, one disk",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, DOMAIN, /-workstation-/)) as [
                FixtureResource,
                FixtureResource,
            ];
            const [one, other] = r.chance(0.5)
                ? [overlayOf(stack, a), overlayOf(stack, b)]
                : [carrierOf(stack, a), carrierOf(stack, b)];
            one.props["name"] = other.props["name"];
            one.props["pool"] = other.props["pool"];
            attach(a, one.name.includes("overlay") ? 0 : 1, one);
        },
    },
    {
        on: "stack",
        name: "a stray volume of a declared one's name",
        why: "0.8.3: it is taken for the same; its removal takes the guest's disk",
        change: (r, stack) => {
            const like = r.pick(ofType(stack, VOLUME));
            stack.push(doubled(like, `sallyport-test-${r.word()}`, {}));
        },
    },
    {
        on: "stack",
        name: "two pools of one name",
        why: "libvirt has one of a name: the second is the first, and its removal removes both",
        change: (r, stack) => {
            const [a, b] = r.shuffled(ofType(stack, POOL)) as [FixtureResource, FixtureResource];
            stack.push(doubled(r.pick([a, b]), `${a.name}-${r.word()}`, { name: a.props["name"] }));
        },
    },
    {
        on: "stack",
        name: "a Workstation's disk outlives it",
        why: "LC-07: what survives links it to the next one",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            const like = overlayOf(stack, domain);
            const data = doubled(like, `${domain.name}-data`, { name: `${r.word()}.qcow2` });
            ["baseVolumeId", "backingStore"].forEach((key) => {
                remove(data.props, key);
            });
            stack.push(data);
            if (domain.props["devices"] === undefined) {
                (domain.props["disks"] as Props[]).push({ volumeId: fileOf(data.props) });
                domain.propertyDependencies["disks"]?.push(data.urn);
            } else {
                (domain.props["devices"] as { disks: Props[] }).disks.push({
                    device: "disk",
                    target: { dev: "vdc", bus: "virtio" },
                    source: { volume: { pool: data.props["pool"], volume: data.props["name"] } },
                });
            }
        },
    },
]);
