/**
 * The leak check of a Gateway in the lab: a capture that begins before its power-on, and the verdict over it.
 * On a bridge that the host had before, the host must be the Gateway's next hop: a third machine's frames are
 * findings.
 */
import { readFileSync } from "node:fs";
import { type Capture, type CaptureResult, startCapture } from "../../lab/capture";
import type { LabInfo } from "../../lab/info";
import { inNamespace } from "../../lab/run";
import { type LeakVerdict, leakVerdict } from "../../capture/leak";
import { readPcap } from "../../capture/pcap";
import type { EnclavePlan } from "../../plan/plan";
import { CliError } from "../../util/error";
import { type Virsh, virshAt } from "../../libvirt/client";

export interface LeakWatch {
    /** Ends the capture and judges it. */
    stop(): Promise<LeakVerdict>;
}

export interface WatchOptions {
    readonly lab: LabInfo;
    readonly enclave: EnclavePlan;
    /** Capture file. */
    readonly file: string;
    /** Longest wait for the bridge, in milliseconds. */
    readonly appearWithin: number;
    readonly signal?: AbortSignal;
}

/** MAC in what `ip -json link show` says of one link. Pure. @throws CliError when it names none */
export function linkMac(json: string): string {
    const [link] = JSON.parse(json === "" ? "[]" : json) as { address?: unknown }[];
    const mac = link?.address;
    if (typeof mac !== "string" || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) {
        throw new CliError(
            "the external network's bridge has no MAC",
            "look at it with ip link; without it no frame can be told to be the host's",
        );
    }
    return mac;
}

/**
 * The host's MAC on an enclave's external link: the bridge's own, whether libvirt made it (NAT) or the host
 * had it before.
 * @throws CliError when there is no such bridge
 */
export async function hostMac(lab: LabInfo, enclave: EnclavePlan): Promise<string> {
    const { bridge } = enclave.external;
    const shown = await inNamespace(
        lab.namespaces.host,
        "ip",
        ["-json", "link", "show", "dev", bridge, "type", "bridge"],
        { reject: false },
    );
    if (shown.exitCode !== 0) {
        throw new CliError(
            `there is no bridge ${bridge} on the lab host: ${shown.stderr.trim()}`,
            "the external network must be up while it is watched",
        );
    }
    return linkMac(shown.stdout);
}

/** Why the capture may have missed something: undefined when the Gateway had not been switched on. */
export async function tooLate(virsh: Virsh, domain: string): Promise<string | undefined> {
    const state = await virsh(["domstate", domain]);
    if (state.outcome === "no-domain" || (state.outcome === "ok" && state.stdout.trim() === "shut off")) {
        return undefined;
    }
    return state.outcome === "ok"
        ? `the capture began when the Gateway was already ${state.stdout.trim()}`
        : `whether the capture began before the Gateway's power-on is not known: ${state.message}`;
}

/** What a capture's counters say against its file. */
export function miscounted(counters: CaptureResult, inFile: number): string[] {
    return [
        ...(counters.captured === inFile
            ? []
            : [`the capture file holds ${inFile} frames, ${counters.captured} were captured`]),
        ...(counters.unwritten === 0
            ? []
            : [`${counters.unwritten} frames that came before the end of the capture were not written`]),
    ];
}

/** Wait for the external bridge, capture it, and look whether the Gateway is still off. */
export async function watchLeaks(options: WatchOptions): Promise<LeakWatch> {
    const { lab, enclave } = options;
    const { external, gateway } = enclave;
    const { route } = gateway.outer;
    if (route === undefined) {
        throw new CliError(
            `Gateway ${gateway.domain} has no default route`,
            "the leak check must know the other member of its external link",
        );
    }
    const capture: Capture = await startCapture({
        namespace: lab.namespaces.host,
        interface: external.bridge,
        file: options.file,
        appearWithin: options.appearWithin,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const late = await tooLate(virshAt(lab.uri), gateway.domain);
    return {
        stop: async () => {
            const mac = await hostMac(lab, enclave);
            const counters = await capture.stop();
            const frames = readPcap(readFileSync(options.file));
            const verdict = leakVerdict(frames, counters.droppedByKernel, {
                gateway: { mac: gateway.outer.mac, address: gateway.outer.address },
                host: { mac, address: route },
                relays: lab.relays.map((relay) => ({ address: relay.address, port: relay.orPort })),
            });
            const problems = [
                ...verdict.problems,
                ...(late === undefined ? [] : [late]),
                ...miscounted(counters, frames.length),
            ];
            return { ...verdict, problems, ok: verdict.ok && problems.length === 0 };
        },
    };
}
