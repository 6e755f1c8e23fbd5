/** Large stacks that others wrote, for tests and benchmarks. */
import { parse } from "yaml";
import { exportOf, planOf, type Export } from "./stacks";

const RULESET = "/etc/sallyport/ruleset.nft";

interface UserData {
    write_files: { path: string; content: string }[];
}

/** Two addresses that no other number has. */
const pair = (n: number): readonly [string, string] => [
    `10.${100 + (n >> 7)}.${n & 127}.7`,
    `198.${20 + (n >> 7)}.${n & 127}.9`,
];

/** A rule of distinct addresses. @param n its number */
const distinctRule = (n: number): string => {
    const [source, destination] = pair(n);
    return `ip saddr ${source} ip daddr ${destination} accept`;
};

/**
 * An enclave whose Gateway has so many rules more, on every hook in turn.
 * @param rule the text of the n-th
 */
export function strangersGateway(rules: number, rule: (n: number) => string = distinctRule): Export {
    const exported = exportOf(planOf({}));
    const seed = exported.deployment.resources.find(
        (r) => r.type.endsWith("CloudinitDisk") && r.urn.includes("gateway"),
    );
    const data = parse(String(seed?.inputs.userData)) as UserData;
    const file = data.write_files.find((f) => f.path === RULESET);
    if (seed === undefined || file === undefined) {
        throw new Error("the stack has no Gateway with a ruleset");
    }
    const chains = ["early", "forward", "input", "output"];
    const added = new Map(
        chains.map((chain, c) => [
            chain,
            Array.from({ length: rules }, (_, n) => n)
                .filter((n) => n % chains.length === c)
                .map((n) => `    ${rule(n)}`),
        ]),
    );
    // After the head of its chain: before any rule that decides.
    file.content = file.content.replace(
        /chain (\w+) \{\n.*policy (?:drop|accept);\n/g,
        (head, name: string) => {
            const lines = added.get(name) ?? [];
            added.delete(name);
            return `${head}${lines.map((line) => `${line}\n`).join("")}`;
        },
    );
    if (added.size > 0) {
        throw new Error(`the ruleset has no chain ${[...added.keys()].join(", ")}`);
    }
    seed.inputs.userData = `#cloud-config\n${JSON.stringify(data)}`;
    return exported;
}

/** So many guests on a NAT network, as anybody declares them. */
export function strangersGuests(guests: number): Export {
    const exported = exportOf(planOf({}));
    const [provider] = exported.deployment.resources;
    const reference = `${provider?.urn ?? ""}::1`;
    const of = (
        type: string,
        name: string,
        inputs: Record<string, unknown>,
    ): Export["deployment"]["resources"][number] => ({
        urn: `urn:pulumi:prod::lab::${type}::${name}`,
        type,
        custom: true,
        id: name,
        provider: reference,
        inputs,
        outputs: {},
    });
    return {
        version: 3,
        deployment: {
            resources: [
                ...(provider === undefined ? [] : [provider]),
                of("libvirt:index/network:Network", "lab", {
                    name: "lab",
                    mode: "nat",
                    addresses: ["10.17.0.0/16"],
                }),
                ...Array.from({ length: guests }, (_, i) =>
                    of("libvirt:index/domain:Domain", `vm-${i}`, {
                        name: `vm-${i}`,
                        memory: 1024,
                        vcpu: 1,
                        disks: [{ file: `/srv/vm-${i}.qcow2` }],
                        networkInterfaces: [{ networkName: "lab", waitForLease: true }],
                    }),
                ),
            ],
        },
    };
}
