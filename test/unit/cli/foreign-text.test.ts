/**
 * Names, values and messages of a stack are another's: no line of a report, and no markup in it, is
 * theirs.
 */
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decoded, fileText } from "../../../cli/plan-input";
import { plan } from "../../../cli/plan";
import { modelOfExport } from "../../../model/adapters";
import { parseXml } from "../../../model/adapters/xml";
import { parseCpuset } from "../../../values/cpuset";
import { asciiJson, oneLine } from "../../../util/one-line";
import { junitReport, makeReport, markdownReport, sarifReport, textReport } from "../../../report";
import { rules } from "../../../policy/registry";
import { exportOf, planOf, type State } from "../../support/stacks";

jest.setTimeout(300_000);

const BREAKS = [
    "\n",
    "\r",
    "\u2028",
    "\u2029",
    "\u0085",
    "\u000b",
    "\u000c",
    "\u001b[2K",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u3164",
    "##[error]",
    "`",
    "|",
    "<b>",
    "```\n",
    "@everyone",
    "\ud800",
];
const foreign = fc
    .array(
        fc.oneof(
            fc.constantFrom(...BREAKS),
            fc.string({ unit: "binary", maxLength: 6 }),
            fc.constant("ok: every rule holds"),
        ),
        { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join(""));
const exportWith = (name: string): string =>
    JSON.stringify({
        version: 3,
        deployment: {
            resources: [
                {
                    urn: "urn:pulumi:d::p::pulumi:providers:libvirt::lab",
                    type: "pulumi:providers:libvirt",
                    custom: true,
                    id: "1",
                    inputs: { uri: name },
                },
                {
                    urn: `urn:pulumi:d::p::libvirt:index/network:Network::${name}`,
                    type: "libvirt:index/network:Network",
                    custom: true,
                    id: "n",
                    provider: "urn:pulumi:d::p::pulumi:providers:libvirt::lab::1",
                    inputs: { name, mode: "nat", bridge: name },
                },
                {
                    urn: `urn:pulumi:d::p::libvirt:index/domain:Domain::${name}`,
                    type: "libvirt:index/domain:Domain",
                    custom: true,
                    id: "d",
                    provider: "urn:pulumi:d::p::pulumi:providers:libvirt::lab::1",
                    inputs: {
                        name,
                        type: name,
                        emulator: name,
                        networkInterfaces: [{ networkName: name, mac: name }],
                        disks: [{ file: name }],
                    },
                },
            ],
        },
    });

/** Lines begin as ours do, whatever the stack is called. */
const TEXT =
    /^(|Plan of |FAIL |note | {5,7}\S|Reachability| {2}|Certificate:|It rests on:|ok: |not ok: |… and )/;

test("text is one line, and what cannot be seen is written out", () => {
    fc.assert(
        fc.property(foreign, (text) => {
            expect(oneLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|##\w*\[/u);
            expect(JSON.parse(asciiJson(JSON.stringify(text)))).toBe(text);
            expect(asciiJson(JSON.stringify(text))).toMatch(/^[\x20-\x7e]*$/);
        }),
    );
    expect(oneLine("red-gateway nic 0: „é“ → 10.0.0.1")).toBe("red-gateway nic 0: „é“ → 10.0.0.1");
});

test("no line of a report begins with what a stack brought", () => {
    fc.assert(
        fc.property(foreign, (name) => {
            const model = modelOfExport(exportWith(name), "x");
            const { report } = makeReport(model, rules, name, { config: undefined });
            expect(report.ok).toBe(false);
            const text = textReport(report).split(/[\n\r\u2028\u2029\u0085]/);
            expect(text.filter((line) => !TEXT.test(line))).toEqual([]);
            expect(text.filter((line) => line.startsWith("ok: "))).toEqual([]);
            for (const whole of [
                textReport(report),
                junitReport(report),
                markdownReport(report, model),
                sarifReport(report, "1"),
            ]) {
                expect(whole.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
            }
            expect(junitReport(report)).not.toContain("<b>");
            const markdown = markdownReport(report, model).replace(/```mermaid[^]*?\n```/, "");
            expect(markdown).not.toMatch(/(?<!\\)<b>|@everyone|(?<!\\)`{3}/);
            JSON.parse(sarifReport(report, "1"));
        }),
        { numRuns: 40 },
    );
});

describe("bad input is one clear line, or a finding", () => {
    const folder = mkdtempSync(join(tmpdir(), "bad-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    const good = exportWith("lab");
    const write = (content: string | Uint8Array): string => {
        const path = join(folder, "export.json");
        writeFileSync(path, content);
        return path;
    };

    test("byte order marks are read", async () => {
        const swapped = Buffer.from(`\ufeff${good}`, "utf16le").swap16();
        for (const content of [`\ufeff${good}`, Buffer.from(`\ufeff${good}`, "utf16le"), swapped]) {
            expect(await fileText(write(content))).toBe(good);
        }
        expect(() => decoded(Uint8Array.from([0xff, 0xfe, 0x00]), "x")).toThrow("is no text in UTF-16LE");
        expect(() => decoded(Uint8Array.from([0xc3, 0x28]), "x")).toThrow("is no text in UTF-8");
    });

    test("what nests 20,000 deep is a finding", async () => {
        const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
        const { report } = await plan({
            file: write(
                good.replace(
                    '"type":"lab"',
                    `"type":"kvm","xml":${deep},"metadata":${deep.replaceAll("[", '{"a":').replaceAll("]", "}").replace('{"a":}', '{"a":1}')}`,
                ),
            ),
        });
        expect(report.ok).toBe(false);
        await expect(plan({ file: write(deep) })).rejects.toThrow(/export/);
    });

    test.each([undefined, "", "0.99.0", "latest", 7, null, {}, ["0.8.3"]])(
        "a provider's version %j excuses nothing",
        async (version) => {
            const verdict = async (change: (resources: State[]) => void): Promise<unknown> => {
                const exported = exportOf(planOf({ enclaves: [{ name: "red" }] }));
                const [provider] = exported.deployment.resources;
                Object.assign(provider?.inputs ?? {}, { version, __internal: { version } });
                change(exported.deployment.resources);
                const { report } = await plan({ file: write(JSON.stringify(exported)) });
                return report.verdict;
            };
            expect(await verdict(() => undefined)).toBe("proved");
            expect(
                await verdict((resources) => {
                    const isolated = resources.find((r) => r.urn.endsWith("-isolated"));
                    Object.assign(isolated?.inputs ?? {}, { mode: "nat", xml: undefined });
                }),
            ).toBe("refuted");
        },
    );

    test("XML", () => {
        const at = { resource: "domain x", path: "" };
        expect(() => parseXml(`${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}`, at)).toThrow(
            /undecided|depth|nest/i,
        );
        expect(() => parseXml('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', at)).toThrow("document type");
    });

    test("sixty thousand ranges of processors", () => {
        expect(() => parseCpuset(Array.from({ length: 60_000 }, () => "0-8191").join())).toThrow(RangeError);
        expect(parseCpuset(Array.from({ length: 8192 }, () => "0-8191").join())).toHaveLength(8192);
        expect(parseCpuset("2-5,^4,8")).toEqual([2, 3, 5, 8]);
    });
});
