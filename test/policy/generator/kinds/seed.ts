/** What a guest is told at its first boot. */
import { PATHS } from "../../../../cloud-init/guest";
import type { FixtureResource } from "../../fixtures/resources";
import { editYaml, textOf } from "../../mutants/mutant";
import { twoEnclaves, twoGuests } from "../bases";
import { ofKind, type Props } from "../production";
import type { Random } from "../random";
import { enclaveOf, unheardOf } from "../targets";
import {
    edit,
    gatewaySeeds,
    torrc,
    seeds,
    ruleset,
    spoilt,
    ofTunnel,
    hasSecrets,
    MODULES,
    type Stack,
    network,
    workstationSeeds,
} from "./seed-edits";

export default ofKind("seed", [
    {
        on: "stack",
        name: "a Gateway's torrc with one line more",
        why: "tor(1); TR-01 to TR-25",
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.torrc);
                    if (file !== undefined) {
                        file.content += `${torrc(r)}\n`;
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a Gateway's torrc with one line less",
        why: "tor(1): its defaults are another's choice",
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.torrc);
                    const lines = (file?.content ?? "").split("\n");
                    const at = r.pick([...lines.keys()].filter((i) => /^\w/.test(lines[i] ?? "")));
                    Object.assign(file ?? {}, { content: lines.filter((_, i) => i !== at).join("\n") });
                },
                stack,
            );
        },
        // A line less of some lists is another configuration of ours, which is no less safe.
        needs: (base) =>
            [
                "one enclave, one Workstation",
                "no transparent proxy",
                "two enclaves, three Workstations",
                "zones, and processors of their own",
            ].includes(base.title),
    },
    {
        on: "stack",
        name: "a firewall that lets more through",
        why: "nft(8); FW-01 to FW-21",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const file = data.write_files.find((f) => f.path === PATHS.ruleset);
                    if (file !== undefined) {
                        file.content = ruleset(r, file.content);
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file with one sign changed",
        why: "GUEST-01: what this project renders has been looked at",
        change: (r, stack) => {
            const seed = r.pick(seeds(stack));
            edit(
                seed,
                (data) => {
                    const files = data.write_files.filter(
                        (f) =>
                            ![PATHS.torrc, PATHS.ruleset].includes(f.path as never) &&
                            /[A-Za-z0-9]/.test(f.content.replace(/^#.*$/gm, "")),
                    );
                    const file = r.pick(files);
                    file.content = spoilt(r, file.content);
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file more, or less",
        why: "GUEST-01",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    if (r.chance(0.5)) {
                        data.write_files.splice(r.int(0, data.write_files.length), 0, {
                            path: r.pick([
                                r.path(),
                                `/etc/systemd/system/${r.word()}.service`,
                                `/etc/cron.d/${r.word()}`,
                                "/etc/resolv.conf",
                            ]),
                            content: r.word(),
                        });
                    } else {
                        data.write_files.splice(r.int(0, data.write_files.length - 1), 1);
                    }
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "one path twice, the second time with other words",
        why: "cloud-init writes the list in its order: the last one stands",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const like = r.pick(data.write_files);
                    const path = r.pick([
                        like.path,
                        like.path.replace("/etc/", "/etc/./"),
                        like.path.replace("/etc/", "//etc/"),
                        like.path.replace("/etc/", `/etc/${r.word()}/../`),
                    ]);
                    data.write_files.splice(r.int(0, data.write_files.length), 0, {
                        ...like,
                        path,
                        content: `${r.word()}\n${like.content}`,
                    });
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        name: "a file that others may write or own",
        why: "cloud-init write_files: owner, permissions",
        change: (r, stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    const file = r.pick(data.write_files);
                    r.pick<() => void>([
                        () => {
                            file.permissions = `0${r.int(6, 7)}${r.pick(["22", "66", "77", "26", "02"])}`;
                        },
                        () => {
                            file.owner = r.pick([
                                `${r.word()}:${r.word()}`,
                                "debian-tor:root",
                                "nobody:nogroup",
                            ]);
                        },
                        () => {
                            file.permissions = `4${r.pick(["755", "777"])}`;
                        },
                    ])();
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        needs: ofTunnel,
        name: "a tunnel's key that every user of the Gateway reads",
        why: 'systemd.netdev(5): "0640 root:systemd-network"',
        change: (r, stack) => {
            edit(
                r.pick(gatewaySeeds(stack)),
                (data) => {
                    const file = r.pick(data.write_files.filter((f) => /PrivateKey/.test(f.content)));
                    r.pick<() => void>([
                        () => {
                            file.permissions = r.pick([
                                "0644",
                                "0604",
                                "0664",
                                "0666",
                                "0444",
                                "0755",
                                "0641",
                            ]);
                        },
                        () => {
                            delete file.permissions;
                        },
                        () => {
                            file.owner = r.pick([
                                "root:root",
                                "root:debian-tor",
                                "debian-tor:debian-tor",
                                `root:${r.word()}`,
                            ]);
                        },
                        () => {
                            delete file.owner;
                        },
                    ])();
                },
                stack,
            );
        },
    },
    {
        on: "stack",
        needs: hasSecrets,
        name: "a secret that is none",
        why: "CI-10, TR-15: it stands in the state in plain",
        change: (r, stack) => {
            const seed = r.pick(gatewaySeeds(stack));
            // The names of what is secret are no property of their own, and stay behind.
            seed.props = Object.fromEntries(Object.entries(seed.props));
        },
    },
    ...MODULES.map((values, i) => ({
        on: "stack" as const,
        name: `user-data with a module of its own (${i + 1})`,
        why: "cloud-init's modules run, install, mount and let in",
        change: (r: Random, stack: Stack) => {
            edit(
                r.pick(seeds(stack)),
                (data) => {
                    Object.assign(data, values(r));
                },
                stack,
            );
        },
    })),
    {
        on: "stack",
        name: "user-data of another format",
        why: "cloud-init's formats: a script, parts, an address, a template",
        change: (r, stack) => {
            const { props } = r.pick(seeds(stack));
            const text = String(props["userData"]);
            props["userData"] = r.pick(
                [
                    `#!/bin/sh\n${r.path()}\n`,
                    `#include\nhttp://${r.word()}.test\n`,
                    `## template: jinja\n${text}`,
                    `Content-Type: multipart/mixed; boundary="x"\nMIME-Version: ` +
                        `1.0\n\n--x\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--x--\n`,
                    `#cloud-config-archive\n- ${r.word()}\n`,
                    `#cloud-boothook\n${r.path()}\n`,
                    `#part-handler\n${r.word()}\n`,
                    Buffer.from(text).toString("base64"),
                    text.replace("#cloud-config", "#cloud-config "),
                    `${text}\n---\nruncmd: [[${r.word()}]]\n`,
                    `\n${text}`,
                    `#cloud-config\n`,
                    "",
                    text.replace("#cloud-config", "#cloud-config-jsonp"),
                    `${text}\nwrite_files: []\n`,
                ].filter((made) => made !== text && made !== text.replace("#cloud-config", "#cloud-config ")),
            );
        },
    },
    {
        on: "stack",
        name: "network-config that says more or something else",
        why: "netplan: addresses, routes and resolvers besides the one wire",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "networkConfig", (data) => {
                network(r, (data["network"] ?? data) as Props);
            })(stack);
        },
    },
    {
        on: "stack",
        name: "a Workstation outside the inner subnet, by any octet",
        why:
            "W01: no address of 10.152.152.0/24, and a fingerprint; its MAC says nothing of the " +
            "first octets",
        change: (r, stack) => {
            editYaml(r.pick(workstationSeeds(stack)).urn, "networkConfig", (data) => {
                const nics = ((data["network"] ?? data) as Props)["ethernets"] as Record<
                    string,
                    { addresses: string[] }
                >;
                for (const nic of Object.values(nics)) {
                    nic.addresses = nic.addresses.map((a) =>
                        r.pick([
                            a.replace(/^10\./, `${r.pick([9, 11, 127, 172, 192, 0])}.`),
                            a.replace(/^10\.152\./, `10.${r.pick([151, 153, 0])}.`),
                            a.replace(/\/24$/, `/${r.pick([8, 16, 23, 25, 32])}`),
                            a.replace(/^10\./, "010."),
                        ]),
                    );
                }
            })(stack);
        },
    },
    {
        on: "stack",
        name: "meta-data that tells something",
        why: "ID-10: programs put the host's name into messages, requests and files",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "metaData", (data) => {
                r.pick<() => void>([
                    () => {
                        data["local-hostname"] = r.word();
                    },
                    () => {
                        data["public-keys"] = [r.word()];
                    },
                    () => {
                        data["hostname"] = r.word();
                    },
                    () => {
                        data[
                            r.pick(["user-data", "vendor-data", "network-interfaces", "dsmode", unheardOf(r)])
                        ] = r.word();
                    },
                ])();
            })(stack);
        },
    },
    {
        on: "stack",
        name: "an instance-id that names the stack, or is none",
        why: "CI-05: what is inside reads it",
        change: (r, stack) => {
            editYaml(r.pick(seeds(stack)).urn, "metaData", (data) => {
                data["instance-id"] = r.pick(["", r.word(), `sallyport-test-${r.word()}`, "sallyport-"]);
            })(stack);
        },
    },
    {
        on: "stack",
        needs: twoGuests,
        name: "two guests with one address or instance-id",
        why: "SH-02: they share circuits, or are one guest to what reads it",
        change: (r, stack) => {
            const all = workstationSeeds(stack);
            const [a, b] = r.pick(
                all.flatMap((one) =>
                    all
                        .filter((x) => x !== one && enclaveOf(x.name) === enclaveOf(one.name))
                        .map((x) => [one, x] as const),
                ),
            );
            const key = r.pick(["networkConfig", "metaData"] as const);
            a.props[key] = b.props[key];
        },
    },
    {
        on: "stack",
        needs: twoEnclaves,
        name: "another guest's seed",
        why: "the Gateway of one enclave obeys what was written for another",
        change: (r, stack) => {
            const [a, b] = r.shuffled(r.chance(0.5) ? gatewaySeeds(stack) : seeds(stack)) as [
                FixtureResource,
                FixtureResource,
            ];
            const keys = r.some(["networkConfig", "userData"]);
            // Workstations of one number have one network-config in all enclaves: the other's alone is no change.
            const changing = keys.some((key) => a.props[key] !== b.props[key]) ? keys : ["userData"];
            for (const key of changing) {
                a.props[key] =
                    textOf(b, PATHS.ruleset) === textOf(a, PATHS.ruleset) && key === "userData"
                        ? `#cloud-config\n{}`
                        : b.props[key];
            }
        },
    },
]);
