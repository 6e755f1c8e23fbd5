/** An acknowledgement holds for what it accepted: whatever else stands there says something else. */
import { rules } from "../../policy/registry";
import { SHOWN_PER_RULE, capped } from "../../policy/cap";
import { judgeFindings, readPolicyConfig } from "../../policy/config";
import { findingId, runRules } from "../../policy/rule";
import { modelOfExport } from "../../model/adapters";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { asExport, copyOf, modelOf, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, FOREIGN, SEED, edit, editFile, editUserData, editYaml, ofType } from "./mutants/mutant";

jest.setTimeout(600_000);

type Change = (stack: FixtureResource[]) => void;
const messages = (stack: readonly FixtureResource[], change: Change): Map<string, string> =>
    new Map(runRules(rules, modelOf(copyOf(stack, change))).map((f) => [findingId(f), f.message]));
const first = (stack: readonly FixtureResource[], type: string, name?: RegExp): FixtureResource => {
    const [found] = ofType(stack, type, name);
    if (found === undefined) {
        throw new Error(`the stack has no ${type}`);
    }
    return found;
};

/** Devices of provider 0.9, in pairs that are both refused: name of the list, one, another. */
const DEVICES: readonly [string, unknown, unknown][] = [
    [
        "filesystems",
        { source: { mount: { dir: "/srv/empty" } }, target: { dir: "x" } },
        { source: { mount: { dir: "/" } }, target: { dir: "x" } },
    ],
    [
        "hostdevs",
        { subsysPci: { source: { address: { bus: 1 } } } },
        { subsysPci: { source: { address: { bus: 2 } } } },
    ],
    [
        "serials",
        { source: { tcp: { host: "127.0.0.1", service: "4444" } } },
        { source: { tcp: { host: "0.0.0.0", service: "4444" } } },
    ],
    [
        "graphics",
        { vnc: { listeners: [{ address: { address: "127.0.0.1" } }] } },
        { vnc: { listeners: [{ address: { address: "0.0.0.0" } }] } },
    ],
    [
        "channels",
        { source: { unix: { path: "/a" } }, target: { virtio: { name: "x" } } },
        { source: { unix: { path: "/b" } }, target: { virtio: { name: "x" } } },
    ],
    ["tpms", { backend: { emulator: {} } }, { backend: { passthrough: { device: { path: "/dev/tpm0" } } } }],
];

/** Every finding that both have says something else of the other, unless it is about neither. */
function differs(stack: readonly FixtureResource[], one: Change, another: Change, about: RegExp): void {
    const [a, b] = [messages(stack, one), messages(stack, another)];
    const shared = [...a.keys()].filter((id) => about.test(id) && b.has(id));
    expect(shared).not.toHaveLength(0);
    expect(shared.filter((id) => a.get(id) === b.get(id))).toEqual([]);
}

