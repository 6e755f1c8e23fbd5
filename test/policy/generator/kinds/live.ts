/** What a person did on the host behind the stack's back: libvirt's XML of guests, networks and strangers. */
import { ofKind, type Live } from "../production";
import type { Random } from "../random";
import { enclaveOf } from "../targets";
import { twoEnclaves } from "../bases";
import {
    edit,
    guest,
    gateway,
    inDevices,
    nic,
    device,
    inDomain,
    settings,
    labels,
    edits,
    networkEdits,
    isolated,
    nameIn,
    mine,
    own,
    stranger,
    bridgeIn,
    undeclared,
    files,
    byOtherName,
    workstation,
} from "./live-edits";

export default ofKind("live", [
    {
        on: "live",
        name: "a NIC whose tap is on another bridge than its network's",
        why: "formatdomain: the active XML's bridge is where the tap is plugged",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => {
                const found = r.pick([...xml.matchAll(/ bridge='[^']*'/g)]);
                return (
                    `${xml.slice(0, found.index)} ` +
                    `bridge='${r.pick(["virbr0", "br99", r.word(3, 9)])}'${xml.slice(found.index + found[0].length)}`
                );
            });
        },
    },
    {
        on: "live",
        name: "a NIC whose tap is on its guest's other network's bridge",
        why: "formatdomain: the active XML's bridge is where the tap is plugged",
        change: (r, host) => {
            edit(r, host.domains, gateway, (xml) => {
                const [a = "", b = ""] = [...xml.matchAll(/ bridge='[^']*'/g)].map((m) => m[0]);
                const [from, to] = r.shuffled([a, b]) as [string, string];
                return xml.replace(from, to);
            });
        },
    },
    {
        on: "live",
        name: "a guest with one NIC more",
        why: "virsh attach-interface",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDevices(xml, nic(r, host)));
        },
    },
    {
        on: "live",
        name: "a guest whose NIC is somewhere else",
        why: "virsh update-device",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => {
                const found = r.pick([...xml.matchAll(/<interface[^]*?<\/interface>/g)]);
                return xml.replace(found[0], nic(r, host));
            });
        },
    },
    {
        on: "live",
        name: "a guest with one device more",
        why: "virsh attach-device; formatdomain",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDevices(xml, device(r)));
        },
    },
    {
        on: "live",
        name: "a guest with a setting more",
        why: "virsh edit; formatdomain",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => inDomain(xml, settings(r)));
        },
    },
    {
        on: "live",
        name: "a guest whose labels do not confine",
        why: "DD-20: QEMU runs as root, or in no profile",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) => xml.replace(/<seclabel[^]*<\/seclabel>/, labels(r)));
        },
    },
    {
        on: "live",
        name: "a guest with another guest's profile",
        why: "DD-20: the profile names the disks of the other one",
        change: (r, host) => {
            edit(r, host.domains, guest, (xml) =>
                xml.replace(/libvirt-[0-9a-f-]{36}/g, `libvirt-${r.uuid()}`),
            );
        },
    },
    ...edits.map(([name, why, which, change]) => ({
        on: "live" as const,
        name,
        why: `${why}; formatdomain`,
        change: (r: Random, host: Live) => {
            edit(r, host.domains, which, (xml) => change(r, xml));
        },
    })),
    ...networkEdits.map(([name, why, change]) => ({
        on: "live" as const,
        name: `an isolated network that ${name}`,
        why: `${why}; formatnetwork`,
        change: (r: Random, host: Live) => {
            edit(r, host.networks, isolated, (xml) => change(r, xml));
        },
    })),
    {
        on: "live",
        name: "guests and networks that start with the host",
        why: "LC-02: a Workstation before its Gateway",
        change: (r, host) => {
            host.autostart.domains.push(nameIn(r.pick(host.domains.filter(mine))));
        },
    },
    {
        on: "live",
        name: "a stranger on a network of the stack",
        why: "NT-10: ARP and direct packets to Workstations and Gateway",
        change: (r, host) => {
            const net = r.pick(own(host));
            const mac = `<mac address='${r.mac()}'/>`;
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<interface type='network'>${mac}<source network='${nameIn(net)}' ` +
                            `bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='network'>${mac}<source network='${nameIn(net)}'/></interface>`,
                        `<interface type='bridge'>${mac}<source bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='direct'>${mac}<source dev='${bridgeIn(net)}' ` +
                            `mode='${r.pick(["bridge", "vepa", "private", "passthrough"])}'/></interface>`,
                        `<interface type='network'>${mac}<source network='default' ` +
                            `bridge='${bridgeIn(net)}'/></interface>`,
                        `<interface type='bridge'>${mac}<source ` +
                            `bridge='${bridgeIn(net)}'/><virtualport type='openvswitch'/></interface>`,
                        `<interface type='direct'>${mac}<source dev='${bridgeIn(net)}'/></interface>`,
                    ]),
                ),
            );
        },
        needs: (base) => !base.title.includes("of the host's"),
    },
    {
        on: "live",
        name: "a stranger on an undeclared network that ends on a wire of the stack",
        why: "formatnetwork: a network may be any bridge, and any device",
        change: (r, host) => {
            const [name, xml] = undeclared(r, bridgeIn(r.pick(own(host).filter(isolated))));
            host.networks.push(xml);
            host.domains.push(
                stranger(
                    r,
                    `<interface type='network'><mac address='${r.mac()}'/><source ` +
                        `network='${name}'/></interface>`,
                ),
            );
        },
    },
    {
        on: "live",
        name: "an undeclared network on a bridge of the stack",
        why: "formatnetwork: the host gets an address there, or forwards",
        change: (r, host) => {
            const bridge = bridgeIn(r.pick(own(host).filter(isolated)));
            host.networks.push(
                `<network><name>${r.word(3, 9)}</name>${r.pick(["", "<forward mode='nat'/>"])}<bridge ` +
                    `name='${bridge}'/><ip address='10.152.152.1' prefix='24'/></network>`,
            );
        },
    },
    {
        on: "live",
        name: "a stranger with a disk of the stack's",
        why: "SH-01: it reads the seed's keys, or writes what the guest boots",
        change: (r, host, base) => {
            const file = r.pick(files(base));
            const path = byOtherName(r, file.path);
            const target = "<target dev='vda' bus='virtio'/>";
            const folder = path.replace(/\/[^/]*$/, "");
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<disk type='file' device='disk'><source file='${path}'/>${target}</disk>`,
                        `<disk type='volume' device='disk'><source pool='${file.pool}' ` +
                            `volume='${file.name}'/>${target}</disk>`,
                        `<disk type='block' device='disk'><source dev='${path}'/>${target}</disk>`,
                        "<disk type='file' device='cdrom'><source " +
                            `file='${path}'/>${target}<readonly/></disk>`,
                        `<disk type='dir' device='disk'><source dir='${folder}'/>${target}</disk>`,
                        `<filesystem type='mount'><source dir='${folder}'/><target dir='x'/></filesystem>`,
                        "<disk type='file' device='disk'><source " +
                            `file='${r.path()}'/><backingStore type='file'><source ` +
                            `file='${path}'/></backingStore>${target}</disk>`,
                        `<disk type='file' device='disk'><source file='${r.path()}'/><mirror ` +
                            `type='file'><source file='${path}'/></mirror>${target}</disk>`,
                        "<filesystem type='mount'><source dir='/var/lib/libvirt'/><target " +
                            "dir='x'/></filesystem>",
                        `<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>`,
                    ]),
                ),
            );
        },
    },
    {
        on: "live",
        name: "a stranger that writes a status file of the stack's",
        why: 'LC-01: it says "ready" for the Gateway',
        change: (r, host) => {
            const file = /<log file='([^']*)'/.exec(host.domains.find(gateway) ?? "")?.[1] ?? "";
            host.domains.push(
                stranger(
                    r,
                    r.pick([
                        `<serial type='file'><source path='${file}'/><target port='0'/></serial>`,
                        `<serial type='pty'><log file='${file}' append='on'/><target port='0'/></serial>`,
                        `<console type='pty'><log file='${file}'/></console>`,
                        `<disk type='file' device='disk'><source file='${file}'/><target dev='vda'/></disk>`,
                    ]),
                ),
            );
        },
    },
    {
        on: "live",
        name: "a guest of the stack with the other's disk",
        why: "SH-01, NT-26",
        change: (r, host, base) => {
            const others = r.shuffled(files(base));
            edit(r, host.domains, guest, (xml) => {
                const file = r.pick(others.filter((f) => !xml.includes(f.name)));
                return xml.replace(
                    /<source (pool='[^']*' volume='[^']*'|file='[^']*') index='[12]'\/>/,
                    "<source " +
                        `${r.pick([`pool='${file.pool}' volume='${file.name}'`, `file='${byOtherName(r, file.path)}'`])} ` +
                        "index='2'/>",
                );
            });
        },
    },
    {
        on: "live",
        name: "a guest or network that is another one from its next start on",
        why: "virsh edit changes what is defined, not what runs: formatdomain, --inactive",
        change: (r, host) => {
            if (r.chance(0.5)) {
                const xml = r.pick(host.domains.filter(mine));
                host.next.domains.push(
                    r.pick([inDevices(xml, r.pick([nic(r, host), device(r)])), inDomain(xml, settings(r))]),
                );
            } else {
                const xml = r.pick(host.networks.filter((n) => mine(n) && isolated(n)));
                host.next.networks.push(r.pick(networkEdits)[2](r, xml));
            }
        },
    },
    {
        on: "live",
        name: "a pool of the stack's that is somewhere else",
        why: "formatstorage: its volumes are then other files",
        change: (r, host) => {
            edit(r, host.pools, guest, (xml) =>
                r.pick([
                    () => xml.replace(/<path>[^<]*</, `<path>${r.path()}<`),
                    () => xml.replace("type='dir'", "type='netfs'"),
                    () => xml.replace("<target>", "<source><host name='x'/></source><target>"),
                ])(),
            );
        },
    },
    {
        on: "live",
        name: "a pool of a stranger's in a folder of the stack's",
        why: "its owner lists, reads and removes the stack's files: formatstorage",
        change: (r, host) => {
            const path = /<path>([^<]*)</.exec(r.pick(host.pools.filter(mine)))?.[1] ?? "";
            const name = r.word(3, 9);
            host.pools.push(
                "<pool " +
                    `type='dir'><name>${name}</name><target><path>${byOtherName(r, path)}</path></target></pool>`,
            );
            const volume = `${r.word()}.qcow2`;
            host.domains.push(
                stranger(
                    r,
                    `<disk type='volume' device='disk'><source pool='${name}' ` +
                        `volume='${volume}'/><target dev='vda'/></disk>`,
                ),
            );
            const [file] = [
                ...(host.domains.find(guest) ?? "").matchAll(/<source file='([^']*)' index='2'/g),
            ].map((m) => m[1] ?? "");
            host.pools.push(
                "<pool " +
                    `type='dir'><name>${name}x</name><target><path>${(file ?? "").replace(/\/[^/]*$/, "")}</path></target></pool>`,
            );
            host.domains.push(
                stranger(
                    r,
                    `<disk type='volume' device='disk'><source pool='${name}x' ` +
                        `volume='${(file ?? "").split("/").at(-1) ?? ""}'/><target dev='vda'/></disk>`,
                ),
            );
        },
    },
    {
        on: "live",
        name: "a guest of which something was kept",
        why: "a snapshot or a managed save holds its memory on the host's disk",
        change: (r, host) => {
            host.kept.push(nameIn(r.pick(host.domains.filter(mine))));
        },
    },
    {
        on: "live",
        name: "a tap that the kernel has on another bridge",
        why: "`ip link set … master`: libvirt does not see it",
        change: (r, host) => {
            const taps = host.domains
                .filter(mine)
                .flatMap((xml) =>
                    [...xml.matchAll(/bridge='([^']*)'\/>[^]*?<target dev='(vnet\d+)'/g)].map(
                        (m, i) => [`${m[2] ?? ""}${i}`, m[1] ?? ""] as const,
                    ),
                );
            const bridges = Object.fromEntries(taps);
            host.taps = { from: "kernel", bridges };
            host.domains = host.domains.map((xml) => {
                let i = -1;
                return mine(xml)
                    ? xml.replace(
                          /<target dev='(vnet\d+)'/g,
                          (_, dev: string) => `<target dev='${dev}${(i += 1)}'`,
                      )
                    : xml;
            });
            bridges[r.pick(Object.keys(bridges))] = r.pick(["", "virbr0", r.word(3, 9)]);
        },
    },
    {
        on: "live",
        needs: twoEnclaves,
        name: "a guest of the stack on another enclave's network",
        why: "NT-17",
        change: (r, host) => {
            edit(r, host.domains, workstation, (xml) => {
                const other = r.pick(
                    own(host).filter((n) => isolated(n) && enclaveOf(nameIn(n)) !== enclaveOf(nameIn(xml))),
                );
                return xml.replace(
                    /<source network='[^']*' portid='([^']*)' bridge='[^']*'/,
                    `<source network='${nameIn(other)}' portid='$1' bridge='${bridgeIn(other)}'`,
                );
            });
        },
    },
]);
