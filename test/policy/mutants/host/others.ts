/** Volumes, pools, commands, hosts, and unknown resources. */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, FOREIGN, POOL, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";

const COMMANDS = [
    "ip link set virbr0 up",
    "bin/sallyport wait-ready --domain x; virsh destroy x",
    "bin/sallyport render x",
    "bin/sallyport wait-ready --exec x",
    "bin/sallyport verify-image $(id)",
    "bin/sallyport wait-ready --domain",
    "/tmp/bin/sallyport wait-ready --domain x",
    "true && true",
    "bin/sallyport verify-image --image 'x' --sha256 `id`",
];
const URIS = [
    "qemu+tcp://192.0.2.1/system",
    "qemu+tls://192.0.2.1/system",
    "qemu+ssh://192.0.2.1/system?no_verify=1",
    "qemu+ssh://192.0.2.1/system?no_verify=0",
    "qemu+ssh://192.0.2.1/system?known_hosts_verify=ignore",
    "qemu+ssh://u:secret@192.0.2.1/system",
    "xen:///",
    "test:///default",
    "qemu+ssh://u@192.0.2.1/system?command=/tmp/wrapper",
    "qemu+ssh://u@192.0.2.1/system?sshauth=agent,ssh-password",
    "qemu+ssh://u@192.0.2.1/system?netcat=/tmp/nc",
    "qemu:///system?socket=/tmp/evil.sock%00",
    "qemu+ssh://u@192.0.2.1/system?something=1",
];
/** Resources that run what they like. */
const RUNNERS = [
    "pulumi-nodejs:dynamic:Resource",
    "pulumi-python:dynamic:Resource",
    "pulumi-nodejs:dynamic/tools:Shell",
    "local:index/exec:Exec",
    "null:index/resource:Resource",
    "docker:index/container:Container",
    "pulumi:providers:docker",
    "pulumi:os:Command",
];
const TYPES = [
    "libvirt:index/snapshot:Snapshot",
    "libvirt:index/ignition:Ignition",
    "libvirt:index/somethingNew:SomethingNew",
    "libvirt:index/constructor:Constructor",
    "libvirt:index/x:__proto__",
];

