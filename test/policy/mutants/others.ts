/** Volumes, pools, commands, hosts, and resources that nobody knows. */
import type { FixtureResource } from "../fixtures/resources";
import { COMMAND, FOREIGN, POOL, VOLUME, edit, ofType, set, short, type Mutant } from "./mutant";

const COMMANDS = [
    "ip link set virbr0 up", "bin/sallyport wait-ready --domain x; virsh destroy x", "bin/sallyport render x", "bin/sallyport wait-ready --exec x", "bin/sallyport verify-image $(id)",
    "bin/sallyport wait-ready --domain", "/tmp/bin/sallyport wait-ready --domain x", "true && true", "bin/sallyport verify-image --image 'x' --sha256 `id`",
];
const URIS = ["qemu+tcp://192.0.2.1/system", "qemu+tls://192.0.2.1/system", "qemu+ssh://192.0.2.1/system?no_verify=1", "qemu+ssh://192.0.2.1/system?known_hosts_verify=ignore", "qemu+ssh://u:secret@192.0.2.1/system", "xen:///", "test:///default"];
const TYPES = ["libvirt:index/snapshot:Snapshot", "libvirt:index/ignition:Ignition", "libvirt:index/somethingNew:SomethingNew"];

export const otherMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, VOLUME).flatMap((volume): Mutant[] => [
        { title: `${short(volume)}: readable by all`, rule: "HS-17", change: set(volume.urn, { xml: undefined }) },
        { title: `${short(volume)}: a foreign stylesheet`, rule: "HS-17", change: set(volume.urn, { xml: { xslt: FOREIGN } }) },
    ]),
    ...ofType(stack, VOLUME, /-image-volume$/).flatMap((volume): Mutant[] => [
        { title: "the image from an address", rule: "CI-14", change: set(volume.urn, { source: "https://cloud.example.test/debian.qcow2" }) },
        { title: "the image under another name", rule: "CI-14", change: set(volume.urn, { name: "latest.qcow2" }) },
        { title: "the image unchecked", rule: "CI-14", change: edit(volume.urn, (_, r) => { r.dependencies = []; }) },
    ]),
    ...ofType(stack, VOLUME, /-workstation-.*-overlay$/).map((volume): Mutant => ({ title: `${short(volume)}: no overlay`, rule: "LC-07", change: edit(volume.urn, (p, r) => { Reflect.deleteProperty(p, "baseVolumeId"); Reflect.deleteProperty(r.propertyDependencies, "baseVolumeId"); }) })),
    ...ofType(stack, VOLUME, /-gateway-overlay$/).map((volume): Mutant => ({ title: `${short(volume)}: a data disk that is not protected`, rule: "LC-09", change: edit(volume.urn, (p, r) => { Reflect.deleteProperty(p, "baseVolumeId"); Reflect.deleteProperty(r.propertyDependencies, "baseVolumeId"); }) })),
    ...ofType(stack, POOL, /-status$/).map((pool): Mutant => ({ title: `${short(pool)}: on the path of another pool`, rule: "SH-04", change: set(pool.urn, { target: { path: "/var/lib/libvirt/images/sallyport-test-image" } }) })),
    ...ofType(stack, COMMAND).flatMap((command): Mutant[] => [
        ...COMMANDS.flatMap((line): Mutant[] => [
            { title: `${short(command)}: create ${line}`, rule: "ACT-01", change: set(command.urn, { create: line }) },
            { title: `${short(command)}: delete ${line}`, rule: "ACT-01", change: set(command.urn, { delete: line }) },
        ]),
        { title: `${short(command)}: with an environment`, rule: "ACT-01", change: set(command.urn, { environment: { PATH: "/tmp" } }) },
        { title: `${short(command)}: through another interpreter`, rule: "ACT-01", change: set(command.urn, { interpreter: ["/tmp/sh", "-c"] }) },
        { title: `${short(command)}: on another machine`, rule: "ACT-01", change: edit(command.urn, (_, r) => { r.type = "command:remote:Command"; }) },
    ]),
    ...ofType(stack, COMMAND, /-ready$/).map((command): Mutant => ({ title: `${short(command)}: asks another Gateway`, rule: "LC-01", change: edit(command.urn, (p) => { p["create"] = String(p["create"]).replace(/--domain \S+/, "--domain other"); }) })),
    ...URIS.map((uri): Mutant => ({ title: `host ${uri}`, rule: "HS-08", change: (s) => { s.filter((r) => r.type.startsWith("libvirt:")).forEach((r) => { r.provider = `urn:pulumi:test::sallyport::pulumi:providers:libvirt::p at ${uri}`; }); } })),
    ...TYPES.map((type): Mutant => ({ title: `a ${type}`, rule: type.includes("napshot") ? "LC-05" : "MODEL-01", change: (s) => {
        s.push({ urn: `urn:pulumi:test::sallyport::${type}::x`, type, name: "x", props: { name: "x" }, dependencies: [], propertyDependencies: {} });
    } })),
];
