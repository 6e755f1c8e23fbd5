/** The Gateway is reset, and loses its power, in the middle of a download: nothing gets out until it is whole again. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { type GuestShell, openShell } from "../../../cli/console";
import { fetchPage, seenBy, type Way } from "../../../cli/live/fetch";
import { mustVirsh } from "../../../cli/virsh";
import { readWebLog } from "../../../lab/weblog";
import { INNER_GATEWAY } from "../../../topology/addresses";
import { DEFAULT_SOCKS_PORT } from "../../../topology/ports";
import type { EnclaveStage } from "../support/enclave-stage";
import { eventually } from "../support/expect";
import { READY, RULESET_LOADED } from "../support/status-watch";
import { LIMIT, lab } from "../support/world";

const WAYS: Readonly<Record<Way, string>> = { TransPort: "--noproxy '*'", SocksPort: `--socks5-hostname ${INNER_GATEWAY}:${DEFAULT_SOCKS_PORT}` };
const BYTES = 1_000_000_000;

interface Attempt {
    readonly ended: number;
    readonly path: string;
    readonly ok: boolean;
}

/** A download that goes on in the background. curl gives up when nothing has come for ten seconds. */
async function startDownload(shell: GuestShell): Promise<void> {
    const url = `http://${lab().web.address}/bytes?n=${BYTES}`;
    const started = await shell.run(
        `rm -f /tmp/part /tmp/ended; (curl -q -sS --noproxy '*' --speed-limit 1 --speed-time 10 -o /tmp/part '${url}'; echo $? > /tmp/ended) > /tmp/why 2>&1 & `
        + "for i in $(seq 60); do [ -s /tmp/part ] && break; sleep 0.5; done; [ -s /tmp/part ] && ! [ -e /tmp/ended ]", 60);
    assert.equal(started.status, 0, `the download did not begin: ${started.output}`);
}

/** One attempt after the other, each under a name of its own, until the Gateway is ready. */
async function attempts(shell: GuestShell, until: () => boolean): Promise<Attempt[]> {
    const made: Attempt[] = [];
    const end = performance.now() + LIMIT.up * 1000;
    while (!until()) {
        assert.ok(performance.now() < end, "the Gateway did not come back");
        const path = `/meanwhile-${randomBytes(8).toString("hex")}`;
        const way = made.length % 2 === 0 ? WAYS.TransPort : WAYS.SocksPort;
        const result = await shell.run(`curl -q -sS --fail --max-time 2 ${way} http://${lab().web.address}${path}`, 10);
        made.push({ ended: Date.now() / 1000, path, ok: result.status === 0 });
    }
    return made;
}

export function outages(stage: EnclaveStage): void {
    const virsh = (...args: string[]): Promise<string> => mustVirsh(lab().uri, args, 60_000);
    const kinds: readonly (readonly [name: string, interrupt: (domain: string) => Promise<void>])[] = [
        ["reset", async (domain) => void (await virsh("reset", domain))],
        ["power-cut", async (domain) => {
            await virsh("destroy", domain);
            await virsh("start", domain);
        }],
    ];
    for (const [name, interrupt] of kinds) {
        it(`${name} of the Gateway in mid-download: the download dies, nothing gets out until the rules are loaded, then a page again`, async () => {
            const { gateway, workstations } = stage.plan();
            const shell = await openShell({ uri: lab().uri, domain: workstations[0]?.domain ?? "", timeoutSeconds: LIMIT.shell });
            try {
                await startDownload(shell);
                await interrupt(gateway.domain);
                const from = Date.now() / 1000;
                const made = await attempts(shell, () => stage.status().after(from, READY) !== undefined);
                const loaded = stage.status().after(from, RULESET_LOADED);
                assert.ok(loaded, "it was ready and had not said that its ruleset was loaded");
                stage.silences.push({ name, from, to: loaded.time });
                const meanwhile = made.filter((a) => a.ended < loaded.time);
                assert.ok(meanwhile.length >= 2, `${meanwhile.length} attempts before the ruleset was loaded: too few to prove anything`);
                const log = readWebLog(lab().web.log);
                assert.deepEqual(meanwhile.filter((a) => a.ok || seenBy(log, a.path).length > 0), []);
                await eventually("the download's end", 60, async () => (await shell.run("test -e /tmp/ended", 10)).status === 0);
                const ended = await shell.run(`cat /tmp/ended; test $(stat -c %s /tmp/part) -lt ${BYTES}; echo $?; rm -f /tmp/part`, 20);
                assert.match(ended.output, /^(?!0$)\d+\n0\n?$/m, "the download survived");
                for (const way of ["TransPort", "SocksPort"] satisfies Way[]) {
                    const fetched = await fetchPage(shell, lab(), way, LIMIT.fetch);
                    assert.ok(fetched.ok && fetched.anonymous, JSON.stringify(fetched));
                }
            } finally {
                await shell.close();
            }
        });
    }
}
