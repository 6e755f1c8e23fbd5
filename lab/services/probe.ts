/**
 * Questions that must be asked from inside a namespace. Each prints lines on standard output and ends with 0
 * or 1.
 */
import { RELAYS } from "../addresses";
import { lacking, parseConsensus } from "../consensus";
import { pause } from "../pause";
import { AUTHORITIES } from "../torrc";
import { fetchText } from "./fetch";

const ASK_AGAIN_MS = 200;
const ANSWER_MS = 3000;
/** More relays than this are counted instead of named. */
const SHOWN = 2;

/** Why one authority's consensus is not complete; empty when it is. */
async function authorityLacks(address: string, dirPort: number): Promise<string[]> {
    const base = `http://${address}:${dirPort}/tor/status-vote/current`;
    try {
        const [full, micro] = await Promise.all([
            fetchText(`${base}/consensus`, ANSWER_MS),
            fetchText(`${base}/consensus-microdesc`, ANSWER_MS), // the flavour that clients use
        ]);
        if (full.status !== 200 || micro.status !== 200) {
            return ["no consensus yet"];
        }
        const consensus = parseConsensus(full.body);
        const late =
            consensus.validUntil.getTime() < Date.now()
                ? [`expired at ${consensus.validUntil.toISOString()}`]
                : [];
        const lacks = lacking(consensus, RELAYS);
        return [
            ...late,
            ...(lacks.length > SHOWN ? [`lacks ${lacks.length} of ${RELAYS.length} relays`] : lacks),
        ];
    } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
    }
}

/** One line about all authorities; empty when each of them serves a complete consensus. */
async function networkLacks(): Promise<string> {
    const answers = await Promise.all(
        AUTHORITIES.map(async (relay) => {
            const lacks = await authorityLacks(relay.address, relay.dirPort ?? 0);
            return lacks.length === 0 ? [] : [`${relay.nickname}: ${lacks.join(", ")}`];
        }),
    );
    return answers.flat().join("; ");
}

async function until(ask: () => Promise<string>, timeout: number): Promise<number> {
    const deadline = performance.now() + timeout;
    let said = "";
    for (;;) {
        const lacks = await ask();
        if (lacks === "") {
            return 0;
        }
        if (lacks !== said) {
            process.stdout.write(`${lacks}\n`);
            said = lacks;
        }
        if (performance.now() >= deadline) {
            return 1;
        }
        await pause(ASK_AGAIN_MS);
    }
}

/** Wait for a consensus of all relays on every authority; prints what is lacking whenever that changes. */
export function awaitConsensus(timeout: number): Promise<number> {
    return until(networkLacks, timeout);
}

/** Wait for a page. */
export function awaitPage(url: string, timeout: number): Promise<number> {
    return until(async () => {
        try {
            const { status } = await fetchText(url, ANSWER_MS);
            return status === 200 ? "" : `${url} answers with status ${status}`;
        } catch (error) {
            return `${url}: ${error instanceof Error ? error.message : String(error)}`;
        }
    }, timeout);
}
