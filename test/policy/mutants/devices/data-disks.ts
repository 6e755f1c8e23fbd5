/** The one volume that outlives a guest: any other in its place, and any other disk, is refused. */
import type { FixtureResource } from "../../fixtures/resources";
import {
    COMMAND,
    DOMAIN,
    POOL,
    SEED,
    UNKNOWN,
    VOLUME,
    edit,
    editFile,
    editUserData,
    ofType,
    set,
    short,
    type Mutant,
    type Mutants,
} from "../mutant";

type Props = Record<string, unknown>;

const PATH = "/etc/sallyport/data";
const isRecent = (domain: FixtureResource): boolean => domain.props["devices"] !== undefined;
const dataOf = (stack: readonly FixtureResource[], domain: FixtureResource): FixtureResource | undefined =>
    ofType(stack, VOLUME).find((v) => v.name === `${domain.name}-home` || v.name === `${domain.name}-state`);
const folderOf = (stack: readonly FixtureResource[], pool: unknown): string => {
    const target = ofType(stack, POOL).find(({ props }) => props["name"] === pool)?.props["target"];
    return String((target as Props | undefined)?.["path"]);
};

/** Puts a volume in the place of a domain's third disk, or behind it, in the words of its provider. */
const attach =
    (domain: FixtureResource, volume: FixtureResource, at: "instead" | "as well"): Mutant["change"] =>
    (stack) =>
        edit(domain.urn, (p, r) => {
            const { pool, name } = stack.find((v) => v.urn === volume.urn)?.props ?? {};
            if (isRecent(domain)) {
                const { disks } = p["devices"] as { disks: Props[] };
                const source = { volume: { pool, volume: name } };
                disks.splice(at === "instead" ? 2 : 3, at === "instead" ? 1 : 0, { ...disks[2], source });
                return;
            }
            const disks = p["disks"] as Props[];
            const before = r.propertyDependencies["disks"] ?? [];
            const unknown = disks[2]?.["volumeId"] === UNKNOWN;
            const disk = { volumeId: unknown ? UNKNOWN : `${folderOf(stack, pool)}/${String(name)}` };
            disks.splice(at === "instead" ? 2 : 3, at === "instead" ? 1 : 0, disk);
            const own = dataOf(stack, domain)?.urn;
            r.propertyDependencies["disks"] = [
                ...before.filter((urn) => at === "as well" || urn !== own),
                volume.urn,
            ];
        })(stack);

/** A volume more in the stack, and then the change. */
const with_ =
    (
        like: FixtureResource,
        props: Props,
        change: (made: FixtureResource) => Mutant["change"],
    ): Mutant["change"] =>
    (stack) => {
        const made = {
            ...structuredClone(like),
            urn: `${like.urn}-more`,
            name: `${like.name}-more`,
            props: { ...structuredClone(like.props), ...props },
            ...(like.id === undefined
                ? {}
                : {
                      id: `${folderOf(stack, props["pool"] ?? like.props["pool"])}/${String(props["name"] ?? like.props["name"])}`,
                  }),
        };
        stack.push(made);
        change(made)(stack);
    };

