/** The end of a watch over a Gateway's external link that must have seen nothing but ARP and relays. */
import assert from "../../support/assert";
import type { LeakWatch } from "../../../cli/live/leak-watch";
import { say } from "./world";

/** End the watch and judge what it captured. */
export async function leakFree(watch: LeakWatch | undefined): Promise<void> {
    assert.ok(watch, "there is no capture");
    const { ok, frames, findings, problems } = await watch.stop();
    assert.deepEqual({ ok, findings, problems }, { ok: true, findings: [], problems: [] });
    assert.ok(frames > 0, "the capture is empty");
    say(`0 of ${frames} frames`);
}
