/** A download that is to die, and what a Workstation tries meanwhile. */
import assert from "../../support/assert";
import { randomBytes } from "node:crypto";
import type { GuestShell } from "../../../cli/guest-shell";
import { fetchPage, seenBy, type Way } from "../../../cli/live/fetch";
import { readWebLog } from "../../../lab/weblog";
import { INNER_GATEWAY } from "../../../values/addresses";
import { DEFAULT_SOCKS_PORT } from "../../../values/ports";
import { eventually } from "./expect";
import { LIMIT, lab } from "./world";

const WAYS: Readonly<Record<Way, string>> = {
    TransPort: "--noproxy '*'",
    SocksPort: `--socks5-hostname ${INNER_GATEWAY}:${DEFAULT_SOCKS_PORT}`,
};
const BYTES = 1_000_000_000;

export interface Attempt {
    /** Seconds since the epoch. */
    readonly ended: number;
    readonly path: string;
    readonly ok: boolean;
}

/** A download that goes on in the background. curl gives up when nothing has come for ten seconds. */
export async function startDownload(shell: GuestShell): Promise<void> {
    const url = `http://${lab().web.address}/bytes?n=${BYTES}`;
    const started = await shell.run(
        `rm -f /tmp/part /tmp/ended; (curl -q -sS --noproxy '*' --speed-limit 1 --speed-time 10 -o /tmp/part '${url}'; echo $? > /tmp/ended) > /tmp/why 2>&1 & ` +
            "for i in $(seq 120); do [ -s /tmp/part ] && break; sleep 0.25; done; [ -s " +
            "/tmp/part ] && ! [ -e /tmp/ended ]",
        60,
    );
    assert.equal(started.status, 0, `the download did not begin: ${started.output}`);
}

/** One attempt after the other, each under a name of its own, until something holds. */
export async function attempts(shell: GuestShell, until: () => boolean): Promise<Attempt[]> {
    const made: Attempt[] = [];
    const end = performance.now() + LIMIT.up * 1000;
    while (!until()) {
        assert.ok(performance.now() < end, "the Gateway did not come back");
        const path = `/meanwhile-${randomBytes(8).toString("hex")}`;
        const way = made.length % 2 === 0 ? WAYS.TransPort : WAYS.SocksPort;
        const result = await shell.run(
            `curl -q -sS --fail --max-time 2 ${way} http://${lab().web.address}${path}`,
            10,
        );
        made.push({ ended: Date.now() / 1000, path, ok: result.status === 0 });
    }
    return made;
}

/** None of these got a page or was seen by the web server, and there were some. */
export function allInVain(made: readonly Attempt[], when: string): void {
    assert.ok(made.length >= 2, `${made.length} attempts ${when}: too few to prove anything`);
    const log = readWebLog(lab().web.log);
    assert.deepEqual(
        made.filter((a) => a.ok || seenBy(log, a.path).length > 0),
        [],
    );
}

/** The download has ended, with an error and before it was whole. */
export async function downloadDied(shell: GuestShell): Promise<void> {
    await eventually(
        "the download's end",
        60,
        async () => (await shell.run("test -e /tmp/ended", 10)).status === 0,
    );
    const ended = await shell.run(
        `cat /tmp/ended; test $(stat -c %s /tmp/part) -lt ${BYTES}; echo $?; rm -f /tmp/part`,
        20,
    );
    assert.match(ended.output, /^(?!0$)\d+\n0\n?$/m, "the download survived");
}

/** Pages arrive both ways, and the server sees an exit. */
export async function pagesArrive(shell: GuestShell, ...ways: Way[]): Promise<void> {
    for (const way of ways) {
        const fetched = await fetchPage(shell, lab(), way, LIMIT.fetch);
        assert.ok(fetched.ok && fetched.anonymous, JSON.stringify(fetched));
    }
}
