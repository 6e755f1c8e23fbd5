/** The leak check of a Gateway in the lab: a capture that begins before its power-on, and the verdict over it. */
import { readFileSync } from "node:fs";
import { XMLParser } from "fast-xml-parser";
import { type Capture, type CaptureResult, startCapture } from "../../lab/capture";
import type { LabInfo } from "../../lab/info";
import { type LeakVerdict, leakVerdict } from "../../proof/leak";
import { readPcap } from "../../proof/pcap";
import type { EnclavePlan } from "../../topology/plan";
import { CliError } from "../error";
import { mustVirsh, type Virsh, virshAt } from "../virsh";

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

/** MAC of a libvirt network's bridge, from its live XML. @throws CliError when the XML names none */
export function bridgeMac(networkXml: string): string {
    const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@" }).parse(networkXml) as {
        network?: { mac?: { "@address"?: unknown } };
    };
    const mac = parsed.network?.mac?.["@address"];
    if (typeof mac !== "string" || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
        throw new CliError("libvirt names no MAC for the external network's bridge", "update libvirt; without it no frame can be told to be the host's");
    }
    return mac;
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
        ...(counters.captured === inFile ? [] : [`the capture file holds ${inFile} frames, ${counters.captured} were captured`]),
        ...(counters.unwritten === 0 ? [] : [`${counters.unwritten} frames that came before the end of the capture were not written`]),
    ];
}

/** Wait for the external bridge, capture it, and look whether the Gateway is still off. */
export async function watchLeaks(options: WatchOptions): Promise<LeakWatch> {
    const { lab, enclave } = options;
    const { external, gateway } = enclave;
    if (external.mode !== "nat" || gateway.outer.route === undefined) {
        throw new CliError("the leak check knows NAT networks only", "use external.mode nat in the lab");
    }
    const route = gateway.outer.route;
    const capture: Capture = await startCapture({
        namespace: lab.namespaces.host, interface: external.bridge, file: options.file, appearWithin: options.appearWithin,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const late = await tooLate(virshAt(lab.uri), gateway.domain);
    return {
        stop: async () => {
            const xml = await mustVirsh(lab.uri, ["net-dumpxml", external.name]);
            const counters = await capture.stop();
            const frames = readPcap(readFileSync(options.file));
            const verdict = leakVerdict(frames, counters.droppedByKernel, {
                gateway: { mac: gateway.outer.mac, address: gateway.outer.address },
                host: { mac: bridgeMac(xml), address: route },
                relays: lab.relays.map((relay) => ({ address: relay.address, port: relay.orPort })),
            });
            const problems = [...verdict.problems, ...(late === undefined ? [] : [late]), ...miscounted(counters, frames.length)];
            return { ...verdict, problems, ok: verdict.ok && problems.length === 0 };
        },
    };
}
