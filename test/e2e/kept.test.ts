/**
 * What is kept of an enclave: a file in a home and tor's guards, through settings, seeds, an image, a larger root, a
 * sibling that comes and goes, and a larger volume; and what it takes to let them go. Guards are compared by a digest
 * with a salt of this run, never by their names.
 */
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import assert from "../support/assert";
import { labStackConfig, planOf, type StackSettings } from "../../cli/live/lab-stack-config";
import { type RunResult, runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { openShell } from "../../cli/guest-shell";
import { currentImage, imageFolder } from "../../components/image-manifest";
import { mustVirsh } from "../../libvirt/client";
import type { EnclavePlan } from "../../plan/plan";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { LIMIT, inLab, lab, root, say, stack, work } from "./support/world";

inLab();
describe("What is kept", () => {
    let session: StackSession;
    let empty: Inventory;
    let plan: EnclavePlan;
    let guards: string;
    const salt = randomBytes(16);
    const word = randomBytes(8).toString("hex");
    const HOME = { sizeGiB: 2, paths: ["/srv/work"] };
    const backup = join(work, "only.backup");
    const passphrase = join(work, "backup-passphrase");

    /** Nothing may be lost, but for what a test allows. */
    const settings = (
        enclave: object = {},
        workstations: readonly object[] = [{ name: "ws1", home: HOME }],
        more: object = {},
    ): StackSettings => ({
        ...labStackConfig(lab()),
        allowDataLoss: [],
        enclaves: [{ name: "only", gateway: { readyTimeoutSeconds: LIMIT.up }, workstations, ...enclave }],
        ...more,
    });
    beforeAll(async () => {
        empty = await inventory();
        session = stack("kept");
        await session.init(settings());
        const [enclave] = planOf("e2e-kept", settings()).enclaves;
        assert.ok(enclave);
        plan = enclave;
    });
    afterAll(() => session.forget());

    const virsh = (...args: string[]): Promise<string> => mustVirsh(lab().uri, args, 120_000);
    const sallyport = (...args: string[]): Promise<RunResult> =>
        runToEnd(`${root}/bin/sallyport`, [...args, "--stack", "e2e-kept"], {
            cwd: root,
            timeoutSeconds: LIMIT.up,
            env: session.environment,
            onLine: say,
        });
    const pulumi = (...args: string[]): Promise<RunResult> =>
        session.run([...args, "--yes", "--skip-preview"], { timeoutSeconds: 2 * LIMIT.up });
    const uuid = async (domain: string): Promise<string> => (await virsh("domuuid", domain)).trim();
    const workstation = (): string => plan.workstations[0]?.domain ?? "";
    async function inside(script: string): Promise<string> {
        const shell = await openShell({ uri: lab().uri, domain: workstation(), timeoutSeconds: LIMIT.shell });
        try {
            const { status, output } = await shell.run(script, 60);
            assert.equal(status, 0, output);
            return output.trim();
        } finally {
            await shell.close();
        }
    }
    const files = (): Promise<string> => inside("cat ~/notes /srv/work/notes");
    /** Of the volume as it is now: tor writes its state now and then, and when it is stopped. */
    async function guardsNow(): Promise<string> {
        const { state } = plan.gateway;
        assert.ok(state);
        const copy = join(work, "state.raw");
        await virsh("vol-download", "--sparse", "--pool", plan.dataPool.name, state.volume, copy);
        const read = await runToEnd("debugfs", ["-R", "cat tor/state", copy], {
            cwd: work,
            timeoutSeconds: 60,
        });
        rmSync(copy);
        const ids = [...read.output.matchAll(/^Guard .*?\brsa_id=([0-9A-F]{40})\b/gm)].map(([, id]) => id);
        assert.ok(ids.length > 0, "tor's state names no guard");
        return createHash("sha256").update(salt).update(ids.sort().join(" ")).digest("hex");
    }
    /** What the settings become leaves both as they were. */
    async function survives(next: StackSettings): Promise<string> {
        session.configure(next);
        const run = await pulumi("up");
        succeeded(run);
        assert.equal(await files(), `${word}\n${word}`);
        assert.equal(await guardsNow(), guards);
        return run.output;
    }

    it("a stopped Gateway's volume holds its guards, a home what was written there", async () => {
        succeeded(await pulumi("up"));
        await inside(`echo ${word} > ~/notes && echo ${word} > /srv/work/notes && sync`);
        succeeded(await sallyport("stop"));
        guards = await guardsNow();
        writeFileSync(passphrase, `${word}\n`, { mode: 0o600 });
        const made = await sallyport("backup", "--out", backup, "--passphrase-file", passphrase);
        succeeded(made);
        assert.match(made.output, /read back: every hash holds/);
        succeeded(await sallyport("start"));
        assert.equal(await files(), `${word}\n${word}`);
        const another = join(work, "another.backup");
        failedWith(
            await sallyport("backup", "--out", another, "--passphrase-file", passphrase),
            /is running/,
            /fix: bin\/sallyport stop only/,
        );
        assert.ok(!existsSync(another));
    });

    it("new seeds for both, a larger root and a Workstation more leave them", async () => {
        const before = await Promise.all([uuid(plan.gateway.domain), uuid(workstation())]);
        await survives(
            settings({ transparentProxy: false }, [
                { name: "ws1", address: "10.152.152.11", root: { sizeGiB: 6 }, home: HOME },
                { name: "ws2", address: "10.152.152.12", home: false },
            ]),
        );
        const after = await Promise.all([uuid(plan.gateway.domain), uuid(workstation())]);
        assert.ok(before.every((id, i) => id !== after[i]));
        assert.match(await inside("df --output=size -BG / | tail -n 1"), /^[56]G$/);
    });

    it("another image and a Workstation less leave them", async () => {
        const image = currentImage(root);
        assert.ok(image);
        const other = join(work, "other.qcow2");
        copyFileSync(join(imageFolder(root), image.file), other);
        appendFileSync(other, Buffer.alloc(65536)); // behind all that QEMU reads: the same disk, another file
        const manifest = join(work, "other.json");
        const sha256 = createHash("sha256").update(readFileSync(other)).digest("hex");
        writeFileSync(
            manifest,
            JSON.stringify({ ...image, file: other, sha256, sizeBytes: image.sizeBytes + 65536 }),
        );
        const before = await uuid(workstation());
        await survives(settings({ transparentProxy: false }, undefined, { image: manifest }));
        assert.notEqual(await uuid(workstation()), before);
        session.configure(settings({ transparentProxy: false }));
        succeeded(await pulumi("up"));
    });

    it("a home grows by the verb, and keeps what is in it; smaller is refused", async () => {
        failedWith(await sallyport("resize", "only/ws1", "1GiB"), /only\/ws1/, /fix: /);
        succeeded(await sallyport("resize", "only/ws1", "3GiB"));
        succeeded(await sallyport("restart", "only/ws1"));
        assert.equal(await files(), `${word}\n${word}`);
        const size = Number(/\d+/.exec(await inside("df --output=size -BM ~ | tail -n 1"))?.[0]);
        assert.ok(size > 2600, `${size} MiB`);
    });

    it("what is kept goes only where the settings name its guest: Workstation, then the whole stack", async () => {
        const settled = (allowed: readonly string[], workstations: readonly object[]): void =>
            session.configure({ ...settings({}, workstations), allowDataLoss: allowed });
        const home = plan.workstations[0]?.home?.volume ?? "";
        const kept = async (): Promise<boolean> =>
            (await virsh("vol-list", plan.dataPool.name)).includes(home);
        settled([], []);
        failedWith(
            await pulumi("up"),
            /up would delete the home of only\/ws1/,
            /fix: .*config set --stack e2e-kept --path 'sallyport:allowDataLoss\[0\]' only\/ws1/,
        );
        failedWith(
            await pulumi("destroy"),
            /destroy would delete .*home of only\/ws1/,
            /tor state .*only\/gateway/,
        );
        assert.ok(await kept());
        assert.equal(await files(), `${word}\n${word}`);
        settled(["only/ws1"], []);
        succeeded(await pulumi("up"));
        assert.ok(!(await kept()));
        failedWith(await pulumi("destroy"), /destroy would delete .*only\/gateway/);
        settled(["only/ws1", "only/gateway"], []);
        succeeded(await pulumi("destroy"));
        assert.deepEqual(await inventory(), empty);
    });
});