describe("of devices", () => {
    test.each(DEVICES)("%s", async (list, one, another) => {
        const stack = await goodStack09(CONFIGS["one enclave, one Workstation"], "existing");
        const guest = first(stack, DOMAIN, /workstation/);
        const add = (device: unknown): Change =>
            edit(guest.urn, (props) => {
                const devices = props["devices"] as Record<string, unknown[]>;
                devices[list] = [device, ...(devices[list] ?? [])];
            });
        differs(stack, add(one), add(another), new RegExp(`^(DD-(01|03|05|13|02)|PATH-(host|outside))\\[.*`));
    });

    test("words for QEMU", async () => {
        const stack = await goodStack09(CONFIGS["one enclave, one Workstation"], "existing");
        const say = (...words: string[]): Change =>
            edit(first(stack, DOMAIN, /workstation/).urn, (props) => {
                props["qemuCommandline"] = { args: words.map((value) => ({ value })) };
            });
        differs(stack, say("-msg", "timestamp=on"), say("-netdev", "user,id=n"), /qemucommandline|^PATH-/i);
    });

    test("stylesheets, and texts that are the same at their beginning", async () => {
        const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
        const guest = first(stack, DOMAIN, /workstation/);
        const sheet = (text: string): Change =>
            edit(guest.urn, (props) => {
                props["xml"] = { xslt: text };
            });
        differs(stack, sheet(FOREIGN), sheet(`${FOREIGN} `), /^DD-10\[.* stylesheet\]/);
        const emulator = (path: string): Change =>
            edit(guest.urn, (props) => {
                props["xml"] = undefined;
                props["emulator"] = path;
            });
        differs(
            stack,
            emulator(`/tmp/${"x".repeat(150)}a`),
            emulator(`/tmp/${"x".repeat(150)}b`),
            /^DD-10\[.* emulator/,
        );
    });
});

describe("of seeds", () => {
    test("files: content, owner and mode", async () => {
        const stack = await goodStack(CONFIGS["a tunnel"], "existing");
        const seed = first(stack, SEED, /workstation.*-seed$/).urn;
        differs(
            stack,
            editFile(seed, "/etc/gitconfig", (t) => `${t}# a\n`),
            editFile(seed, "/etc/gitconfig", (t) => `${t}# b\n`),
            /^GUEST-01\[.*gitconfig\]/,
        );
        const key = "/etc/systemd/network/20-tun0.netdev";
        const mode = (permissions: string | undefined): Change =>
            editUserData(first(stack, SEED, /gateway-seed$/).urn, (data) => {
                data.write_files
                    .filter((f) => f.path === key)
                    .forEach((f) => {
                        if (permissions === undefined) {
                            delete f.permissions;
                        } else {
                            f.permissions = permissions;
                        }
                    });
            });
        for (const permissions of ["0644", "0640 ", undefined]) {
            expect(
                [...messages(stack, mode(permissions)).keys()].filter(
                    (id) => id.startsWith("GUEST-01[") && id.includes(key),
                ),
            ).not.toHaveLength(0);
        }
        expect(messages(stack, mode("0640"))).toEqual(new Map());
    });

    test("firewalls", async () => {
        const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
        const add = (line: string): Change =>
            editFile(first(stack, SEED, /gateway-seed$/).urn, "/etc/sallyport/ruleset.nft", (t) =>
                t.replace(/(chain forward \{\n.*\n)/, `$1        ${line}\n`),
            );
        differs(stack, add("ip daddr 192.0.2.1 accept"), add("ip daddr 192.0.2.2 accept"), /^(GUEST-01|FW-)/);
    });
});

test("an inner address counts with all of its octets", async () => {
    const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
    const move = (name: RegExp, from: string): Change =>
        editYaml(first(stack, SEED, name).urn, "networkConfig", (data) => {
            for (const nic of Object.values(data["ethernets"] as Record<string, { addresses: string[] }>)) {
                nic.addresses = nic.addresses.map((a) => a.replace(from, from.replace("10.", "192.")));
            }
        });
    expect(
        [...messages(stack, move(/workstation.*-seed$/, "10.152.152.11")).keys()].filter((id) =>
            id.startsWith("ID-03["),
        ),
    ).toHaveLength(1);
    expect(
        [...messages(stack, move(/gateway-seed$/, "10.152.152.10")).keys()].filter((id) =>
            id.startsWith("ID-02["),
        ),
    ).toHaveLength(1);
});

test("a harmless package whose plugin comes from elsewhere is an unknown program", async () => {
    const stack = await goodStack(CONFIGS["one enclave, one Workstation"], "existing");
    const state = asExport(stack) as { deployment: { resources: Record<string, unknown>[] } };
    for (const name of ["random", "tls", "libvirt", "command"]) {
        for (const key of ["pluginDownloadURL", "PluginDownloadUrl"]) {
            const resources = [
                ...state.deployment.resources,
                {
                    urn: `urn:pulumi:test::sallyport::pulumi:providers:${name}::evil`,
                    type: `pulumi:providers:${name}`,
                    custom: true,
                    id: "1",
                    inputs: { [key]: "https://example.test/" },
                },
            ];
            const found = runRules(
                rules,
                modelOfExport(JSON.stringify({ ...state, deployment: { resources } }), "x"),
            ).map((f) => f.rule.id);
            expect(found).toContain("ACT-01");
        }
    }
});

describe("findings beyond what is written out", () => {
    const [rule] = rules;
    const judged = (n: number, config: unknown = undefined): ReturnType<typeof capped> =>
        capped(
            judgeFindings(
                Array.from({ length: n }, (_, i) => ({
                    rule: rule ?? rules[0],
                    subject: `vm-${i}`,
                    verdict: "violation" as const,
                    message: "m",
                    at: { resource: "", path: "" },
                })) as never,
                readPolicyConfig(config, rules),
                "2026-11-22",
            ),
        );

    test("are counted, and block", () => {
        expect(judged(SHOWN_PER_RULE)).toHaveLength(SHOWN_PER_RULE);
        const all = judged(3000);
        expect(all).toHaveLength(SHOWN_PER_RULE + 1);
        expect(all.at(-1)).toMatchObject({
            level: "mandatory",
            finding: { message: expect.stringContaining("and 2,975 more") as string, verdict: "violation" },
        });
    });

    test("are not hidden by those that are acknowledged", () => {
        const acknowledge = Array.from({ length: SHOWN_PER_RULE }, (_, i) => ({
            finding: `${rule?.id ?? ""}[vm-${i}]`,
            says: "m",
            reason: "seen by the operator",
            expires: "2027-01-01",
        }));
        const all = judged(SHOWN_PER_RULE + 1, { acknowledge });
        expect(all.filter((one) => one.level === "mandatory").map((one) => one.finding.subject)).toEqual([
            `vm-${SHOWN_PER_RULE}`,
        ]);
        expect(judged(3 * SHOWN_PER_RULE, { acknowledge }).at(-1)?.finding.message).toContain(
            `and ${SHOWN_PER_RULE} more`,
        );
    });
});
