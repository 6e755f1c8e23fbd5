/** `sallyport wait-ready`, the readiness gate: waits until a Gateway's own status line says that its tor is usable. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { callLimitMs } from "../libvirt/limits";
import { CliError } from "../util/error";
import { oneLine } from "../util/one-line";
import { quote } from "../util/quote";
import { requireClock } from "./life/hear";
import { explain, volumeFix } from "./not-ready";
import { describeStatus, type GatewayStatus, readLog, torWarnings } from "./status-line";
import { downloadFrom, followLog, type LogEnd, lengthOf } from "./status-log";
import { type Virsh, virshAt, virshLine, type VirshResult } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { emit, passed, report } from "../util/output";
import { seconds, volumeOptions, type VolumeOptions } from "./options";

export interface GateOptions {
    readonly uri: string;
    readonly domain: string;
    /** Pool over the folder of status files. */
    readonly pool: string;
    /** Name of this Gateway's status file in it. */
    readonly volume: string;
    /** Overall limit in seconds. */
    readonly timeoutSeconds: number;
}

/** Effects, so that the decisions can be tested without any. */
export interface GateWorld {
    readonly virsh: Virsh;
    /** The status file. */
    readonly log: LogEnd;
    /** Milliseconds of a monotonic clock. */
    readonly now: () => number;
    readonly sleep: (ms: number) => Promise<void>;
    /** One line of progress for people. */
    readonly say: (line: string) => void;
}

const POLL_MS = 500;
/** Calls in a row that may find no libvirt before the gate gives up: it was there a moment ago. */
const PATIENCE = 5;

/** Domain states of virsh in which waiting makes no sense. */
const DEAD = ["shut off", "crashed", "dying", "in shutdown"];

/** Where people see why. The next `up` goes on from here. */
const consoleLine = (o: GateOptions): string => `bin/sallyport console ${o.domain} --uri ${quote(o.uri)}`;

/**
 * Refuse a domain that does not run; a paused one is stopped by QEMU itself, mostly for want of disk space.
 */
function checkState(state: VirshResult, o: GateOptions): void {
    if (state.outcome === "no-domain") {
        throw new CliError(
            `there is no domain ${o.domain} at ${o.uri}`,
            "bin/pulumi refresh && bin/pulumi up",
        );
    }
    const name = state.stdout.trim();
    if (DEAD.includes(name)) {
        throw new CliError(
            `domain ${o.domain} is not running but ${name}`,
            name === "shut off" ? "bin/sallyport start && bin/pulumi up" : consoleLine(o),
        );
    }
    if (name === "paused") {
        throw new CliError(
            `domain ${o.domain} is paused, as QEMU does when its disk is full`,
            `free space in the pool, then ${virshLine(o.uri, "resume", o.domain)} && bin/pulumi up`,
        );
    }
}

/** One look: the domain's state, then its status file. */
async function look(
    o: GateOptions,
    world: GateWorld,
    left: () => number,
): Promise<VirshResult & { readonly began?: boolean }> {
    const limit = (): number => Math.max(1, Math.min(callLimitMs(o.uri), left()));
    const state = await world.virsh(["domstate", o.domain], limit());
    if (state.outcome !== "ok" && state.outcome !== "no-domain") {
        return state;
    }
    checkState(state, o);
    // The pool does not notice by itself that virtlogd made a file in its folder, or that it grew.
    const refresh = await world.virsh(["pool-refresh", o.pool], limit());
    return refresh.outcome === "ok" ? world.log.look(limit) : refresh;
}

/**
 * Wait for `"ready":true` that is said after the wait began: what was said before may be a guest's that hangs
 * by now, or that was reset. A ready Gateway says so every two seconds.
 * @returns the status that said so
 * @throws CliError at the time-out (with the last status), for a failed or stopped Gateway, and when libvirt is gone
 */
export async function waitReady(o: GateOptions, world: GateWorld): Promise<GatewayStatus> {
    const end = world.now() + o.timeoutSeconds * 1000;
    const left = (): number => end - world.now();
    let [lastLine, trouble, misses]: [string, string, number] = ["", "", 0];
    let [status, log]: [GatewayStatus | undefined, string] = [undefined, ""];
    /**
     * The log at the first look, or at the first one at another place; and when it last said something
     * new.
     */
    let [earlier, freshAt]: [string | undefined, number | undefined] = [undefined, undefined];
    const began = world.now();
    const say = (line: string): void => {
        if (line !== lastLine) {
            lastLine = line;
            world.say(`${o.domain}: ${line}`);
        }
    };
    while (left() > 0) {
        const seen = await look(o, world, left);
        if (seen.outcome === "ok") {
            [trouble, misses] = ["", 0];
            earlier = earlier === undefined || seen.began === true ? seen.stdout : earlier;
            const now = readLog(seen.stdout, earlier);
            status = now.status ?? status;
            log = seen.stdout;
            freshAt = now.fresh ? world.now() : freshAt;
            say(
                `${oneLine(describeStatus(status))}${status?.ready === true && !now.fresh ? ", said before; waiting for its next heartbeat" : ""}`,
            );
            if (status?.ready === true && now.fresh) {
                return status;
            }
            if (status?.phase === "failed") {
                const why = explain(status, torWarnings(log));
                throw new CliError(
                    `Gateway ${o.domain} failed: ${oneLine(status.detail)}${why.told}`,
                    volumeFix(status.detail) ?? why.fix ?? consoleLine(o),
                );
            }
        } else {
            trouble = seen.message;
            say(`no answer yet: ${trouble}`);
            misses = ["refused", "lost", "missing"].includes(seen.outcome) ? misses + 1 : 0;
            if (seen.outcome === "missing" || misses >= PATIENCE) {
                throw new CliError(
                    `can't watch ${o.domain} through ${o.uri}: ${trouble}`,
                    virshFix(seen.outcome, o.uri),
                );
            }
        }
        await world.sleep(Math.min(POLL_MS, Math.max(0, left())));
    }
    const seconds = Math.round((world.now() - (freshAt ?? began)) / 1000);
    const told =
        freshAt === undefined
            ? `, no heartbeat for at least ${seconds} s: it hangs or restarts`
            : `, ${seconds} s old`;
    const age = status === undefined ? "" : told;
    const also = trouble === "" ? "" : `; last error: ${trouble}`;
    const why = status?.ready === true ? { told: "", fix: undefined } : explain(status, torWarnings(log));
    throw new CliError(
        `Gateway ${o.domain} was not ready within ${o.timeoutSeconds} s; last status: ${oneLine(describeStatus(status))}${age}${why.told}${also}`,
        why.fix ?? consoleLine(o),
    );
}

async function run(o: VolumeOptions & { domain: string; timeout: number }): Promise<void> {
    const virsh = virshAt(o.uri);
    const gate: GateOptions = { ...o, timeoutSeconds: o.timeout };
    const status = await waitReady(gate, {
        virsh,
        log: followLog(lengthOf(virsh, o.pool, o.volume), downloadFrom(virsh, o.pool, o.volume)),
        now: () => performance.now(),
        sleep: (ms) => sleep(ms),
        say: (line) => process.stderr.write(`${line}\n`),
    });
    await requireClock(virsh, o);
    emit(report([passed("gateway.ready", `Gateway ${o.domain}`, describeStatus(status))]), o.json === true);
}

export function waitReadyCommand(): Command {
    return volumeOptions(new Command("wait-ready"))
        .description("wait until a Gateway's tor has bootstrapped, as its serial console says")
        .requiredOption("--domain <name>", "the Gateway's domain")
        .requiredOption("--timeout <seconds>", "overall limit", seconds)
        .action(run);
}
