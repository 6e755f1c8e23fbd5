/**
 * How many findings of one rule are written out. A stranger's stack of thousands of guests has hundreds of
 * thousands of them; what is left out is counted, and blocks as it would have blocked itself.
 */
import type { Judged, Level } from "./config";

/** Findings of one rule that are written out; those that are acknowledged do not use it up. */
export const SHOWN_PER_RULE = 25;

const STRICTEST: readonly Level[] = ["mandatory", "advisory", "disabled"];

/**
 * The findings, of each rule and level the first ones and a count of the others. No acknowledgement can be
 * for the count.
 */
export function capped(judged: readonly Judged[]): Judged[] {
    const seen = new Map<string, Judged[]>();
    const shown = judged.filter((one) => {
        if (one.acknowledged !== undefined) {
            return true;
        }
        const key = `${one.finding.rule.id} ${one.level}`;
        const before = seen.get(key) ?? [];
        seen.set(key, before);
        return before.push(one) <= SHOWN_PER_RULE;
    });
    const counted = [...seen.values()]
        .filter((all) => all.length > SHOWN_PER_RULE)
        .flatMap((all): Judged[] => {
            const [first] = all;
            const more = all.slice(SHOWN_PER_RULE);
            const level = STRICTEST.find((l) => more.some((one) => one.level === l)) ?? "mandatory";
            return first === undefined
                ? []
                : [
                      {
                          level,
                          finding: {
                              rule: first.finding.rule,
                              subject: `${more.length} more`,
                              at: { resource: "", path: "" },
                              verdict: more.some((one) => one.finding.verdict === "violation")
                                  ? "violation"
                                  : "undecided",
                              message:
                                  `and ${new Intl.NumberFormat("en").format(more.length)} more ` +
                                  "findings of this rule, which are not written out",
                              fix: "deal with those that are written out, and run it again",
                          },
                      },
                  ];
        });
    return [...shown, ...counted];
}
