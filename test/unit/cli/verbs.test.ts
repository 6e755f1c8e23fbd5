/** Every verb by its exit status, and what it prints with `--json` then: one envelope. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main, program } from "../../../cli/main";
import type * as Reachability from "../../../policy/reachability-rules";
import { exportOf, find, planOf } from "../../support/stacks";
import { fakeVirsh } from "../../support/fake-virsh";
import { printed } from "../../support/printed";

let root = "";
jest.mock("../../../util/root", () => ({ projectRoot: () => root }));
// The exports of test/support are as the proof reads them, not as every rule does.
jest.mock("../../../policy/registry", () => ({
    rules: jest.requireActual<typeof Reachability>("../../../policy/reachability-rules").reachabilityRules,
}));

const UUID = "4c4c4544-0042-3510-8052-b4c04f4e3232";
const CONFIG = { enclaves: [{ name: "red", workstations: [{ name: "a" }] }] };
const sum = createHash("sha256").update("image").digest("hex");
const at = ["--uri", "qemu:///system"];
const volume = [...at, "--pool", "p", "--volume", "v"];
const gate = [...volume, "--domain", "d", "--timeout", "1"];
const filter = [...at, "--name", "n"];
/** Relative to the test's folder. */
const image = (digest: string): string[] => ["--image", "img", "--sha256", digest];

/** Of a state: a Workstation's home, and the pool that it is in. */
const KEPT = [
    {
        urn: "urn:pulumi:dev::shop::libvirt:index/pool:Pool::shop-dev-red-data",
        type: "libvirt:index/pool:Pool",
        inputs: { name: "shop-dev-red-data", target: { path: "/var/lib/libvirt/images/shop-dev-red-data" } },
    },
    {
        urn: "urn:pulumi:dev::shop::sallyport:index:Workstation::shop-dev-red-workstation-a",
        type: "sallyport:index:Workstation",
        inputs: { role: "workstation", enclave: "red" },
    },
    {
        urn: "urn:pulumi:dev::shop::v::shop-dev-red-workstation-a-home",
        type: "libvirt:index/volume:Volume",
        parent: "urn:pulumi:dev::shop::sallyport:index:Workstation::shop-dev-red-workstation-a",
        protect: true,
        inputs: { name: "shop-dev-red-workstation-a-home", pool: "shop-dev-red-data", size: 2 ** 33 },
    },
];

/** What libvirt answers: nothing, an object that no state has, no answer. */
type Libvirt = "empty" | "orphan" | "down";
const ORPHAN = `${UUID} shop-dev-old-isolated`;

const TABLE: readonly (readonly [status: 0 | 1 | 2, argv: readonly string[], libvirt?: Libvirt])[] = [
    [0, ["plan"]],
    [0, ["plan", "--file", "good.json"]],
    [1, ["plan", "--file", "leaking.json"]],
    [2, ["plan", "--file", "nowhere.json"]],
    [2, ["plan", "--live"], "down"],
    [2, ["plan", "--stack", "bare"]],
    [2, ["plan", "--stack", "other/project/dev"]],
    [0, ["check-certificate", "proof.json"]],
    [1, ["check-certificate", "proof.json", "--file", "leaking.json"]],
    [2, ["check-certificate", "good.json"]],
    [0, ["render", "red", "--out", "new"]],
    [2, ["render", "blue", "--out", "new"]],
    [2, ["render", "red", "--out", "new", "--stack", "bare"]],
    [0, ["orphans"], "empty"],
    [1, ["orphans"], "orphan"],
    [2, ["orphans"], "down"],
    [2, ["orphans", "--stack", "dve"]],
    [0, ["image", "list"]],
    [0, ["image", "use", "abcdef"]],
    [2, ["image", "use", "abc"]],
    [2, ["image", "use", "--stack", "dve"]],
    [2, ["image", "outdated"]],
    [1, ["image", "outdated", "--stack", "old"]],
    [2, ["status"], "down"],
    [2, ["start", "rde"]],
    [2, ["start"], "down"],
    [2, ["stop", "red/b"]],
    [2, ["restart", "red/b"]],
    [2, ["guest-id"]],
    [2, ["stop-guest"]],
    [2, ["start-pools"], "down"],
    [2, ["console", "red/a"]],
    [0, ["unit", "show"]],
    [2, ["unit", "show", "--install", "--remove"]],
    [2, ["unit", "install", "--stack", "bare"]],
    [2, ["unit", "remove", "--stack", "bare"]],
    [2, ["backup", "--out", "out", "--passphrase-file", "none"]],
    [2, ["restore", "none"]],
    [2, ["repair"], "down"],
    [2, ["repair", "rde"]],
    [0, ["workstation", "list"]],
    [0, ["workstation", "add", "red/b"]],
    [0, ["workstation", "remove", "red/a"]],
    [2, ["workstation", "add", "red/a"]],
    [2, ["workstation", "remove", "red/b"]],
    [2, ["workstation", "list", "--stack", "bare"]],
    [1, ["lab", "status"]],
    [2, ["lab", "begin"]],
    [2, ["demo", "--up"]],
    [0, ["verify-image", ...image(sum)]],
    [1, ["verify-image", ...image("0".repeat(64))]],
    [2, ["verify-image", ...image("0")]],
    [0, ["clock-offset", "--window", "10"]],
    [2, ["clock-offset", "--window", "1"]],
    [0, ["check-host", ...at, "--host", `${UUID}/system`], "empty"],
    [1, ["check-host", ...at, "--host", `${UUID.replace("4c", "5c")}/system`], "empty"],
    [2, ["check-host", ...at, "--host", `${UUID}/system`], "down"],
    [2, ["check-host"]],
    [0, ["check-settings"]],
    [2, ["check-settings", "--stack", "bare"]],
    [0, ["check-data", "--command", "destroy", "--state", "good.json"]],
    [0, ["check-data", "--command", "up", "--state", "kept.json"]],
    [1, ["check-data", "--command", "destroy", "--state", "kept.json"]],
    [2, ["check-data", "--command", "destroy", "--state", "img"]],
    [2, ["check-data", "--command", "destroy", "--state", "nowhere.json"]],
    [2, ["changes", "--stack", "nowhere"]],
    [2, ["changes", "--state", "nowhere.json"]],
    [2, ["resize", "red/a", "16GiB"], "down"],
    [2, ["resize", "red/a", "16"]],
    [2, ["resize", "red/b", "16GiB"]],
    [0, ["clear-status", ...volume], "empty"],
    [2, ["clear-status", ...volume], "down"],
    [2, ["wait-ready", ...gate], "down"],
    [2, ["define-filter", ...filter, "--rules", "0"], "empty"],
    [0, ["remove-filter", ...filter], "empty"],
    [2, ["remove-filter", ...filter], "down"],
    [2, ["wipe", ...volume, "--domain", "d"], "down"],
];

