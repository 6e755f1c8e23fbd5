/** Deviations of pools: where they are, what else is there, and names that are taken. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, FOREIGN, POOL, VOLUME, ofType } from "../../mutants/mutant";
import { twoEnclaves, twoGuests } from "../bases";
import { fileOf } from "../forms";
import { ofKind, type Props } from "../production";
import { doubled, drop, enclaveOf, guest, remove, workstation } from "../targets";
import { poolPath, clash, is09, moveTo, carrierOf, overlayOf, attach, image } from "./storage-paths";

export default ofKind("storage", [
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
