/**
 * The golden image inside a lab host that has hardware virtualisation: a page through the lab's private Tor
 * network.
 */
import assert from "../support/assert";
import { join } from "node:path";
import { openShell } from "../../cli/guest-shell";
import { fetchPage } from "../../cli/live/fetch";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import type { LabInfo } from "../../lab/info";
import { resolveLab } from "../../lab/paths";
import { startLab } from "../../lab/start";
import { stopLab } from "../../lab/stop";
import { LIMIT, type Variant } from "./support/host-vm";
import { made } from "../support/sandbox/sandbox";
import { inventory } from "./support/inventory";
import { root } from "./support/place";
import { openStage, type Stage } from "./support/stage";

const SILENT = ["--yes", "--skip-preview"];
const FETCH_SECONDS = 90;

export const goldenOn = (variant: Variant): void =>
    void describe(`The golden image on a lab host: ${variant}`, () => {
        let lab: LabInfo;
        let stage: Stage;
        let empty: string[];
        beforeAll(async () => {
            // Another user may have a lab of their own.
            process.env["SALLYPORT_LAB_DIR"] = join(root, ".lab", "host-lab");
            made("lab", resolveLab().dir);
            lab = (await startLab({ progress: (line) => process.stderr.write(`      ${line}\n`) })).lab;
            const { torNetwork } = labStackConfig(lab);
            stage = await openStage(variant, {
                internet: lab.namespaces.internet,
                settings: { torNetwork, image: ".image/manifest.json" },
            });
            await stage.host.sh("test -c /dev/kvm");
            empty = await inventory(stage.host);
        });
        afterAll(async () => {
            await stage?.close();
            assert.deepEqual((await stopLab()).left, []);
        });

        it("up", async () => {
            await stage.pulumi("golden image: up, forwarded socket", "up", ...SILENT);
        });

        it("a page through Tor, by the SocksPort and by the TransPort", async () => {
            const shell = await openShell({
                uri: await stage.operator.forwarded(),
                domain: stage.guests[1],
                timeoutSeconds: LIMIT.up,
            });
            try {
                for (const way of ["SocksPort", "TransPort"] as const) {
                    const fetched = await fetchPage(shell, lab, way, FETCH_SECONDS);
                    assert.equal(fetched.anonymous, true, JSON.stringify(fetched));
                }
            } finally {
                await shell.close();
            }
        });

        it("destroy leaves nothing", async () => {
            await stage.pulumi("golden image: destroy, forwarded socket", "destroy", ...SILENT);
            assert.deepEqual(await inventory(stage.host), empty);
        });
    });
