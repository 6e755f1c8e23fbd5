/** What `make demo` and `make demo-down` run, as people run it, in a lab folder that is its own. */
import assert from "../support/assert";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { DemoResult } from "../../cli/demo/result";
import { mustVirsh } from "../../libvirt/client";
import { readLab } from "../../lab/info";
import { readWebLog } from "../../lab/weblog";
import { readPcap } from "../../capture/pcap";
import { type Footprint, footprint, leftOf } from "../lab/machine";
import { made } from "../support/sandbox/sandbox";
import { root, say } from "./support/world";

const dir = join(root, ".lab", "e2e-demo");
const LIMIT_SECONDS = { up: 600, down: 240 };

/**
 * Runs bin/sallyport demo in that folder: its report on standard output, what it tells people on standard
 * error.
 */
async function demoCommand(
    args: readonly string[],
    seconds: number,
): Promise<{ report: DemoResult; told: string }> {
    const r = await execa(join(root, "bin/sallyport"), ["demo", "--json", ...args], {
        env: { SALLYPORT_LAB_DIR: dir },
        reject: false,
        timeout: seconds * 1000,
        forceKillAfterDelay: 30_000,
        stdin: "ignore",
    });
    assert.equal(r.exitCode, 0, `${r.timedOut ? "it did not end" : "it failed"}:\n${r.stderr}\n${r.stdout}`);
    return { report: JSON.parse(r.stdout) as DemoResult, told: r.stderr };
}

/** Pulumi's files of demos' stacks in the project's folder, with their content. */
const settingsFiles = (): Map<string, string> =>
    new Map(
        readdirSync(root)
            .filter((name) => /^Pulumi\.demo.*\.yaml$/.test(name))
            .map((name) => [name, readFileSync(join(root, name), "utf8")]),
    );

describe("Demo", () => {
    // Another user may have a demo of their own.
    let theirs = new Map<string, string>();
    let seen: Footprint | undefined;
    beforeAll(() => {
        made("lab", dir);
        theirs = settingsFiles();
    });

    it("brings up lab and enclave, fetches pages through Tor, finds no leak and says all that", async () => {
        const { report, told } = await demoCommand([], LIMIT_SECONDS.up);
        seen = footprint(dir);
        assert.deepEqual(JSON.parse(readFileSync(join(dir, "demo.json"), "utf8")), report);
        assert.deepEqual(
            [report.ok, ...report.checks.map(({ id, status }) => `${id} ${status}`)],
            [true, "demo.fetch.transport pass", "demo.fetch.socksport pass", "demo.leaks pass"],
        );

        // Who fetched, by the web server's own book.
        const lab = readLab(dir);
        const pages = readWebLog(lab.web.log).filter(
            (entry) => entry.kind === "http" && /^\/(transport|socksport)-/.test(entry.path ?? ""),
        );
        assert.deepEqual(
            report.fetched.map(({ way, ok, anonymous }) => ({ way, ok, anonymous })),
            [
                { way: "TransPort", ok: true, anonymous: true },
                { way: "SocksPort", ok: true, anonymous: true },
            ],
        );
        assert.deepEqual(
            report.fetched.flatMap((f) => f.seenFrom),
            pages.map((entry) => entry.src),
        );
        const exits = lab.relays.filter((relay) => relay.kind === "exit").map((relay) => relay.address);
        assert.deepEqual(
            pages.filter((entry) => !exits.includes(entry.src)),
            [],
        );

        assert.deepEqual([report.leaks.findings, report.leaks.problems], [[], []]);
        assert.equal(report.leaks.frames, readPcap(readFileSync(join(dir, "demo", "external.pcap"))).length);
        assert.ok(report.leaks.frames > 0);

        assert.equal(report.uri, lab.uri);
        const domains = [report.domains.gateway, ...report.domains.workstations].sort();
        assert.equal(domains.length, 2);
        assert.deepEqual((await mustVirsh(lab.uri, ["list", "--name"])).trim().split("\n").sort(), domains);
        assert.deepEqual(report.memory.map((m) => m.domain).sort(), domains);
        report.memory.forEach((m) => assert.ok(m.guestMiB === 256 && m.residentMiB > 0, JSON.stringify(m)));

        for (const phase of [
            "Lab: libvirt and a private Tor network",
            "pulumi up",
            "Workstation's console answers",
            "Page through TransPort",
            "Page through SocksPort",
        ]) {
            assert.ok(
                (report.phases.find((p) => p.name === phase)?.seconds ?? 0) > 0,
                `no time for ${phase}`,
            );
            assert.ok(told.includes(phase), `${phase} was not told:\n${told}`);
        }
        say(`      ${report.phases.map((p) => `${p.name} ${p.seconds.toFixed(0)} s`).join(", ")}`);
    });

    it("demo --down leaves nothing", async () => {
        const { report } = await demoCommand(["--down"], LIMIT_SECONDS.down);
        assert.deepEqual(
            report.checks.map(({ id, status, detail }) => ({ id, status, detail })),
            [{ id: "demo.removed", status: "pass", detail: "nothing is left" }],
        );
        assert.ok(seen, "no demo was seen");
        assert.ok(seen.processes.length > 9, "the lab's processes were not seen");
        assert.deepEqual(leftOf(seen), []);
        assert.equal(existsSync(dir), false, `${dir} is still there`);
        assert.deepEqual(settingsFiles(), theirs);
    });
});
