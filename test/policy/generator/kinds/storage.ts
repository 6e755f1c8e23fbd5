/** Volumes, pools, images and seeds: what is uploaded, where it lies, and who may read it. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, FOREIGN, SEED, VOLUME, ofType } from "../../mutants/mutant";
import { fileOf, stateIdOf } from "../forms";
import { ofKind, type Props } from "../production";
import { doubled, guest, part, remove } from "../targets";
import {
    spelling,
    source,
    image,
    verifying,
    quoted,
    overlayOf,
    attach,
    carrierOf,
    target,
} from "./storage-paths";

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
]);
