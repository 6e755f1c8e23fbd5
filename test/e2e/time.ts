/**
 * A Workstation's time: off by what the state says, corrected over Tor, and nothing leaves before. Part of
 * the main job.
 */
import assert from "../support/assert";
import { setTimeout as sleep } from "node:timers/promises";
import type { GuestShell } from "../../cli/guest-shell";
import { fetchPage } from "../../cli/live/fetch";
import type { StackSession } from "../../cli/live/stack-session";
import { TIME_STATE } from "../../cloud-init/guest";
import { LIMIT, lab } from "./support/world";

interface TimeState {
    readonly set: boolean;
    readonly round: number;
    readonly detail: string;
}

/** More than two clocks can differ by being read one after the other on a busy machine, in seconds. */
const TOLERANCE = 30;

async function output(shell: GuestShell, script: string): Promise<string> {
    const result = await shell.run(script, 30);
    assert.equal(result.status, 0, result.output);
    return result.output.trim();
}

/** What the time service says of itself, once it fits. */
export async function timeState(shell: GuestShell, fits: (state: TimeState) => boolean): Promise<TimeState> {
    const end = performance.now() + LIMIT.time * 1000;
    let last = "nothing";
    while (performance.now() < end) {
        last = (await shell.run(`cat ${TIME_STATE}`, 30)).output.trim();
        try {
            const state = JSON.parse(last) as TimeState;
            if (fits(state)) {
                return state;
            }
        } catch {
            // not there yet
        }
        await sleep(1000);
    }
    return assert.fail(`not within ${LIMIT.time} s; the time service last said: ${last}`);
}

/** By how many seconds the guest's CMOS clock and system clock are ahead of this machine's. */
export async function clocksOf(
    shell: GuestShell,
): Promise<{ readonly cmos: number; readonly system: number }> {
    const read = await output(shell, "cat /sys/class/rtc/rtc0/since_epoch; date +%s");
    const now = Date.now() / 1000;
    const [cmos = NaN, system = NaN] = read.split("\n").map(Number);
    return { cmos: cmos - now, system: system - now };
}

/** The number that Pulumi's state holds for a Workstation. */
export async function drawnOffset(session: StackSession, domain: string): Promise<number> {
    const text = await session.must(["stack", "export"], { timeoutSeconds: 60 });
    const state = JSON.parse(text.slice(text.indexOf("{"))) as {
        deployment: { resources: { urn: string; outputs?: { stdout?: string } }[] };
    };
    const [step, ...more] = state.deployment.resources.filter((r) => r.urn.endsWith(`::${domain}-clock`));
    assert.equal(more.length, 0);
    assert.match(step?.outputs?.stdout ?? "", /^-?\d+$/);
    return Number(step?.outputs?.stdout);
}

export function closeTo(actual: number, expected: number, what: string): void {
    assert.ok(
        Math.abs(actual - expected) <= TOLERANCE,
        `${what}: ${actual.toFixed(1)} s, expected about ${expected}`,
    );
}

/** Every path out that a program would try: refused at once, not after a time-out of curl's. */
export async function nothingLeaves(shell: GuestShell): Promise<void> {
    for (const way of ["TransPort", "SocksPort"] as const) {
        const fetched = await fetchPage(shell, lab(), way, 10);
        assert.equal(fetched.ok, false, JSON.stringify(fetched));
        assert.deepEqual(fetched.seenFrom, []);
    }
    // The time service's own port is no egress for anybody else.
    const borrowed = await shell.run(
        "curl -q -sS --fail --max-time 10 --socks5-hostname 10.152.152.10:9108 " +
            "http://web.example.test/borrowed",
        20,
    );
    assert.notEqual(borrowed.status, 0);
}

/** The firewall for afterwards is loaded right after the state file says "set". */
export async function opens(shell: GuestShell): Promise<void> {
    const result = await shell.run(
        "for i in $(seq 30); do curl -q -sS -o /dev/null --max-time 20 --socks5-hostname " +
            "10.152.152.10:9050 http://web.example.test/opened && exit 0; sleep 1; done; exit 1",
        LIMIT.time,
    );
    assert.equal(result.status, 0, result.output);
}
