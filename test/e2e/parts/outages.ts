/**
 * The Gateway is reset, and loses its power, in the middle of a download: nothing gets out until it is whole
 * again.
 */
import assert from "../../support/assert";
import { mustVirsh } from "../../../libvirt/client";
import { allInVain, attempts, downloadDied, pagesArrive, startDownload } from "../support/download";
import type { EnclaveStage } from "../support/enclave-stage";
import { succeeded } from "../support/expect";
import { withShell } from "../support/shell";
import { READY, RULESET_LOADED } from "../support/status-watch";
import { waitReady } from "../support/wait-ready";
import { LIMIT, lab } from "../support/world";

export function outages(stage: EnclaveStage): void {
    const virsh = (...args: string[]): Promise<string> => mustVirsh(lab().uri, args, 60_000);
    /**
     * Stops the guest, then starts it anew. In between it says nothing: whatever comes later is the new
     * one's.
     */
    const kinds: readonly (readonly [
        name: string,
        stop: readonly string[],
        restart: readonly (readonly string[])[],
    ])[] = [
        // The processor stands still while it is reset, or the old guest's last frames could not be told from
        // the new one's first.
        ["reset", ["suspend"], [["reset"], ["resume"]]],
        ["power-cut", ["destroy"], [["start"]]],
    ];
    for (const [name, stop, restart] of kinds) {
        it(`${name} of the Gateway in mid-download: the download dies, nothing gets out until the rules are loaded, then a page again`, async () => {
            const { gateway, workstations } = stage.plan();
            await withShell(workstations[0]?.domain, async (shell) => {
                await startDownload(shell);
                await virsh(...stop, gateway.domain);
                const from = Date.now() / 1000;
                for (const command of restart) {
                    await virsh(...command, gateway.domain);
                }
                const gate = waitReady(stage.plan(), LIMIT.up).then((result) => ({
                    result,
                    at: Date.now() / 1000,
                }));
                const made = await attempts(shell, () => stage.status().after(from, READY) !== undefined);
                const loaded = stage.status().after(from, RULESET_LOADED);
                assert.ok(loaded, "it was ready and had not said that its ruleset was loaded");
                stage.silences.push({ name, from, to: loaded.time });
                allInVain(
                    made.filter((a) => a.ended < loaded.time),
                    "before the ruleset was loaded",
                );
                const { result, at } = await gate;
                succeeded(result);
                assert.ok(at > loaded.time, "the gate opened by what the Gateway had said before");
                await downloadDied(shell);
                await pagesArrive(shell, "TransPort", "SocksPort");
            });
        });
    }
}
