/** What the parts of the enclave's suite share while it is up. */
import type { Silence } from "../../../capture/silence";
import { parseXml } from "../../../util/xml";
import { mustVirsh } from "../../../libvirt/client";
import type { EnclavePlan } from "../../../plan/plan";
import type { StatusWatch } from "./status-watch";
import { lab } from "./world";

export interface EnclaveStage {
    plan(): EnclavePlan;
    status(): StatusWatch;
    /** Spans in which the Gateway had to be silent; judged at the end, over the one capture. */
    readonly silences: Silence[];
}

export interface LiveInterface {
    readonly network: string | undefined;
    /** The host's end, a port of the bridge. */
    readonly device: string;
}

/** NICs of a running domain. */
export async function interfaces(domain: string): Promise<LiveInterface[]> {
    const xml = await mustVirsh(lab().uri, ["dumpxml", domain]);
    return (parseXml(xml).children.find((c) => c.name === "devices")?.children ?? [])
        .filter((c) => c.name === "interface")
        .map((nic) => ({
            network: nic.children.find((c) => c.name === "source")?.attributes["network"],
            device: nic.children.find((c) => c.name === "target")?.attributes["dev"] ?? "",
        }));
}

/** The bridge's port of a domain's NIC on a network. @throws Error when there is not exactly one */
export async function portOf(domain: string, network: string): Promise<string> {
    const found = (await interfaces(domain)).filter((nic) => nic.network === network && nic.device !== "");
    const [port] = found;
    if (port === undefined || found.length !== 1) {
        throw new Error(`${domain} has ${found.length} NICs on ${network}`);
    }
    return port.device;
}