/** What it says, and the line that is to be pasted. */
const FIXES: readonly (readonly [argv: string, message: string, fix: string])[] = [
    [
        "plan --stack fresh",
        "stack fresh has no resources yet",
        "bin/pulumi preview --json --show-sames --stack fresh > preview.json && bin/sallyport plan --preview preview.json",
    ],
    ["plan --file none.json", "there is no file none.json", "bin/pulumi stack export > none.json"],
    [
        "plan --preview none.json",
        "there is no file none.json",
        "bin/pulumi preview --json --show-sames > none.json",
    ],
    [
        "plan --live --uri test:///default",
        '--uri: got "test:///default"; allowed: ',
        "bin/sallyport plan --live --uri qemu:///system",
    ],
    [
        "check-certificate none.json --stack dev",
        "there is no file none.json",
        "bin/sallyport plan --stack dev --certificate none.json",
    ],
    ["render ree", "there is no enclave ree; the nearest is red", "bin/sallyport render red --out out/"],
    ["render red gatway", "there is no role gatway", "bin/sallyport render red gateway --out out/"],
    ["render red gateway", "--out DIR is missing", "bin/sallyport render red gateway --out out/"],
    ["console red/aa", "there is no guest red/aa; the nearest is red/a", "bin/sallyport console red/a"],
];

interface Envelope {
    readonly ok: boolean;
    readonly checks: Readonly<Record<string, string>>[];
    readonly error?: { readonly message: string; readonly fix: string };
}

