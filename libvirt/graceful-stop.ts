/**
 * How a guest is stopped: it is asked first, by the keys Ctrl-Alt-Del, which the image's systemd takes for a
 * power-off (ctrl-alt-del.target), and by the ACPI button, which other systems know. One that does not obey in
 * time is cut. No agent is needed.
 */
import type { Virsh, VirshResult } from "./client";
import { virshFix } from "./errors";
import { callLimitMs } from "./limits";
import { CliError } from "../util/error";

/** How it went: it was off or gone already, obeyed, or was cut. */
export type Stopped = "off" | "obeyed" | "cut";

/** A guest by its name, and if given by its UUID as well: another of that name is left alone. */
export interface StopTarget {
    readonly uri: string;
    readonly domain: string;
    readonly uuid?: string;
}

/** Effects, for tests. */
export interface StopWorld {
    readonly virsh: Virsh;
    /** Milliseconds of a monotonic clock. */
    readonly now: () => number;
    /** One line of progress for people. */
    readonly say: (line: string) => void;
}

/**
 * How long a guest may take, in milliseconds, unless the limit of calls is set higher: a power-off takes 5 s, and
 * several times that on a busy host that emulates.
 */
const LIMIT_MS = 45_000;
const stopLimitMs = (uri: string): number => callLimitMs(uri, LIMIT_MS);

const KEYS = ["KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE"];
/** Seconds of one wait for an event of the guest's. */
const WAIT_SECONDS = 3;

const lastLine = ({ stdout }: VirshResult): string => stdout.trim().split("\n").at(-1)?.trim() ?? "";

/**
 * Stop a guest.
 * @throws CliError when libvirt can't be asked, or the guest still runs after it was cut
 */
export async function stopGuest(target: StopTarget, world: StopWorld): Promise<Stopped> {
    const { uri, domain, uuid } = target;
    const limitMs = stopLimitMs(uri);
    const failed = (doing: string, { outcome, message }: VirshResult): CliError =>
        new CliError(`can't ${doing} ${domain} at ${uri}: ${message}`, virshFix(outcome, uri));
    /** Its state, undefined when it is off or gone. @param first what virsh does before it is asked */
    const look = async (first = ""): Promise<string | undefined> => {
        const result = await world.virsh(
            first === "" ? ["domstate", domain] : [`${first}; domstate ${domain}`],
        );
        if (result.outcome === "no-domain") {
            return undefined;
        }
        if (result.outcome !== "ok") {
            throw failed("ask the state of", result);
        }
        const state = lastLine(result);
        return state === "shut off" ? undefined : state;
    };
    if (uuid !== undefined) {
        const listed = await world.virsh(["list", "--all", "--uuid", "--name"]);
        if (listed.outcome !== "ok") {
            throw failed("find", listed);
        }
        if (
            !listed.stdout
                .split("\n")
                .some((line) => line.trim().split(/\s+/).join(" ") === `${uuid} ${domain}`)
        ) {
            return "off";
        }
    }
    const began = world.now();
    const passed = (): number => world.now() - began;
    let state = await look();
    if (state === undefined) {
        return "off";
    }
    let pressed = -Infinity;
    // Keys are pressed once more, half-way: in a guest that is just booting, the first ones restart its kernel. Pressed
    // more often they would do so again and again.
    const againMs = limitMs / 2;
    while (state === "running" || state === "idle" || state === "in shutdown") {
        if (passed() >= limitMs) {
            break;
        }
        if (passed() - pressed >= againMs) {
            pressed = passed();
            world.say(`${domain}: asked to power off`);
            await world.virsh([`send-key ${domain} ${KEYS.join(" ")}; shutdown ${domain} --mode acpi`]);
        }
        state = await look(`event ${domain} --event lifecycle --timeout ${WAIT_SECONDS}`);
        if (state === undefined) {
            world.say(`${domain}: off after ${(passed() / 1000).toFixed(1)} s`);
            return "obeyed";
        }
    }
    const why = passed() >= limitMs ? `did not obey within ${Math.round(limitMs / 1000)} s` : `is ${state}`;
    world.say(`${domain}: ${why}, so its power is cut`);
    const cut = await world.virsh(["destroy", domain]);
    if ((await look()) !== undefined) {
        throw cut.outcome === "ok"
            ? new CliError(
                  `${domain} at ${uri} still runs after its power was cut`,
                  `virsh -c '${uri}' domstate --reason ${domain}`,
              )
            : failed("cut the power of", cut);
    }
    return "cut";
}