function ofGuest(stack: readonly FixtureResource[], domain: FixtureResource): Mutant[] {
    const data = dataOf(stack, domain);
    const [overlay] = ofType(stack, VOLUME).filter((v) => v.name === `${domain.name}-overlay`);
    const [seed] = ofType(stack, SEED).filter((v) => v.name === `${domain.name}-seed`);
    const step = ofType(stack, COMMAND).find((c) => c.name === `${data?.name ?? ""}-wipe`);
    if (data === undefined || overlay === undefined || seed === undefined || step === undefined) {
        throw new Error(`${domain.name} has no data volume`);
    }
    const mine = short(domain);
    // Which disks a guest may have is one rule's for each role.
    const own = domain.name.endsWith("-gateway") ? "DD-19" : "LC-07";
    const others = ofType(stack, DOMAIN)
        .filter((other) => other !== domain)
        .flatMap((other) => dataOf(stack, other) ?? []);
    const mutant = (title: string, change: Mutant["change"], rule = own): Mutant => ({
        title: `${isRecent(domain) ? "0.9: " : ""}${mine}: ${title}`,
        rule,
        change,
    });
    const name = String(data.props["name"]);
    const raw = isRecent(domain)
        ? (format: string): Props => ({
              target: { ...(data.props["target"] as Props), format: { type: format } },
          })
        : (format: string): Props => ({ format });
    const filled = isRecent(domain)
        ? { create: { content: { url: "/srv/evil.img" } } }
        : { source: "/srv/evil.img" };
    const based = isRecent(domain)
        ? { ...raw("qcow2"), backingStore: { path: "/srv/evil.img", format: { type: "raw" } } }
        : { ...raw("qcow2"), baseVolumeId: "/srv/evil.img" };
    return [
        ...others.map((other) =>
            mutant(`the data volume of another guest, ${short(other)}`, attach(domain, other, "instead")),
        ),
        ...others.map((other) =>
            mutant(
                `the data volume of another guest as well, ${short(other)}`,
                attach(domain, other, "as well"),
            ),
        ),
        mutant(
            "a fourth disk",
            with_(data, { name: `${name}2` }, (made) => attach(domain, made, "as well")),
        ),
        mutant(
            "a fourth disk, an overlay",
            with_(overlay, { name: `${domain.name}-0badcafe.qcow2` }, (made) =>
                attach(domain, made, "as well"),
            ),
        ),
        mutant("its data volume in the pool of its overlay", (s) => {
            set(data.urn, { pool: overlay.props["pool"] })(s);
            attach(domain, data, "instead")(s);
        }),
        ...[
            `${name}2`,
            `other-${name}`,
            "home",
            "..",
            `${name}/x`,
            `${name.replace(/-(home|state)$/, "")}-${name.endsWith("home") ? "state" : "home"}`,
        ].map((called) =>
            mutant(`its data volume called ${called}`, (s) => {
                set(data.urn, { name: called })(s);
                attach(domain, data, "instead")(s);
            }),
        ),
        mutant("its data volume in qcow2", set(data.urn, raw("qcow2"))),
        mutant("its data volume in a format that is not known", set(data.urn, raw(UNKNOWN))),
        mutant("its data volume filled from a file", set(data.urn, filled)),
        mutant("its data volume with a backing file", set(data.urn, based)),
        mutant(
            "its data volume open to everyone",
            set(
                data.urn,
                isRecent(domain)
                    ? { target: { format: { type: "raw" }, permissions: { mode: "0666" } } }
                    : { xml: undefined },
            ),
            "HS-17",
        ),
        mutant(
            "no data volume where its seed tells of one",
            edit(domain.urn, (p, r) => {
                (isRecent(domain)
                    ? (p["devices"] as { disks: Props[] }).disks
                    : (p["disks"] as Props[])
                ).splice(2, 1);
                r.propertyDependencies["disks"] = (r.propertyDependencies["disks"] ?? []).filter(
                    (urn) => urn !== data.urn,
                );
            }),
        ),
        mutant(
            "a data volume of which its seed tells nothing",
            editUserData(seed.urn, (user) => {
                user.write_files = user.write_files.filter(({ path }) => path !== PATH);
            }),
        ),
        ...(["serial sallyport-home", "serial sallyport-state"] as const).map((line) =>
            mutant(
                `its seed expects another ${line}`,
                editFile(seed.urn, PATH, (text) =>
                    text.replace(/^serial .*/, line === text.split("\n")[0] ? "serial other" : line),
                ),
                "GUEST-01",
            ),
        ),
        mutant(
            "its seed mounts it elsewhere",
            editFile(seed.urn, PATH, (text) => text.replace(/mount .*/, "mount /etc")),
            "GUEST-01",
        ),
        mutant(
            "its seed keeps a folder of the system",
            editFile(seed.urn, PATH, (text) => `${text}path /etc/sallyport\n`),
            "GUEST-01",
        ),
        mutant(
            "its seed keeps a folder by another spelling",
            editFile(seed.urn, PATH, (text) => `${text}path /srv/../etc\n`),
            "GUEST-01",
        ),
        mutant(
            "its data volume is not protected",
            edit(data.urn, (_, r) => {
                r.protect = false;
            }),
            "LC-09",
        ),
        mutant(
            "what wipes its data volume is not protected",
            edit(step.urn, (_, r) => {
                r.protect = false;
            }),
            "LC-09",
        ),
        mutant(
            "its data volume is wiped when its overlay is replaced",
            edit(step.urn, (p, r) => {
                p["triggers"] = [...(p["triggers"] as unknown[]), UNKNOWN];
                r.propertyDependencies["triggers"]?.push(overlay.urn);
            }),
            "LC-09",
        ),
        mutant(
            "nothing wipes its data volume",
            (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === step.urn),
                    1,
                );
            },
            "LC-14",
        ),
        mutant(
            "what wipes its data volume is one more step",
            (s) => {
                s.push({
                    ...structuredClone(step),
                    urn: `${step.urn}-more`,
                    name: `${step.name}-more`,
                    protect: false,
                });
            },
            "LC-09",
        ),
        ...(isRecent(domain) ? devices(domain, mutant) : stylesheets(domain, mutant)),
    ];
}

type Make = (title: string, change: Mutant["change"], rule?: string) => Mutant;