describe("every verb", () => {
    const answer = fakeVirsh();
    const folder = process.cwd();
    const said = printed();
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "verbs-"));
        process.chdir(root);
        process.env["SALLYPORT_LAB_DIR"] = join(root, "lab");
        const good = exportOf(planOf(CONFIG));
        const leaking = exportOf(planOf(CONFIG));
        (find(leaking, "shop-dev-red-workstation-a").inputs.networkInterfaces as unknown[]).push({
            bridge: "br0",
        });
        writeFileSync("good.json", JSON.stringify({ deployment: { manifest: {}, ...good.deployment } }));
        writeFileSync("leaking.json", JSON.stringify(leaking));
        writeFileSync("kept.json", JSON.stringify({ deployment: { manifest: {}, resources: KEPT } }));
        writeFileSync("img", "image");
        writeFileSync("Pulumi.yaml", "name: shop\n");
        writeFileSync(
            "Pulumi.dev.yaml",
            JSON.stringify({ config: { "sallyport:enclaves": CONFIG.enclaves } }),
        );
        const sha256 = "abcdef".padEnd(64, "0");
        const manifest = {
            ...{ file: "sallyport-0a.qcow2", sha256, sizeBytes: 1, suite: "trixie", kernel: "6.12" },
            packages: [{ name: "tor", version: "0.4.8" }],
        };
        mkdirSync(".image");
        writeFileSync(".image/sallyport-0a.json", JSON.stringify(manifest));
        writeFileSync(".image/sallyport-0a.qcow2", "x");
        writeFileSync("Pulumi.old.yaml", JSON.stringify({ config: { "sallyport:image": sha256 } }));
        mkdirSync("image/lib", { recursive: true });
        writeFileSync("image/lib/available", "#!/bin/sh\necho tor 0.4.9\n", { mode: 0o755 });
        mkdirSync("bin");
        writeFileSync(
            "bin/pulumi",
            `#!/bin/sh
case "$*" in
"stack ls"*) echo '[{"name":"dev","current":true,"resourceCount":9},{"name":"bare","resourceCount":2},{"name":"fresh","resourceCount":0}]' ;;
"stack export --stack fresh"*) echo '{"version":3,"deployment":{}}' ;;
"stack export --stack dev"*) cat good.json ;;
*) exit 9 ;;
esac
`,
            { mode: 0o755 },
        );
    });
    afterEach(() => {
        delete process.env["SALLYPORT_LAB_DIR"];
        process.chdir(folder);
        rmSync(root, { recursive: true });
    });

    const rows = TABLE.map(([status, argv, libvirt = "down"]) => ({ status, argv, libvirt }));
    test.each(rows)("exits with $status: $argv (libvirt: $libvirt)", async ({ status, argv, libvirt }) => {
        if (libvirt === "down") {
            answer({}, "echo 'error: failed to connect to the hypervisor' >&2; exit 1");
        } else {
            answer(
                {
                    capabilities: `echo '<capabilities><host><uuid>${UUID}</uuid></host></capabilities>'`,
                    ...(libvirt === "orphan" ? { "nwfilter-list": `echo '${ORPHAN}'` } : {}),
                },
                ":",
            );
        }
        if (argv[0] === "check-certificate") {
            await main(["plan", "--certificate", "proof.json"]);
            [said.stdout, said.stderr] = ["", ""];
            process.exitCode = undefined;
        }
        const got = await main([...argv, "--json"]);
        expect([got, said.stderr]).toEqual([status, said.stderr]);
        const { ok, checks, error } = JSON.parse(said.stdout) as Envelope;
        expect([ok, error !== undefined]).toEqual([status === 0, status === 2]);
        if (error !== undefined) {
            expect([checks, typeof error.message, typeof error.fix]).toEqual([[], "string", "string"]);
            expect(said.stderr).toMatch(/(^|\n)sallyport: [^\n]+\n$/);
        } else {
            expect(checks.length).toBeGreaterThan(0);
        }
        for (const check of checks) {
            expect(Object.keys(check).sort()).toEqual(["detail", "fix", "id", "status", "title"]);
        }
    });

    test.each(FIXES)("names the fix: %s", async (argv, message, fix) => {
        answer({}, "echo 'libvirt was asked' >&2; exit 1");
        expect(await main(argv.split(" "))).toBe(2);
        expect(said.stderr).toContain(message);
        expect(said.stderr).toMatch(/^sallyport: [^\n]+\n$/);
        expect(said.stderr.trimEnd().split("; fix: ")[1]).toBe(fix);
    });

    test("tells each problem of a configuration in a line of its own", async () => {
        const config = { "sallyport:virt": { cpu: "x" }, "sallyport:enclaves": [{ name: "A" }] };
        writeFileSync("Pulumi.dev.yaml", JSON.stringify({ config }));
        expect(await main(["render", "red", "--out", "new"])).toBe(2);
        const [head, ...lines] = said.stderr.trimEnd().split("\n");
        expect(head).toBe("sallyport: The stack's configuration cannot be used:");
        expect(lines.sort()).toEqual([
            expect.stringMatching(
                /^ {2}- sallyport:enclaves\[0\]\.name: got "A"; allowed: .*; fix: bin\/pulumi config set /,
            ),
            expect.stringMatching(/^ {2}- sallyport:virt\.cpu: got "x"; .*; fix: call it cpuModel /),
        ]);
    });

    test("render shows that --out is required", async () => {
        expect(await main(["help", "render"])).toBe(0);
        expect(said.stdout).toMatch(/^Usage: sallyport render --out <dir> \[options\] <enclave> \[role\]$/m);
        expect(said.stdout).toMatch(/--out <dir> +required: /);
    });

    test("is in the table", () => {
        const verbs = program().commands.map((verb) => verb.name());
        expect([...new Set(TABLE.map(([, [verb]]) => verb))].sort()).toEqual(verbs.sort());
    });
});
