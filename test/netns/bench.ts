/** Throughput: a Gateway in use, and beside it a tor that a program on the host uses directly. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gatewayRuleset } from "../../cloud-init/nft/gateway";
import { gatewayTorrc } from "../../cloud-init/torrc/gateway";
import { renderTorrc } from "../../cloud-init/torrc/options";
import { startDaemon } from "../../lab/daemon";
import { saveThroughput, tooSlow } from "./figures-doc";
import { loadRules, plugIn, rulesFile, strictKernel, write } from "./gateway";
import { startGatewayTor } from "./gateway-tor";
import { phases } from "./phases";
import type { Tally } from "./report";
import { specOf } from "./spec";
import type { Stage } from "./world";

const DIRECT_PORT = 9050;

export async function bench(tally: Tally, stage: Stage): Promise<void> {
    mkdirSync(join(stage.folder, "direct"), { recursive: true });
    await loadRules(stage, rulesFile(stage, "ruleset.nft", gatewayRuleset(stage.enclave)));
    await strictKernel(stage);
    await plugIn(stage);
    await stage.consensus;
    const torrc = write(
        stage,
        "direct/torrc",
        [
            "TestingTorNetwork 1",
            ...stage.dirAuthorities.map((line) => `DirAuthority ${line}`),
            `DataDirectory ${join(stage.folder, "direct", "data")}`,
            `SocksPort 127.0.0.1:${DIRECT_PORT}`,
            "Log notice stdout",
            "",
        ].join("\n"),
    );
    startDaemon(
        stage.registry,
        "tor on the host",
        stage.names.host,
        "tor",
        ["-f", torrc],
        join(stage.paths.logs, "tor-direct.log"),
    );
    const tor = await startGatewayTor(
        stage,
        stage.names.gateway,
        "gateway",
        renderTorrc(gatewayTorrc(stage.enclave)),
    );
    const spec = await specOf(stage, {
        cpu: null,
        directPort: DIRECT_PORT,
        control: join(tor.run, "control"),
        cookie: join(tor.run, "control.authcookie"),
    });
    await phases(tally, stage, spec, ["ready"]);
    const results = await phases(tally, stage, spec, ["throughput"]);
    if (results.length > 0 && results.every((r) => r.ok)) {
        const measured = results.map(({ name, detail, ratio }) => ({
            way: name,
            said: detail,
            ...(ratio === undefined ? {} : { ratio }),
        }));
        saveThroughput(measured);
        const slow = tooSlow(measured);
        tally.add("every way through the Gateway is fast enough", slow.length === 0, slow.join("; "));
    }
}