/** Provider 0.9: the device as it is declared. */
function devices(domain: FixtureResource, mutant: Make): Mutant[] {
    const disk = (i: number, values: Props): Mutant["change"] =>
        edit(domain.urn, (p) => {
            Object.assign((p["devices"] as { disks: Props[] }).disks[i] ?? {}, values);
        });
    const other = domain.name.endsWith("-gateway") ? "sallyport-home" : "sallyport-state";
    return [
        ...[other, "sallyport-data", "", UNKNOWN].map((serial) =>
            mutant(
                `its data disk's serial is ${serial === UNKNOWN ? "not known" : `"${serial}"`}`,
                disk(2, { serial }),
            ),
        ),
        mutant("its data disk has no serial", disk(2, { serial: undefined })),
        mutant("its overlay has the data disk's serial", disk(0, { serial: "sallyport-home" })),
        mutant("its seed has the data disk's serial", disk(1, { serial: "sallyport-state" })),
        mutant("its data disk has a serial of its own", disk(2, { serial: "S0123" }), "ID-13"),
        ...["sata", "usb", "scsi", "ide"].map((bus) =>
            mutant(`its data disk on ${bus}`, disk(2, { target: { dev: "vdc", bus } })),
        ),
        mutant("its data disk in another place", disk(2, { target: { dev: "vdd", bus: "virtio" } })),
        mutant("its data disk read as qcow2", disk(2, { driver: { name: "qemu", type: "qcow2" } })),
        mutant("its data disk without a format", disk(2, { driver: { name: "qemu" } })),
        mutant("its data disk shared", disk(2, { shareable: true }), "SH-01"),
        mutant("its data disk read-only", disk(2, { readOnly: true })),
        mutant("its data disk is a CD-ROM", disk(2, { device: "cdrom" }), "DD-19"),
        mutant("its data disk has a wwn", disk(2, { wwn: "5000c50015ea71aa" }), "ID-13"),
    ];
}

/** Provider 0.8: the stylesheet writes the device. One letter of it that is another makes it nobody's. */
function stylesheets(domain: FixtureResource, mutant: Make): Mutant[] {
    const text = (from: RegExp, to: string): Mutant["change"] =>
        edit(domain.urn, (p) => {
            const { xslt } = p["xml"] as { xslt: string };
            const changed = xslt.replace(from, to);
            if (changed === xslt) {
                throw new Error(`nothing to change in the stylesheet of ${domain.name}`);
            }
            p["xml"] = { xslt: changed };
        });
    const folder = (to: string): Mutant["change"] =>
        text(/(<source file=")([^{]*)(\/\{source\/@volume\}"\/><target dev="vdc")/, to);
    return [
        mutant("its stylesheet writes another serial", text(/<serial>[^<]*/, "<serial>S0123"), "DD-10"),
        mutant("its stylesheet writes no serial", text(/<serial>[^<]*<\/serial>/, ""), "DD-10"),
        mutant(
            "its stylesheet puts the data disk on another bus",
            text(/dev="vdc" bus="virtio"/, 'dev="vdc" bus="sata"'),
            "DD-10",
        ),
        mutant(
            "its stylesheet reads the data disk as qcow2",
            text(/type="raw" discard/, 'type="qcow2" discard'),
            "DD-10",
        ),
        mutant(
            "its stylesheet takes any volume of the data pool",
            text(/ and source\/@volume=concat\([^)]*\)/, ""),
            "DD-10",
        ),
        mutant("its stylesheet takes another count of disks", text(/disk\)!=3/, "disk)!=4"), "DD-10"),
        mutant("its stylesheet writes the data disk in another folder", folder("$1/srv/evil$3"), "NT-26"),
        mutant("its stylesheet writes the data disk in a folder below", folder("$1$2/x$3"), "NT-26"),
        ...["/.", "//", "/../x"].map((end) =>
            mutant(
                `its stylesheet writes the data disk in its folder with ${end} behind`,
                folder(`$1$2${end}$3`),
                "DD-10",
            ),
        ),
        mutant(
            "its stylesheet takes the data volume of a pool that nobody declares",
            (s) => {
                const sheet = (s.find((r) => r.urn === domain.urn)?.props["xml"] as { xslt: string }).xslt;
                const [, pool = ""] = /disk\[source\/@pool='([^']*)' and/.exec(sheet) ?? [];
                edit(domain.urn, (p) => {
                    p["xml"] = {
                        xslt: sheet
                            .replaceAll(`'${pool}'`, "'evil-data'")
                            .replace(`in pool ${pool}`, "in pool evil-data"),
                    };
                })(s);
            },
            "DD-19",
        ),
    ];
}

const mutants: Mutants = (stack) => ofType(stack, DOMAIN).flatMap((domain) => ofGuest(stack, domain));

export default mutants;
