/**
 * An enclave with `transparentProxy: false`: SocksPorts and nothing else, to a Workstation's programs and to
 * its root.
 */
import assert from "../../support/assert";
import { fetchPage } from "../../../cli/live/fetch";
import type { EnclavePlan } from "../../../plan/plan";
import { pagesArrive } from "../support/download";
import { sendEverything } from "../support/stand-in";
import { withShell } from "../support/shell";
import { lab } from "../support/world";

/** @param plan of an enclave that stands, and has one Workstation */
export function socksOnly(plan: () => EnclavePlan): void {
    it("without a transparent proxy a Workstation's SocksPort works, TransPort and DNS get nothing", async () => {
        await withShell(plan().workstations[0]?.domain, async (shell) => {
            await pagesArrive(shell, "SocksPort");
            const transparent = await fetchPage(shell, lab(), "TransPort", 5);
            assert.deepEqual(
                { ok: transparent.ok, seenFrom: transparent.seenFrom },
                { ok: false, seenFrom: [] },
            );
            // By address, no resolver needed; then a name, of the Gateway itself.
            const byAddress = await shell.run(
                `curl -q -sS --noproxy '*' --max-time 5 http://${lab().web.address}/no-trans-port`,
                15,
            );
            assert.notEqual(byAddress.status, 0, byAddress.output);
            const name = await shell.run("timeout 5 getent ahostsv4 web.example.test", 15);
            assert.notEqual(name.status, 0, name.output);
            assert.doesNotMatch(name.output, /\d+\.\d+\.\d+\.\d+/);
        });
    });

    it("nor does a Workstation whose root is the attacker's", async () => {
        assert.deepEqual(await sendEverything(plan()), { gateway: true, answered: [] });
    });
}
