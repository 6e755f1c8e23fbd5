import { mkdtempSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { XMLValidator } from "fast-xml-parser";
import { check } from "../../../cli/check-certificate";
import { plan, planCommand, type PlanOptions } from "../../../cli/plan";
import type { Rule } from "../../../policy/rule";
import { reachabilityRules } from "../../../policy/reachability-rules";
import { projectRoot } from "../../../util/root";
import { exportOf, exportText, find, largeStacks, planOf, type Export } from "../../support/stacks";

let folder = "";
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plan-"));
});

const put = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
};
const good = (): Export => exportOf(planOf({ enclaves: [{ name: "red", workstations: [{ name: "a" }] }] }));
const leaking = (): Export => {
    const exported = good();
    (find(exported, "shop-dev-red-workstation-a").inputs.networkInterfaces as unknown[]).push({
        bridge: 'br0<&">',
    });
    return exported;
};
const run = (options: PlanOptions, rules: readonly Rule[] = reachabilityRules): ReturnType<typeof plan> =>
    plan(options, rules);

test("a good stack is ok: every query proved, the checker agrees", async () => {
    const { report, text } = await run({ file: put("e.json", good()) });
    expect(report).toMatchObject({ ok: true, verdict: "proved", findings: [] });
    expect(text).toContain("the separate checker agrees");
    expect(text).toContain("runtime: not claimed here");
});

test("a private Tor network is named in the report, and the public one is not", async () => {
    const dirAuthorities = ["auth1 orport=5000 no-v2 v3ident=AA 203.0.113.11:7000 BB"];
    const enclaves = [{ name: "red", workstations: [{ name: "a" }] }];
    const { report, text } = await run({
        file: put(
            "e.json",
            exportOf(planOf({ torNetwork: { dirAuthorities }, virt: { type: "qemu" }, enclaves })),
        ),
    });
    expect(report).toMatchObject({ ok: true });
    expect(text).toContain(
        "private Tor network: shop-dev-red-gateway (TestingTorNetwork 1, DirAuthority auth1)",
    );
    expect((await run({ file: put("e.json", good()) })).text).not.toContain("private Tor network");
});

