/** Reading a network-status consensus (dir-spec, "Network status documents"). Pure. */
import type { Relay } from "./addresses";

/** A relay as the consensus lists it. */
interface ListedRelay {
    readonly nickname: string;
    readonly address: string;
    readonly orPort: number;
    readonly flags: readonly string[];
}

/** A consensus in the "ns" flavour. */
export interface Consensus {
    readonly validUntil: Date;
    readonly relays: readonly ListedRelay[];
}

/** Flags without which a client would not use a relay as we need it. */
const NEEDED: Record<Relay["kind"], readonly string[]> = {
    authority: ["Authority", "Running", "Valid"],
    exit: ["Exit", "Guard", "Running", "Valid"],
};

/** Parse a consensus. @throws Error for anything else */
export function parseConsensus(text: string): Consensus {
    const until = /^valid-until (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/m.exec(text);
    if (
        !text.startsWith("network-status-version 3\n") ||
        until === null ||
        !/^directory-signature /m.test(text)
    ) {
        throw new Error("not a signed version 3 consensus");
    }
    const relays: ListedRelay[] = [];
    let flags: string[] = [];
    for (const line of text.split("\n")) {
        const words = line.split(" ");
        if (words[0] === "r") {
            // r nickname identity digest date time address orport dirport
            const [, nickname, , , , , address, orPort] = words;
            if (words.length !== 9 || nickname === undefined || address === undefined) {
                throw new Error(`relay line of an unknown form: ${JSON.stringify(line)}`);
            }
            flags = [];
            relays.push({ nickname, address, orPort: Number(orPort), flags });
        } else if (words[0] === "s") {
            flags.push(...words.slice(1).filter((flag) => flag !== ""));
        }
    }
    return { validUntil: new Date(`${until[1]}T${until[2]}Z`), relays };
}

/** What the consensus still lacks, one entry for each relay that is missing or has no flag that it needs. */
export function lacking(consensus: Consensus, wanted: readonly Relay[]): string[] {
    return wanted.flatMap((relay) => {
        const listed = consensus.relays.find(
            (one) => one.address === relay.address && one.orPort === relay.orPort,
        );
        if (listed === undefined) {
            return [`${relay.nickname} is not listed`];
        }
        const missing = NEEDED[relay.kind].filter((flag) => !listed.flags.includes(flag));
        return missing.length === 0 ? [] : [`${relay.nickname} is not ${missing.join(", ")}`];
    });
}
