/** The time service's files on a Workstation. The program and its unit are the image's. */
import type { TimePlan } from "../plan/guest-plan";
import type { WorkstationFilesPlan, WorkstationGuest } from "../plan/guest-plan";
import { CLOCK_WINDOW } from "../values/clock";
import { socksPortOf } from "../values/ports";
import { PATHS } from "./guest";
import { renderRuleset } from "./nft/render";
import { workstationRuleset } from "./nft/workstation";
import { rootFile, type GuestFile } from "./user-data";

/** Settings, and in strict mode the firewall for afterwards. None when there is no source to ask. */
export function timeFiles(enclave: WorkstationFilesPlan, workstation: WorkstationGuest): GuestFile[] {
    const { time } = enclave;
    if (time === undefined) {
        return [];
    }
    const settings = { proxy: [enclave.gateway.inner.address, socksPortOf("time")], pools: time.sources };
    return [
        ...(time.sources.length === 0 ? [] : [rootFile(PATHS.time, `${JSON.stringify(settings)}\n`)]),
        ...(time.strict
            ? [rootFile(PATHS.openRuleset, renderRuleset(workstationRuleset(enclave, workstation)))]
            : []),
    ];
}

const isTextList = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((v) => typeof v === "string");

/**
 * The plan that a seed's files were rendered from, as far as they tell; rendering it again tells whether they
 * are ours.
 * @param allowed whether these pools may stand in a configuration
 */
export function timePlanOf(
    files: readonly { readonly path: string; readonly content: string }[],
    allowed: (pools: readonly (readonly string[])[]) => boolean,
): TimePlan | undefined {
    const content = (path: string): string | undefined => files.find((file) => file.path === path)?.content;
    let settings: unknown;
    try {
        settings = JSON.parse(content(PATHS.time) ?? '{"pools":[]}');
    } catch {
        return undefined;
    }
    const pools = (settings as { pools?: unknown } | null)?.pools;
    return Array.isArray(pools) && pools.every(isTextList) && (pools.length === 0 || allowed(pools))
        ? {
              windowSeconds: CLOCK_WINDOW.default,
              strict: content(PATHS.openRuleset) !== undefined,
              sources: pools,
          }
        : undefined;
}
