/** Stacks that others wrote: each with what has to be found in it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plan } from "../../cli/plan";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { asExport, modelOf, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, NETWORK } from "./mutants/mutant";

const resource = (type: string, name: string, props: Record<string, unknown>): FixtureResource => ({
    urn: `urn:pulumi:prod::lab::${type}::${name}`,
    type,
    name,
    props,
    dependencies: [],
    propertyDependencies: {},
});
const network = (name: string, props: Record<string, unknown>): FixtureResource =>
    resource(NETWORK, name, { name, ...props });
const domain = (
    name: string,
    networkInterfaces: readonly Record<string, unknown>[],
    props: Record<string, unknown> = {},
): FixtureResource => resource(DOMAIN, name, { name, memory: 1024, vcpu: 1, networkInterfaces, ...props });

const STACKS: readonly [string, readonly FixtureResource[], readonly string[]][] = [
    [
        "a plain NAT lab",
        [
            network("lab", { mode: "nat", addresses: ["10.17.3.0/24"] }),
            domain("vm", [{ networkName: "lab", waitForLease: true }]),
        ],
        ["NT-01", "NT-02", "NT-03", "NT-07", "NT-08", "DD-02", "ID-01", "PATH-outside", "PATH-host"],
    ],
    ["a bridged VM", [domain("vm", [{ bridge: "br0" }])], ["NT-07", "NT-24", "PATH-outside", "PATH-lan"]],
    [
        "a VM straight on a card of the host's",
        [domain("vm", [{ macvtap: "eth0" }])],
        ["NT-07", "NT-24", "PATH-outside", "PATH-lan"],
    ],
    [
        "a router VM between two networks",
        [
            network("in", { mode: "none" }),
            network("out", { mode: "nat", addresses: ["10.17.3.0/24"] }),
            domain("router", [{ networkName: "out" }, { networkName: "in" }]),
            domain("vm", [{ networkName: "in" }]),
        ],
        ["NT-07", "NT-08", "NT-10", "FW-01", "GUEST-01", "PATH-outside"],
    ],
    [
        "Whonix by hand",
        [
            network("Whonix-External", { mode: "nat", addresses: ["10.0.2.0/24"] }),
            network("Whonix-Internal", { mode: "none", bridge: "virbr2" }),
            domain("Whonix-Gateway", [
                { networkName: "Whonix-External" },
                { networkName: "Whonix-Internal" },
            ]),
            domain("Whonix-Workstation", [{ networkName: "Whonix-Internal" }]),
        ],
        ["NT-08", "NT-10", "NT-18", "NT-21", "DD-02", "ID-01", "GUEST-01", "LC-01"],
    ],
    [
        "cloud images with an agent",
        [
            network("lab", { mode: "nat", addresses: ["10.17.3.0/24"] }),
            resource("libvirt:index/volume:Volume", "base", {
                name: "debian.qcow2",
                source: "https://cloud.example.test/debian-12.qcow2",
                format: "qcow2",
            }),
            resource("libvirt:index/cloudinitDisk:CloudinitDisk", "init", {
                name: "init.iso",
                userData:
                    "#cloud-config\npassword: debian\nssh_pwauth: true\npackages: " +
                    "[qemu-guest-agent]\nruncmd: [[systemctl, start, qemu-guest-agent]]\n",
            }),
            domain("vm", [{ networkName: "lab" }], {
                qemuAgent: true,
                disks: [{ volumeId: "/var/lib/libvirt/images/debian.qcow2" }],
                cloudinit: "/var/lib/libvirt/images/init.iso;1",
            }),
        ],
        ["NT-01", "NT-07", "DD-02", "CI-14", "HS-17", "PATH-outside"],
    ],
    [
        "provider 0.9: user-mode networking without any network",
        [
            resource(DOMAIN, "vm", {
                name: "vm",
                type: "kvm",
                memory: 1024,
                os: { type: "hvm" },
                devices: { interfaces: [{ source: { user: {} }, model: { type: "virtio" } }] },
            }),
        ],
        ["NT-07", "NT-24", "DD-07", "PATH-outside"],
    ],
    ...[
        "direct",
        "ethernet",
        "hostdev",
        "vdpa",
        "vhostuser",
        "mcast",
        "udp",
        "server",
        "client",
        "internal",
        "bridge",
    ].map((kind): [string, FixtureResource[], string[]] => [
        `provider 0.9: a NIC of kind ${kind}`,
        [
            resource(DOMAIN, "vm", {
                name: "vm",
                type: "kvm",
                os: { type: "hvm" },
                devices: {
                    interfaces: [
                        {
                            source: { [kind]: { dev: "eth0", bridge: "br0", mode: "bridge" } },
                            model: { type: "virtio" },
                        },
                    ],
                },
            }),
        ],
        ["NT-07", "NT-24"],
    ]),
    [
        "provider 0.9: raw QEMU arguments, a shared folder, an agent",
        [
            network("cell", { bridge: { name: "cell0" } }),
            resource(DOMAIN, "vm", {
                name: "vm",
                type: "kvm",
                os: { type: "hvm" },
                qemuCommandline: { args: [{ value: "-netdev" }] },
                devices: {
                    interfaces: [{ source: { network: { network: "cell" } } }],
                    filesystems: [{ source: { mount: { dir: "/home" } }, target: { dir: "home" } }],
                    channels: [
                        { source: { unix: {} }, target: { virtio: { name: "org.qemu.guest_agent.0" } } },
                    ],
                    hostdevs: [{ subsysUsb: {} }],
                },
            }),
        ],
        ["NT-08", "NT-18", "DD-01", "DD-02", "DD-05", "DD-10", "DD-13", "ID-01"],
    ],
];

const idsOf = (resources: readonly FixtureResource[]): string[] =>
    runRules(rules, modelOf(resources)).map(findingId).sort();

describe.each(STACKS)("%s", (_title, resources, expected) => {
    it("is refused, by these findings and no others", () => {
        const found = idsOf(resources);
        const ruleIds = new Set(found.map((id) => id.replace(/\[.*$/s, "")));
        expect(expected.filter((id) => !ruleIds.has(id))).toEqual([]);
        expect(found).toMatchSnapshot();
    });
});

it("an export of such a stack gets the same findings from plan, but for what an export does not say", async () => {
    const folder = mkdtempSync(join(tmpdir(), "foreign-"));
    const [, resources = []] = STACKS.find(([title]) => title === "Whonix by hand") ?? [];
    writeFileSync(
        join(folder, "export.json"),
        JSON.stringify(asExport(resources.map((r) => ({ id: r.urn, outputs: r.props, ...r })))),
    );
    const { report } = await plan({ file: join(folder, "export.json") });
    rmSync(folder, { recursive: true });
    expect(report.ok).toBe(false);
    expect(report.findings.map((f) => f.id).sort()).toEqual(
        idsOf(resources).filter((id) => !id.startsWith("LC-03[")),
    );
});
