/** Captures of a cell's external link, and their verdicts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RELAYS } from "../../lab/addresses";
import { startCapture } from "../../lab/capture";
import { decodeFrame } from "../../capture/frame";
import { leakVerdict, summarise } from "../../capture/leak";
import { readPcap } from "../../capture/pcap";
import type { Endpoint } from "../../values/endpoint";
import type { Tally } from "./report";
import { HOST_MAC, type Stage } from "./world";

export interface CaptureOfLink {
    /** What is done meanwhile, for people. */
    readonly name: string;
    /** Judge every frame, or only those that the Gateway sent: attacks from outside are the probes' own. */
    readonly judge: "every frame" | "the Gateway's frames";
    /** Who may be connected to. Default every relay. */
    readonly relays?: readonly Endpoint[];
}

/**
 * Capture the external link while `during` runs; then judge it, and judge it again with one relay struck from
 * the list.
 */
export async function captured(
    tally: Tally,
    stage: Stage,
    link: CaptureOfLink,
    during: () => Promise<void>,
): Promise<void> {
    const {
        name,
        judge,
        relays = RELAYS.map((relay) => ({ address: relay.address, port: relay.orPort })),
    } = link;
    const { outer } = stage.enclave.gateway;
    const file = join(stage.folder, `${name}.pcap`);
    const capture = await startCapture({
        namespace: stage.names.host,
        interface: stage.names.gatewayOuterPort,
        file,
        ...(judge === "every frame" ? {} : { filter: `ether src ${outer.mac}` }),
    });
    await during();
    const { droppedByKernel } = await capture.stop();
    const frames = readPcap(readFileSync(file));
    const parties = {
        gateway: { mac: outer.mac, address: outer.address },
        host: { mac: HOST_MAC, address: outer.route ?? "" },
    };
    const verdict = leakVerdict(frames, droppedByKernel, { ...parties, relays });
    tally.figures.capture(verdict);
    const detail = `${verdict.frames} frames, ${verdict.findings.length} outside the allow-list`;
    const [first] = verdict.findings;
    const why = [
        ...verdict.problems,
        ...(first === undefined ? [] : [`${first.summary}: ${first.reason}`]),
    ].join("; ");
    tally.add(
        `external link during ${name}: ARP and relays' ORPorts only`,
        verdict.ok,
        verdict.ok ? detail : `${detail}; ${why}`,
    );
    // Negative test: the same capture with one relay struck from the allow-list must be refused.
    const used = frames
        .map((f) => decodeFrame(f.data, f.wireLength))
        .find((f) => f.kind === "tcp" && f.sourceMac === outer.mac);
    const fewer = relays.filter((r) => used?.kind !== "tcp" || r.address !== used.destination);
    const without = leakVerdict(frames, droppedByKernel, { ...parties, relays: fewer });
    tally.add(
        `negative test: ${name} without one relay in the allow-list is a leak`,
        !without.ok && without.findings.length > 0,
        used === undefined ? "no TCP seen" : summarise(used),
    );
}
