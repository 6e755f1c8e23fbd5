/** Files that list relays, read once and put in place of their names. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { localRange } from "../values/endpoint";
import { deepFreeze } from "../util/freeze";
import { parseRelaySet } from "../values/relay-set";
import { ConfigError, type ConfigProblem } from "../config/error";
import { MAX_RELAYS } from "../config/egress";
import type { SallyportConfig } from "../config/schema";

/** Reads a file by its name in the settings. */
export type ReadText = (path: string) => string;

/** Names are relative to the project's folder. */
export const readFrom =
    (root: string): ReadText =>
    (path) =>
        readFileSync(resolve(root, path), "utf8");

/** @throws Error when the file holds none, too many, or one that may be in a LAN */
function relaysIn(file: string, read: ReadText): string[] {
    const relays = parseRelaySet(file, read(file));
    if (relays.length > MAX_RELAYS) {
        throw new Error(`${file} holds ${relays.length} relays; at most ${MAX_RELAYS} relays are allowed`);
    }
    const local = relays.find((r) => localRange(r.address) !== undefined);
    if (local !== undefined) {
        throw new Error(
            `${file} holds ${local.address}:${local.port}, which lies in ${localRange(local.address) ?? ""}: no place on the public Internet`,
        );
    }
    return relays.map((r) => `${r.address}:${r.port}`);
}

/**
 * The configuration with every `egress.relayFile` replaced by the relays in it.
 * @throws ConfigError naming each file that cannot be read or holds no relay
 */
export function withRelays(config: SallyportConfig, read: ReadText): SallyportConfig {
    const problems: ConfigProblem[] = [];
    const enclaves = config.enclaves.map((enclave, i) => {
        const { egress } = enclave;
        if (egress.mode !== "relay-set" || egress.relayFile === undefined) {
            return enclave;
        }
        try {
            const relays = relaysIn(egress.relayFile, read);
            return { ...enclave, egress: { mode: "relay-set" as const, relays } };
        } catch (error) {
            problems.push({
                property: `enclaves[${i}].egress.relayFile`,
                value: egress.relayFile,
                allowed: `a file of relays that can be read: ${error instanceof Error ? error.message : String(error)}`,
                fix: 'write one "address:port" a line, or copy cached-consensus or cached-microdesc-consensus from a tor\'s DataDirectory',
            });
            return enclave;
        }
    });
    if (problems.length > 0) {
        throw new ConfigError(problems);
    }
    return deepFreeze({ ...config, enclaves });
}
