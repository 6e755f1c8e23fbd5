/** Everything of a lab host's libvirt that `plan --live` reads, as libvirt's own XML. */
import type { LiveHost } from "../../topology/adapters";
import { mustVirsh } from "../virsh";

const words = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** @throws CliError when libvirt does not answer, or something goes while it is read */
export async function readHost(uri: string, virsh: typeof mustVirsh = mustVirsh): Promise<LiveHost> {
    const list = async (...args: string[]): Promise<string[]> => words(await virsh(uri, args));
    const each = async (verb: string, ids: readonly string[]): Promise<string[]> => {
        const found: string[] = [];
        for (const id of ids) {
            found.push(await virsh(uri, [verb, id]));
        }
        return found;
    };
    return {
        uri,
        networks: await each("net-dumpxml", await list("net-list", "--all", "--uuid")),
        domains: await each("dumpxml", await list("list", "--all", "--uuid")),
        autostart: { domains: await list("list", "--all", "--autostart", "--name"), networks: await list("net-list", "--all", "--autostart", "--name") },
    };
}
