/** Provider 0.9: every kind of NIC source, what it can say about devices, and its networks. */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, POOL, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";
import { domain, devices, nic } from "./provider-09-domains";
import type { Props } from "./provider-09-values";
import { networks, ISOLATED, EXTERNAL } from "./provider-09-networks";

/** @param stack a good one of provider 0.9 */
export const mutants09 = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, DOMAIN).flatMap(domain),
    ...ofType(stack, POOL).map((pool): Mutant => ({
        title: `0.9: ${short(pool)}: a source of its own`,
        rule: "SH-04",
        change: set(pool.urn, { source: { device: [{ path: "/dev/sda" }] } }),
    })),
    ...networks(stack, /-isolated$/, ISOLATED),
    ...networks(
        stack.filter((n) => (n.props["forward"] as Props | undefined)?.["mode"] === "nat"),
        /-external$/,
        EXTERNAL,
    ),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap((g): Mutant[] => [
        // Protected, filled from a file whose sum is checked: still a disk that may be labelled as a seed is.
        {
            title: `0.9: ${short(g)}: a third disk`,
            rule: "DD-19",
            change: (s) => {
                const sum = "e".repeat(64);
                const [pool] = ofType(s, POOL);
                s.push({
                    urn: `${g.urn}-check`,
                    type: COMMAND,
                    name: "check",
                    props: { create: `bin/sallyport verify-image --image /tmp/evil.iso --sha256 ${sum}` },
                    dependencies: [],
                    propertyDependencies: {},
                });
                s.push({
                    urn: `${g.urn}-evil`,
                    type: VOLUME,
                    name: "evil",
                    props: {
                        name: `evil-${sum.slice(0, 12)}.iso`,
                        pool: pool?.props["name"],
                        target: { format: { type: "raw" }, permissions: { mode: "0600" } },
                        create: { content: { url: "/tmp/evil.iso" } },
                    },
                    dependencies: [`${g.urn}-check`],
                    propertyDependencies: {},
                    protect: true,
                    deleteBeforeReplace: true,
                });
                edit(g.urn, (p) => {
                    devices(p)["disks"]?.push({
                        device: "disk",
                        source: {
                            volume: { pool: pool?.props["name"], volume: `evil-${sum.slice(0, 12)}.iso` },
                        },
                        target: { dev: "vdc", bus: "virtio" },
                    });
                })(s);
            },
        },
        {
            title: `0.9: ${short(g)}: a third disk without anything in it`,
            rule: "DD-19",
            change: edit(g.urn, (p) => {
                devices(p)["disks"]?.push({ device: "disk", target: { dev: "vdc", bus: "virtio" } });
            }),
        },
    ]),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((w): Mutant[] => [
        {
            title: `0.9: ${short(w)}: port not isolated`,
            rule: "NT-18",
            change: edit(w.urn, (p) => {
                Reflect.deleteProperty(nic(p), "portOptions");
            }),
        },
        {
            title: `0.9: ${short(w)}: starts anew when it is switched off`,
            rule: "LC-07",
            change: set(w.urn, { onPoweroff: "restart" }),
        },
        {
            title: `0.9: ${short(w)}: its console is written down`,
            rule: "DD-12",
            change: edit(w.urn, (p) => {
                Object.assign(devices(p)["serials"]?.[0] ?? {}, { log: { file: "/tmp/x" } });
            }),
        },
        {
            title: `0.9: ${short(w)}: slirp, and no network at all`,
            rule: "PATH-outside",
            change: edit(w.urn, (p) => {
                nic(p)["source"] = { user: {} };
            }),
        },
    ]),
    ...ofType(stack, VOLUME).map((v): Mutant => ({
        title: `0.9: ${short(v)}: readable by all`,
        rule: "HS-17",
        change: edit(v.urn, (p) => {
            Object.assign(p["target"] as Props, { permissions: { mode: "0644" } });
        }),
    })),
    ...ofType(stack, VOLUME, /-overlay$/).flatMap((v): Mutant[] => [
        {
            title: `0.9: ${short(v)}: on an image that is not declared`,
            rule: "NT-26",
            change: edit(v.urn, (p, r) => {
                p["backingStore"] = { path: "/srv/evil.qcow2", format: { type: "qcow2" } };
                r.propertyDependencies = {};
            }),
        },
        {
            title: `0.9: ${short(v)}: on an image that is not known`,
            rule: "NT-26",
            change: edit(v.urn, (p, r) => {
                p["backingStore"] = { path: UNKNOWN };
                r.propertyDependencies = {};
            }),
        },
    ]),
    ...ofType(stack, VOLUME, /-seed-volume$/).map((v): Mutant => ({
        title: `0.9: ${short(v)}: filled from an address`,
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "https://example.test/seed.iso" } } }),
    })),
    ...ofType(stack, VOLUME, /-image-volume$/).map((v): Mutant => ({
        title: "0.9: the image from an address",
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "https://example.test/debian.qcow2" } } }),
    })),
    ...ofType(stack, VOLUME, /-image-volume$/).map((v): Mutant => ({
        title: "0.9: the image from another file than was checked",
        rule: "CI-14",
        change: set(v.urn, { create: { content: { url: "/tmp/evil.qcow2" } } }),
    })),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap((g): Mutant[] =>
        ["/etc/cron.d/x", "/var/lib/libvirt/images/elsewhere/x.status"].map((file): Mutant => ({
            title: `0.9: ${short(g)}: its status line goes to ${file}`,
            rule: "DD-12",
            change: edit(g.urn, (p) => {
                Object.assign(devices(p)["serials"]?.[0] ?? {}, { log: { file, append: "off" } });
            }),
        })),
    ),
    {
        title: "0.9: two domains with one UUID",
        rule: "ID-05",
        change: (s) => {
            ofType(s, DOMAIN).forEach((d) => {
                d.props["uuid"] = "6d1e2c1e-0000-4000-8000-000000000001";
            });
        },
    },
];
