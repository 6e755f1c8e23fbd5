/** `sallyport lab start | status | stop`. */
import { Command } from "commander";
import { emit, failed, formatReport, passed, report } from "../util/output";
import type { Report } from "../util/output";
import { LabError } from "./error";
import { stopwatchProgress } from "./progress";
import type { Progress } from "./progress";
import { startLab } from "./start";
import { labStatus } from "./status";
import { stopLab } from "./stop";

interface Flags {
    readonly json?: boolean;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const progress: Progress = stopwatchProgress((text) => process.stderr.write(text));

/** The report with what else a verb has to tell: as JSON in one object, as text below the checks. */
function print<R extends Report>(result: R, flags: Flags, text: readonly string[]): void {
    emit(result, flags.json === true, [formatReport(result, false), ...text].join("\n"));
}

async function start(flags: Flags): Promise<void> {
    const controller = new AbortController();
    const interrupt = (name: NodeJS.Signals): void =>
        controller.abort(new LabError(`interrupted by ${name}`, "`bin/sallyport lab start` starts anew"));
    SIGNALS.forEach((name) => process.on(name, interrupt));
    try {
        const { lab, alreadyRunning } = await startLab({ progress, signal: controller.signal });
        const said = alreadyRunning ? "it runs already and is healthy" : "it is up";
        print({ ...report([passed("lab.start", "Lab", said)]), alreadyRunning, lab }, flags, [
            `libvirt  ${lab.uri}`,
            `web      ${lab.web.url} (${lab.web.hostname})`,
            `tor      ${lab.relays.length} relays`,
            `inside   ip netns exec ${lab.namespaces.host} ...`,
        ]);
    } finally {
        SIGNALS.forEach((name) => process.off(name, interrupt));
    }
}

async function status(flags: Flags): Promise<void> {
    const result = await labStatus();
    const memory = Object.entries(result.memory ?? {}).map(([part, mib]) => `${part} ${mib}`);
    print({ ...result }, flags, memory.length === 0 ? [] : [`memory in MiB: ${memory.join(", ")}`]);
}

async function stop(flags: Flags): Promise<void> {
    const { ok, wasThere, left } = await stopLab({ progress });
    const check = ok
        ? passed("lab.stop", "Lab", wasThere ? "stopped, nothing is left" : "none was here")
        : failed(
              "lab.stop",
              "Lab",
              `left over: ${left.join(", ")}`,
              "remove what is named, then run `bin/sallyport lab stop` again",
          );
    print({ ...report([check]), left }, flags, []);
}

/** The `lab` command with its verbs. */
export function labCommand(): Command {
    const lab = new Command("lab").description(
        "the embedded lab: a private libvirtd and a private Tor network, no internet needed",
    );
    const verb = (name: string, description: string, act: (flags: Flags) => Promise<void>): void => {
        lab.command(name).description(description).option("--json", "print the result as JSON").action(act);
    };
    verb("start", "start the lab, or say that it runs already; a broken one is taken down first", start);
    verb("status", "look at every part of the lab and at its memory", status);
    verb("stop", "stop the lab with all domains in it and leave nothing behind but its cache", stop);
    return lab;
}
