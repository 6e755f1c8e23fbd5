/**
 * The netns tier: `test/netns/run`. Raises the stage, runs every probe with the rules loaded, with the rules
 * gone (positive controls) and with each rule missing or weaker (mutation controls), and takes everything
 * down again.
 */
import { join } from "node:path";
import { pause } from "../../lab/pause";
import { projectRoot } from "../../util/root";
import { bench } from "./bench";
import { RULESETS } from "./coverage";
import { checkTable, saveFigures, writeTable } from "./figures-doc";
import { attacks, controlPort, gatewayMutations, socksOnly, sweeps, ways, workstation } from "./shards";
import { checkCoverage } from "./mutate";
import { publicLan } from "./public-lan";
import { Tally } from "./report";
import { made } from "../support/sandbox/sandbox";
import { proxyInLan, tunnelled } from "./rules-alone";
import { startBridge, startProxies } from "./egress";
import { buildCell, raiseNetwork, strikeStage, type Network, type Stage } from "./world";

const tally = new Tally();

const PARTS = [
    "attacks",
    "sweeps",
    "mutations",
    "end",
    "socks-only",
    "egress",
    "control-port",
    "workstation",
    "tunnel",
    "public-lan",
] as const;
const [, , mode = "", ...named] = process.argv;

/** What the command line names; all without. @throws Error for a part that there is not */
function wantedParts(): readonly string[] {
    const unknown =
        mode === "--only" ? named.filter((part) => !(PARTS as readonly string[]).includes(part)) : [];
    if (unknown.length > 0 || (mode === "--only" && named.length === 0)) {
        throw new Error(`--only ${named.join(" ")}: one or more of ${PARTS.join(", ")}`);
    }
    return mode === "--only" ? named : PARTS;
}

type Shard = readonly [cell: string, play: (stage: Stage) => Promise<void>];

/** Longest first: the order gives out the CPUs. */
function shardsOf(network: Network, parts: readonly string[]): Shard[] {
    const wanted = (part: (typeof PARTS)[number]): boolean => parts.includes(part);
    const bridge = wanted("egress") ? startProxies(network).then(() => startBridge(network)) : undefined;
    bridge?.catch(() => undefined); // its shards will see
    return [
        ...(wanted("sweeps") ? [["sweeps", (s) => sweeps(tally, s)] as Shard] : []),
        ...(wanted("attacks") || wanted("end")
            ? [
                  [
                      "attacks",
                      (s) => attacks(tally, s, { attacks: wanted("attacks"), end: wanted("end") }),
                  ] as Shard,
              ]
            : []),
        ...(wanted("mutations") ? [["mutations", (s) => gatewayMutations(tally, s)] as Shard] : []),
        ...(wanted("workstation") ? [["workstation", (s) => workstation(tally, s)] as Shard] : []),
        ...(bridge === undefined
            ? []
            : [
                  [
                      "egress-1",
                      (s) => ways(tally, s, ["relay set", "plain bridge", "HTTPS proxy"], bridge),
                  ] as Shard,
                  ["egress-2", (s) => ways(tally, s, ["SOCKS5 proxy", "obfs4 bridge"], bridge)] as Shard,
              ]),
        ...(wanted("tunnel")
            ? [
                  [
                      "tunnel",
                      async (s) => {
                          await tunnelled(tally, s);
                          await proxyInLan(tally, s);
                      },
                  ] as Shard,
              ]
            : []),
        ...(wanted("socks-only") ? [["socks-only", (s) => socksOnly(tally, s)] as Shard] : []),
        ...(wanted("public-lan") ? [["public-lan", (s) => publicLan(tally, s)] as Shard] : []),
        ...(wanted("control-port") ? [["control-port", (s) => controlPort(tally, s)] as Shard] : []),
    ];
}

/** All shards to their ends, whatever becomes of one. */
async function play(network: Network, shards: readonly Shard[]): Promise<void> {
    await Promise.all(
        shards.map(async ([cell, shard], i) => {
            try {
                const stage = await tally.timed(cell, "building", () => buildCell(network, cell, i + 1));
                await shard(stage);
            } catch (error) {
                tally.add(
                    `${cell} ran to its end`,
                    false,
                    error instanceof Error ? error.message : String(error),
                );
            }
        }),
    );
}

async function main(): Promise<void> {
    // Whatever ends this program early, it has failed.
    process.exitCode = 1;
    const parts = wantedParts();
    const dir = join(projectRoot(), ".lab", "netns");
    const stop = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
        process.on(name, () => stop.abort(new Error(`ended by ${name}`)));
    }
    const strike = async (when: string): Promise<void> => {
        const left = await tally.timed("stage", "striking", () => strikeStage(dir, () => undefined));
        tally.add(`${when} nothing is left of the stage`, left.length === 0, left.join(", "));
    };
    made("lab", dir);
    await strike("before,");
    let playing = Promise.resolve();
    try {
        const network = await tally.timed("stage", "internet", () =>
            raiseNetwork(dir, (text) => tally.note(text), stop.signal),
        );
        void tally.timed("stage", "consensus", () => network.consensus).catch(() => undefined);
        const shards: Shard[] =
            mode === "--bench" ? [["bench", (s) => bench(tally, s)]] : shardsOf(network, parts);
        const aborted = new Promise<never>((_, reject) =>
            stop.signal.addEventListener("abort", () => reject(stop.signal.reason as Error)),
        );
        playing = play(network, shards);
        await Promise.race([playing, aborted]);
    } catch (error) {
        tally.add("the tier ran to its end", false, error instanceof Error ? error.message : String(error));
    } finally {
        if (stop.signal.aborted) {
            // Shards that still play would go on building: without their processes they end.
            await strikeStage(dir, () => undefined);
            await playing;
        }
        if (mode === "--keep" && !stop.signal.aborted) {
            tally.note("the stage stays up; Ctrl-C takes it down");
            while (!stop.signal.aborted) {
                await pause(500);
            }
        }
        await strike("after,");
    }
    if (mode !== "--bench" && parts === PARTS) {
        checkCoverage(tally, RULESETS);
    }
    if (mode !== "--bench" && parts === PARTS && tally.failed === 0) {
        saveFigures(tally.figures.all());
        const stale = checkTable(tally.figures.all());
        tally.add("docs/confinement.md tells these numbers", stale.length === 0, stale.join("; "));
    }
    process.stdout.write(`where the time went; cells play at once:\n${tally.times()}\n${tally.closing()}\n`);
    process.exitCode = tally.failed === 0 ? 0 : 1;
}

if (mode === "--write-docs") {
    writeTable();
} else {
    void main();
}