export const otherMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, VOLUME).flatMap((volume): Mutant[] => [
        {
            title: `${short(volume)}: readable by all`,
            rule: "HS-17",
            change: set(volume.urn, { xml: undefined }),
        },
        {
            title: `${short(volume)}: a foreign stylesheet`,
            rule: "HS-17",
            change: set(volume.urn, { xml: { xslt: FOREIGN } }),
        },
    ]),
    ...ofType(stack, VOLUME, /-image-volume$/).flatMap((volume): Mutant[] => [
        {
            title: "the image from an address",
            rule: "CI-14",
            change: set(volume.urn, { source: "https://cloud.example.test/debian.qcow2" }),
        },
        {
            title: "the image under another name",
            rule: "CI-14",
            change: set(volume.urn, { name: "latest.qcow2" }),
        },
        {
            title: "the image from another file than was checked",
            rule: "CI-14",
            change: set(volume.urn, { source: "/tmp/evil.qcow2" }),
        },
        {
            title: "the image checked by another sum than its name has",
            rule: "CI-14",
            change: set(volume.urn, { name: `sallyport-${"c".repeat(12)}.qcow2` }),
        },
        {
            title: "the image unchecked",
            rule: "CI-14",
            change: edit(volume.urn, (_, r) => {
                r.dependencies = [];
            }),
        },
    ]),
    ...ofType(stack, VOLUME, /-overlay$/).flatMap((volume): Mutant[] => {
        const base = (values: Record<string, unknown>): Mutant["change"] =>
            edit(volume.urn, (p, r) => {
                Reflect.deleteProperty(p, "baseVolumeId");
                Reflect.deleteProperty(r.propertyDependencies, "baseVolumeId");
                Object.assign(p, values);
            });
        const [image] = ofType(stack, VOLUME, /-image-volume$/);
        const mine = short(volume);
        return [
            {
                title: `${mine}: on an image that is not declared`,
                rule: "NT-26",
                change: base({ baseVolumeId: "/srv/evil.qcow2" }),
            },
            {
                title: `${mine}: on an image of the right name in another pool`,
                rule: "NT-26",
                change: base({ baseVolumeName: image?.props["name"], baseVolumePool: "default" }),
            },
            {
                title: `${mine}: on an image that is not known`,
                rule: "NT-26",
                change: base({ baseVolumeId: UNKNOWN }),
            },
            {
                title: `${mine}: on an image by an id that is made of two volumes'`,
                rule: "NT-26",
                change: edit(volume.urn, (p, r) => {
                    p["baseVolumeId"] = UNKNOWN;
                    r.propertyDependencies["baseVolumeId"] = [
                        image?.urn ?? "",
                        ...ofType(stack, VOLUME, /-overlay$/)
                            .filter((v) => v !== volume)
                            .map((v) => v.urn),
                    ].slice(0, 2);
                }),
            },
            {
                title: `${mine}: on an image in a pool that is not known`,
                rule: "NT-26",
                change: base({ baseVolumeName: image?.props["name"], baseVolumePool: UNKNOWN }),
            },
            {
                title: `${mine}: on a volume that was not filled`,
                rule: "CI-14",
                change: (s) => {
                    s.push({
                        urn: `${volume.urn}-blank`,
                        type: VOLUME,
                        name: "blank",
                        props: {
                            name: "blank.qcow2",
                            pool: volume.props["pool"],
                            format: "qcow2",
                            xml: volume.props["xml"],
                        },
                        dependencies: [],
                        propertyDependencies: {},
                        deleteBeforeReplace: true,
                    });
                    base({ baseVolumeName: "blank.qcow2" })(s);
                },
            },
            {
                title: `${mine}: on another checked image than its neighbours`,
                rule: "CI-14",
                change: (s) => {
                    const sum = "d".repeat(64);
                    const [pool] = ofType(s, POOL);
                    s.push({
                        urn: `${volume.urn}-check`,
                        type: COMMAND,
                        name: "check",
                        props: {
                            create: `bin/sallyport verify-image --image /images/y.qcow2 --sha256 ${sum}`,
                        },
                        dependencies: [],
                        propertyDependencies: {},
                    });
                    s.push({
                        urn: `${volume.urn}-other`,
                        type: VOLUME,
                        name: "other",
                        props: {
                            name: `y-${sum.slice(0, 12)}.qcow2`,
                            pool: pool?.props["name"],
                            source: "/images/y.qcow2",
                            xml: volume.props["xml"],
                        },
                        dependencies: [`${volume.urn}-check`],
                        propertyDependencies: {},
                        deleteBeforeReplace: true,
                    });
                    base({
                        baseVolumeName: `y-${sum.slice(0, 12)}.qcow2`,
                        baseVolumePool: pool?.props["name"],
                    })(s);
                },
            },
        ];
    }),
    ...ofType(stack, VOLUME, /-workstation-.*-overlay$/).map((volume): Mutant => ({
        title: `${short(volume)}: no overlay`,
        rule: "LC-07",
        change: edit(volume.urn, (p, r) => {
            Reflect.deleteProperty(p, "baseVolumeId");
            Reflect.deleteProperty(r.propertyDependencies, "baseVolumeId");
        }),
    })),
    ...ofType(stack, VOLUME, /-gateway-overlay$/).map((volume): Mutant => ({
        title: `${short(volume)}: a data disk that is not protected`,
        rule: "LC-09",
        change: edit(volume.urn, (p, r) => {
            Reflect.deleteProperty(p, "baseVolumeId");
            Reflect.deleteProperty(r.propertyDependencies, "baseVolumeId");
        }),
    })),
    ...ofType(stack, POOL).flatMap((pool): Mutant[] => [
        {
            title: `${short(pool)}: a stylesheet, which may put it anywhere`,
            rule: "SH-04",
            change: set(pool.urn, { xml: { xslt: FOREIGN } }),
        },
        { title: `${short(pool)}: of another type`, rule: "SH-04", change: set(pool.urn, { type: "netfs" }) },
        {
            title: `${short(pool)}: of a type that is not known`,
            rule: "SH-04",
            change: set(pool.urn, { type: UNKNOWN }),
        },
    ]),
    ...ofType(stack, POOL, /-status$/).map((pool): Mutant => ({
        title: `${short(pool)}: on the path of another pool`,
        rule: "SH-04",
        change: set(pool.urn, { target: { path: "/var/lib/libvirt/images/sallyport-test-image" } }),
    })),
    ...ofType(stack, COMMAND).flatMap((command): Mutant[] => [
        ...COMMANDS.flatMap((line): Mutant[] => [
            {
                title: `${short(command)}: create ${line}`,
                rule: "ACT-01",
                change: set(command.urn, { create: line }),
            },
            {
                title: `${short(command)}: delete ${line}`,
                rule: "ACT-01",
                change: set(command.urn, { delete: line }),
            },
        ]),
        {
            title: `${short(command)}: with an environment`,
            rule: "ACT-01",
            change: set(command.urn, { environment: { PATH: "/tmp" } }),
        },
        {
            title: `${short(command)}: through another interpreter`,
            rule: "ACT-01",
            change: set(command.urn, { interpreter: ["/tmp/sh", "-c"] }),
        },
        {
            title: `${short(command)}: on another machine`,
            rule: "ACT-01",
            change: edit(command.urn, (_, r) => {
                r.type = "command:remote:Command";
            }),
        },
    ]),
    ...ofType(stack, COMMAND, /-ready$/).map((command): Mutant => ({
        title: `${short(command)}: asks another Gateway`,
        rule: "LC-01",
        change: edit(command.urn, (p) => {
            p["create"] = String(p["create"]).replace(/--domain \S+/, "--domain other");
        }),
    })),
    ...URIS.map((uri): Mutant => ({
        title: `host ${uri}`,
        rule: "HS-08",
        change: (s) => {
            s.filter((r) => r.type.startsWith("libvirt:")).forEach((r) => {
                r.provider = `urn:pulumi:test::sallyport::pulumi:providers:libvirt::p at ${uri}`;
            });
        },
    })),
    ...RUNNERS.map((type): Mutant => ({
        title: `a ${type}`,
        rule: "ACT-01",
        change: (s) => {
            s.push({
                urn: `urn:pulumi:test::sallyport::${type}::x`,
                type,
                name: "x",
                props: { name: "x" },
                dependencies: [],
                propertyDependencies: {},
            });
        },
    })),
    ...TYPES.map((type): Mutant => ({
        title: `a ${type}`,
        rule: type.includes("napshot") ? "LC-05" : "MODEL-01",
        change: (s) => {
            s.push({
                urn: `urn:pulumi:test::sallyport::${type}::x`,
                type,
                name: "x",
                props: { name: "x" },
                dependencies: [],
                propertyDependencies: {},
            });
        },
    })),
];