test("ids that are taken from what feeds them are named in the report", async () => {
    const exported = good();
    for (const state of exported.deployment.resources.filter((r) => /volume:|cloudinitDisk:/.test(r.type))) {
        delete state.id;
    }
    const stack = find(exported, "shop-dev-red-workstation-a");
    // Only what is not made yet has inputs that are not known.
    delete stack.outputs;
    stack.inputs.disks = [
        { volumeId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
        { volumeId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
    ];
    expect((await run({ file: put("e.json", exported) })).report.trust).toContainEqual(
        expect.objectContaining({
            layer: "references",
            basis: "assumed",
            detail: expect.stringContaining("2 disks or base") as string,
        }),
    );
});

test("a stack of real resources is read without a problem", async () => {
    const { report } = await run({ file: join(__dirname, "../../fixtures/export.json") });
    expect(report.counts).toMatchObject({ networks: 2, domains: 2 });
    expect(report.findings.filter((f) => f.rule === "INPUT")).toEqual([]);
});

test("a leak: hops, the input, the fix; every format is written and well-formed", async () => {
    const files = {
        sarif: join(folder, "r.sarif"),
        junit: join(folder, "r.xml"),
        markdown: join(folder, "r.md"),
        certificate: join(folder, "c.json"),
    };
    const { report, text } = await run({ file: put("e.json", leaking()), ...files });
    expect(report.ok).toBe(false);
    expect(text).toMatch(/1\. shop-dev-red-workstation-a networkInterfaces\[1\]/);
    expect(text).toContain("networkInterfaces[1].bridge");
    const sarif = JSON.parse(readFileSync(files.sarif, "utf8")) as {
        version: string;
        runs: {
            results: { ruleId: string; ruleIndex: number; locations: unknown[] }[];
            tool: { driver: { rules: { id: string }[] } };
        }[];
    };
    expect(sarif.version).toBe("2.1.0");
    const [first] = sarif.runs;
    expect(first?.results.map((r) => r.ruleId)).toContain("PATH-outside");
    first?.results.forEach((r) => expect(first.tool.driver.rules[r.ruleIndex]?.id).toBe(r.ruleId));
    const junit = readFileSync(files.junit, "utf8");
    expect(XMLValidator.validate(junit)).toBe(true);
    expect(junit).toContain("PATH-outside");
    const markdown = readFileSync(files.markdown, "utf8");
    expect(markdown).toContain("```mermaid\nflowchart LR");
    expect(markdown).not.toContain("br0<&");
    expect(readdirSync(folder).some((name) => name.endsWith(".part"))).toBe(false);
});

test("what the proof rests on stands in every format", async () => {
    const files = {
        sarif: join(folder, "r.sarif"),
        junit: join(folder, "r.xml"),
        markdown: join(folder, "r.md"),
    };
    const { report } = await run({ file: put("e.json", good()), ...files });
    expect(report.trust.length).toBeGreaterThan(3);
    for (const { layer, basis } of report.trust) {
        expect(readFileSync(files.sarif, "utf8")).toContain(`${layer}: ${basis}`);
        expect(readFileSync(files.junit, "utf8")).toContain(
            `<property name="trust: ${layer}" value="${basis}`,
        );
        expect(readFileSync(files.markdown, "utf8")).toContain(`${layer}: **${basis}**`);
    }
    expect(XMLValidator.validate(readFileSync(files.junit, "utf8"))).toBe(true);
});

describe("check-certificate", () => {
    interface Written {
        input: { digest: string };
        edges: unknown[];
        runs: { labels: number[]; claims: string[] }[];
    }
    async function certificate(change: (c: Written) => void = () => undefined): Promise<string> {
        const path = join(folder, "c.json");
        await run({ file: put("e.json", good()), certificate: path });
        const read = JSON.parse(readFileSync(path, "utf8")) as Written;
        change(read);
        return put("c.json", read);
    }

    test("accepts what plan has written, for the input that it was made from", async () => {
        const { ok, text } = await check(await certificate(), { file: join(folder, "e.json") });
        expect(text).toContain("from this very input");
        expect(text).toMatch(/ok: .*PATH-outside/);
        expect(ok).toBe(true);
    });

    test("tells when only the text is another one", async () => {
        const path = await certificate();
        const { ok, text } = await check(path, {
            file: put("again.json", JSON.stringify(good(), undefined, 1)),
        });
        expect(text).toContain("from another text");
        expect(ok).toBe(true);
    });

    test.each<[string, (c: Written) => void, RegExp]>([
        [
            "an edge that was left out",
            (c) => {
                c.edges.pop();
            },
            /its edges are not those of/,
        ],
        [
            "a claim that was left out",
            (c) => {
                c.runs.forEach((r) => {
                    r.claims = r.claims.filter((name) => name !== "PATH-lan");
                });
            },
            /does not claim PATH-lan/,
        ],
        [
            "labels that were changed",
            (c) => {
                c.runs[0]?.labels.fill(-1);
            },
            /does not bear its own label/,
        ],
    ])("refuses %s", async (_title, change, message) => {
        const path = await certificate(change);
        const { ok, text } = await check(path, { file: join(folder, "e.json") });
        expect(text).toMatch(message);
        expect(ok).toBe(false);
    });

    test("refuses a certificate of another stack, and what is none", async () => {
        const path = await certificate();
        expect(await check(path, { file: put("l.json", leaking()) })).toMatchObject({
            ok: false,
            text: expect.stringContaining("another stack") as string,
        });
        await expect(check(put("x.json", { version: 1 }), { file: join(folder, "e.json") })).rejects.toThrow(
            /x\.json is no certificate: classes/,
        );
        await expect(check(put("x.json", "<html>"), { file: join(folder, "e.json") })).rejects.toThrow(
            /x\.json is not JSON/,
        );
    });
});

test("JSON has the checks of every verb, and nothing passes that is not proved", async () => {
    const { report: json } = await run({ file: put("e.json", leaking()) });
    expect(json.ok).toBe(false);
    expect(json.checks.find((c) => c.id === "PATH-outside")).toMatchObject({ status: "fail" });
    expect(json.checks.filter((c) => c.status !== "pass").every((c) => c.fix !== "")).toBe(true);
});

test("--diff says which paths appear and which disappear", async () => {
    const before = put("old.json", (await run({ file: put("e.json", leaking()) })).report);
    const { text } = await run({ file: put("g.json", good()), diff: before });
    expect(text).toContain("- PATH-outside: shop-dev-red-workstation-a -> outside");
    const clean = put("clean.json", (await run({ file: put("g.json", good()) })).report);
    expect((await run({ file: put("e.json", leaking()), diff: clean })).text).toContain(
        "+ PATH-outside: shop-dev-red-workstation-a -> outside",
    );
    expect((await run({ file: put("g.json", good()), diff: clean })).text).toContain(
        "no path appears or disappears",
    );
    // From one bridge to another: the guest reaches the same places by another way.
    const moved = put("m.json", JSON.stringify(leaking()).replaceAll("br0<&", "br1<&"));
    const { text: other } = await run({ file: moved, diff: before });
    expect(other).toMatch(/^\+ PATH-outside: shop-dev-red-workstation-a -> outside: .*br1</m);
    expect(other).toMatch(/^- PATH-outside: shop-dev-red-workstation-a -> outside: .*br0</m);
});

describe("bad input is refused in one line with the fix", () => {
    test.each([
        ["cut off", () => JSON.stringify(good()).slice(0, 5000), /cut off after 5000 characters/],
        ["no text", () => "", /is empty/],
        ["no JSON", () => "<html>", /is not JSON/],
        ["a list", () => "[]", /neither an export nor a preview/],
        ["a preview as export", () => JSON.stringify({ steps: [] }), /no `deployment`/],
        ["no resource", () => JSON.stringify({ version: 3, deployment: {} }), /holds no resource/],
        [
            "another provider",
            () =>
                JSON.stringify({
                    deployment: {
                        resources: [
                            {
                                urn: "urn:pulumi:s::p::aws:s3/bucket:Bucket::b",
                                type: "aws:s3/bucket:Bucket",
                                custom: true,
                            },
                        ],
                    },
                }),
            /no domain and no network of libvirt's; it has resources of aws/,
        ],
        [
            "a resource without a URN",
            () => JSON.stringify({ deployment: { resources: [{ type: "x" }] } }),
            /has no urn/,
        ],
    ])("%s", async (_, text, message) => {
        await expect(run({ file: put("e.json", text()) })).rejects.toMatchObject({
            name: "CliError",
            message: expect.stringMatching(message) as string,
            fix: expect.stringMatching(/\w/) as string,
        });
    });

    test("no file, two sources, an unwritable report, an old report of another kind", async () => {
        await expect(run({ file: join(folder, "none.json") })).rejects.toThrow("there is no file");
        await expect(run({ file: "a", preview: "b" })).rejects.toThrow("exclude each other");
        await expect(run({ live: true, preview: "b" })).rejects.toThrow(
            "--live and --preview exclude each other",
        );
        await expect(run({ file: "a", uri: "qemu:///system" })).rejects.toThrow(
            "--uri is of no use without --live",
        );
        await expect(
            run({ file: put("e.json", good()), sarif: join(folder, "no", "r.sarif") }),
        ).rejects.toThrow("cannot be written");
        await expect(
            run({ file: put("e.json", good()), diff: put("old.json", { version: 99 }) }),
        ).rejects.toThrow("no report of version 2");
    });

    test("unfinished operations are a finding", async () => {
        const exported = { ...good(), deployment: { ...good().deployment, pending_operations: [{}] } };
        expect((await run({ file: put("e.json", exported) })).report).toMatchObject({
            ok: false,
            findings: [
                {
                    rule: "INPUT",
                    verdict: "undecided",
                    fix: expect.stringMatching(/^run `pulumi refresh`, then `pulumi up`/),
                },
            ],
        });
    });

    test.each(["pendingReplacement", "delete"])(
        "so is a resource with %s, which a refresh leaves as it is",
        async (mark) => {
            const exported = good();
            const gone = exported.deployment.resources.find((r) => r.type === "libvirt:index/domain:Domain");
            exported.deployment.resources.push({
                ...gone,
                [mark]: true,
            } as (typeof exported.deployment.resources)[number]);
            const input = (await run({ file: put("e.json", exported) })).report.findings.filter(
                (f) => f.rule === "INPUT" && f.resource === "",
            );
            expect(input).toMatchObject([
                {
                    verdict: "undecided",
                    message: expect.stringContaining("1 resource(s) that await"),
                    fix: expect.stringMatching(/^run `pulumi up`/),
                },
            ]);
        },
    );

    test("an export of 2,048 domains and 53 MiB is answered: every rule runs and every query is proved", async () => {
        const file = put("e.json", exportText(...largeStacks(2048)));
        expect(statSync(file).size).toBeGreaterThan(50 * 1024 * 1024);
        const { report } = await plan({ file });
        expect(report.counts.domains).toBe(2048);
        expect(report.verdict).toBe("proved");
        expect(report.findings.filter((f) => f.message.includes("could not be run"))).toEqual([]);
    }, 300_000);

    describe("100 MB", () => {
        const MB = 1024 * 1024;
        /** An export with a resource more, whose only input is this text. */
        const padded = (text: string): string => {
            const exported = good();
            exported.deployment.resources.push({
                urn: "urn:pulumi:dev::shop::x:y:Z::big",
                type: "x:y:Z",
                custom: true,
                inputs: { blob: "BLOB" },
            });
            return put(
                "e.json",
                JSON.stringify(exported).replace('"BLOB"', () => text),
            );
        };

        test("in one text are read", async () => {
            const file = padded(`"${"x".repeat(100 * MB)}"`);
            expect(statSync(file).size).toBeGreaterThan(100 * MB);
            expect((await run({ file })).report.ok).toBe(true);
        }, 120_000);

        test("of small values are undecided, in one line and little memory", async () => {
            const file = padded(`[{}${",{}".repeat((100 * MB) / 3)}]`);
            const { exitCode, stdout, stderr } = await execa(
                join(projectRoot(), "bin/sallyport"),
                ["plan", "--file", file],
                { reject: false, env: { NODE_OPTIONS: "--max-old-space-size=300" } },
            );
            expect([exitCode, stdout]).toEqual([2, ""]);
            expect(stderr).toMatch(
                /^sallyport: undecided: e\.json holds more than 6000000 values.*; fix: .*$/,
            );
        }, 120_000);

        test("and more than 256 MB are refused unread", async () => {
            const file = put("e.json", {});
            truncateSync(file, 256 * MB + 1);
            await expect(run({ file })).rejects.toThrow(/has 268435457 bytes; at most 268435456 are read/);
        });
    });
});

describe("--policy-config", () => {
    const ID = "PATH-outside[shop-dev-red-workstation-a nic 1 -> outside]";
    const SAYS =
        "shop-dev-red-workstation-a reaches outside (TCP, opening a connection; TCP outside any " +
        "connection; UDP to port 53; …) (digest 3bc4c600685e)";
    const far = "2999-12-31";
    const withConfig = (sallyport: unknown): ReturnType<typeof run> =>
        run({ file: put("e.json", leaking()), policyConfig: put("policy.json", { sallyport }) });
    const accept = (finding: string, expires: string, says = SAYS): unknown => ({
        finding,
        expires,
        says,
        reason: "seen and accepted by the operator",
    });

    test("one finding at a time is accepted, in every format; the others still block", async () => {
        const first = (await run({ file: put("e.json", leaking()) })).report.findings;
        expect(first.find((f) => f.id === ID)).toMatchObject({ message: SAYS });
        const one = await withConfig({ acknowledge: [accept(ID, far)] });
        expect(one.report.ok).toBe(first.length === 1);
        const files = {
            sarif: join(folder, "r.sarif"),
            junit: join(folder, "r.xml"),
            markdown: join(folder, "r.md"),
        };
        const config = { sallyport: { acknowledge: first.map((f) => accept(f.id, far, f.message)) } };
        const { report, text } = await run({
            file: put("e.json", leaking()),
            policyConfig: put("policy.json", config),
            ...files,
        });
        expect(report).toMatchObject({ ok: true, verdict: "refuted" });
        expect(text).toContain("nothing blocks");
        expect(text).toContain("seen and accepted by the operator");
        expect(readFileSync(files.sarif, "utf8")).toMatch(/"suppressions"[\s\S]*"accepted"/);
        expect(readFileSync(files.junit, "utf8")).toContain('failures="0"');
        expect(readFileSync(files.markdown, "utf8")).toContain("acknowledged until 2999");
    });

    test.each<[string, unknown, string, string]>([
        [
            "one that has run out",
            { acknowledge: [accept(ID, "2020-01-01")] },
            "CONFIG-01",
            `acknowledge ${ID}`,
        ],
        [
            "one that matches nothing",
            { acknowledge: [accept("PATH-lan[nobody -> lan]", far)] },
            "CONFIG-01",
            "acknowledge PATH-lan[nobody -> lan]",
        ],
        ["an unknown rule", { levels: { "PATH-outsid": "disabled" } }, "CONFIG-01", "levels.PATH-outsid"],
        [
            "no reason",
            { acknowledge: [{ finding: ID, says: SAYS, expires: far }] },
            "CONFIG-01",
            "acknowledge.0.reason",
        ],
    ])("%s is a finding of its own, and relaxes nothing", async (_, sallyport, rule, subject) => {
        const { report } = await withConfig(sallyport);
        expect(report.ok).toBe(false);
        expect(report.findings.filter((f) => f.rule === rule).map((f) => f.subject)).toContain(subject);
        expect(report.findings.find((f) => f.id === ID)).toMatchObject({ level: "mandatory" });
    });

    test("a file of another kind is refused", async () => {
        for (const content of [
            "null",
            "[]",
            "{",
            { all: "disabled" },
            { sallyport: "advisory" },
            { sallyport: {}, all: "disabled" },
        ]) {
            await expect(
                run({ file: put("e.json", good()), policyConfig: put("policy.json", content) }),
            ).rejects.toMatchObject({
                name: "CliError",
                fix: expect.stringContaining("docs/policies.md") as string,
            });
        }
    });
});

test("networks of one name on two hosts are two: none of them leads to the other", async () => {
    const there = JSON.parse(
        JSON.stringify(good())
            .replaceAll("::dev::", "::far::")
            .replaceAll("pulumi:dev::", "pulumi:far::")
            .replaceAll("qemu:///system", "qemu+ssh://user@192.0.2.9/system"),
    ) as Export;
    const both = good();
    both.deployment.resources.push(...there.deployment.resources);
    const { report } = await run({ file: put("e.json", both) });
    expect(report).toMatchObject({ ok: true, counts: { networks: 4, domains: 4 } });
    // A NIC with the other host's network's name finds its own host's, or none.
    const lost = good();
    lost.deployment.resources.push(...there.deployment.resources.filter((r) => !r.urn.endsWith("-isolated")));
    const alone = await run({ file: put("e.json", lost) });
    expect(alone.report.ok).toBe(false);
    expect(alone.text).toContain("not declared here");
    // On one host, two of one name can't both be right.
    const twice = JSON.parse(
        JSON.stringify(both).replaceAll("qemu+ssh://user@192.0.2.9/system", "qemu:///system"),
    ) as Export;
    expect((await run({ file: put("e.json", twice) })).report.ok).toBe(false);
});

test("an encrypted seed is undecided, and what is encrypted is not shown", async () => {
    const exported = good();
    find(exported, "shop-dev-red-gateway-seed").inputs.userData = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "v1:SECRETSECRET",
    };
    const { report, text } = await run({ file: put("e.json", exported) });
    expect(report.verdict).toBe("undecided");
    expect(text).not.toContain("SECRETSECRET");
});

describe("previews", () => {
    const preview = (exported: Export, more: Record<string, unknown> = {}): unknown => ({
        steps: exported.deployment.resources.map((r) => ({ op: "create", urn: r.urn, newState: r })),
        changeSummary: { create: exported.deployment.resources.length },
        ...more,
    });

    test("a good one is ok", async () => {
        expect((await run({ preview: put("p.json", preview(good())) })).report.ok).toBe(true);
    });

    test("one that leaves unchanged resources out is refused", async () => {
        await expect(
            run({ preview: put("p.json", preview(good(), { changeSummary: { create: 9, same: 40 } })) }),
        ).rejects.toMatchObject({ fix: expect.stringContaining("--show-sames") as string });
    });

    test("one that ended with an error is a finding", async () => {
        const { report } = await run({
            preview: put(
                "p.json",
                preview(good(), { diagnostics: [{ severity: "error", message: "boom" }] }),
            ),
        });
        expect(report).toMatchObject({ ok: false, findings: [{ rule: "INPUT" }] });
    });

    test("secrets are masked there: what they hide is undecided", async () => {
        const exported = good();
        find(exported, "shop-dev-red-gateway-seed").inputs.userData = "[secret]";
        expect((await run({ preview: put("p.json", preview(exported)) })).report.verdict).toBe("undecided");
    });
});

test("without rules nothing is ok", async () => {
    expect((await run({ file: put("e.json", good()) }, [])).report.ok).toBe(false);
});

test("the verb has its options", () => {
    expect(planCommand().options.map((o) => o.long)).toEqual([
        "--json",
        "--stack",
        "--file",
        "--preview",
        "--live",
        "--uri",
        "--sarif",
        "--junit",
        "--markdown",
        "--certificate",
        "--policy-config",
        "--diff",
    ]);
});
