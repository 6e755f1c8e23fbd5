/** The policy pack and `plan` over the real program, the real engine and a real libvirt. */
import assert from "../support/assert";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunResult, runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { failedWith, succeeded } from "./support/expect";
import { inventory } from "./support/inventory";
import { tamperedProject } from "./support/tampered-project";
import { LIMIT, lab, root, stack, work } from "./support/world";

export const PACK = ["--policy-pack", join(root, "policy")] as const;

/** The run succeeded, and the pack was run and found nothing. */
export function passed(result: RunResult): void {
    succeeded(result);
    assert.match(result.output, /✅ sallyport@/);
    assert.doesNotMatch(result.output, /can't run policy|\[(mandatory|advisory)\]/);
}

const plan = (session: StackSession, ...args: string[]): Promise<RunResult> =>
    runToEnd(join(root, "bin", "sallyport"), ["plan", ...args], {
        cwd: root,
        timeoutSeconds: LIMIT.preview,
        env: session.environment,
    });

/** The file with what `pulumi preview --json` says. */
async function previewFile(session: StackSession, name: string, ...more: string[]): Promise<string> {
    const { output, exitCode } = await session.run(["preview", "--json", ...more], {
        timeoutSeconds: LIMIT.preview,
    });
    assert.equal(exitCode, 0, output);
    const file = join(work, name);
    writeFileSync(file, output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
    return file;
}

function proved(result: RunResult): void {
    succeeded(result);
    assert.match(result.output, /3 domains, 2 networks/);
    assert.match(result.output, /ok: every rule holds and every query is proved/);
}

/** @param session of a stack that declares two Workstations and does not exist yet */
export function beforeItExists(session: () => StackSession): void {
    it("its first preview passes the policy pack, and plan", async () => {
        passed(await session().run(["preview", ...PACK], { timeoutSeconds: LIMIT.preview }));
        proved(await plan(session(), "--preview", await previewFile(session(), "first.json")));
    });
}

/**
 * Without a preview nothing has seen the stack as a whole when the first resource is made; the seed is judged
 * alone.
 */
export function withoutPreview(settings: () => Record<string, unknown>): void {
    for (const [tamper, title, finding] of [
        ["firewall", "an open Gateway's seed", /FW-01\[.*-gateway/],
        ["resolver", "a Gateway's seed with one file changed", /GUEST-01\[.*-gateway \/etc\/resolv\.conf\]/],
    ] as const) {
        it(`up without a preview refuses ${title} before any guest is there`, async () => {
            const broken = stack(`open-${tamper}`, {
                program: tamperedProject(`policy-open-${tamper}`),
                env: { E2E_TAMPER: tamper },
            });
            const before = await inventory();
            await broken.init(settings());
            try {
                failedWith(
                    await broken.run(["up", "--yes", "--skip-preview", ...PACK], {
                        timeoutSeconds: LIMIT.up,
                    }),
                    /\[mandatory\]/,
                    finding,
                );
                assert.deepEqual((await inventory()).domains, before.domains);
                succeeded(await broken.run(["destroy", "--yes"], { timeoutSeconds: LIMIT.destroy }));
                assert.deepEqual(await inventory(), before);
            } finally {
                broken.forget();
            }
        });
    }
}

/**
 * Acknowledgements of what the embedded lab does on purpose: no security driver, and QEMU as root
 * (lab/libvirt-config.ts).
 */
async function unconfined(stackName: string): Promise<string> {
    const file = join(work, "unconfined.json");
    const says =
        'it runs with 0 labels of AppArmor or SELinux; exactly one is needed; seclabel of model dac has label "+0:+0" and imagelabel "+0:+0"; ' +
        "a user and a group that are not root's are allowed";
    const acknowledge = (await inventory()).domains
        .filter((domain) => domain.startsWith(`sallyport-${stackName}-`))
        .map((domain) => ({
            finding: `DD-20[${domain} seclabel]`,
            says,
            reason: "the embedded lab runs QEMU without a security driver",
            expires: "2099-12-31",
        }));
    writeFileSync(file, JSON.stringify({ sallyport: { acknowledge } }));
    return file;
}

/** @param session of the same stack, which exists now */
export function onceItExists(session: () => StackSession): void {
    it("a preview of what exists passes the policy pack, and plan, which refuses one without unchanged resources", async () => {
        passed(await session().run(["preview", ...PACK], { timeoutSeconds: LIMIT.preview }));
        proved(await plan(session(), "--stack", session().options.stack));
        proved(
            await plan(session(), "--preview", await previewFile(session(), "second.json", "--show-sames")),
        );
        failedWith(
            await plan(session(), "--preview", await previewFile(session(), "changes.json")),
            /leaves unchanged ones out/,
            /--show-sames/,
        );
    });

    it("what runs, read from libvirt itself, passes with the stack that declares it, once the lab's lack of confinement is accepted; alone it is undecided", async () => {
        const live = ["--live", "--stack", session().options.stack] as const;
        failedWith(await plan(session(), ...live), /DD-20\[.* seclabel\]/);
        const accepted = await plan(
            session(),
            ...live,
            "--policy-config",
            await unconfined(session().options.stack),
        );
        succeeded(accepted);
        assert.match(
            accepted.output,
            /ok: nothing blocks; 3 findings are acknowledged .*, reachability proved/,
        );
        failedWith(await plan(session(), "--live", "--uri", lab().uri), /shows no seeds, and so no firewall/);
    });

    for (const [tamper, title, ...findings] of [
        ["nic", "a Workstation's second NIC", /NT-07\[.*-workstation-ws1/, /NT-26\[/],
        ["firewall", "an open Gateway", /FW-01\[/, /PATH-outside\[/, /GUEST-01\[/],
    ] as const) {
        it(`${title} blocks preview and up, and libvirt is unchanged`, async () => {
            const program = tamperedProject(`policy-${tamper}`);
            const { options, settingsFile } = session();
            const broken = stack("main", { program, home: options.home, env: { E2E_TAMPER: tamper } });
            copyFileSync(settingsFile, broken.settingsFile);
            const look = async (): Promise<unknown> => {
                const now = await inventory();
                const live = await Promise.all(
                    now.domains.map((domain) => mustVirsh(lab().uri, ["dumpxml", domain])),
                );
                return { now, live };
            };
            const before = await look();
            for (const verb of [["preview"], ["up", "--yes"]]) {
                failedWith(
                    await broken.run([...verb, ...PACK], { timeoutSeconds: LIMIT.up }),
                    /\[mandatory\]/,
                    ...findings,
                );
                assert.deepEqual(await look(), before);
            }
        });
    }
}
