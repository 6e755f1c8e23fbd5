import fc from "fast-check";
import { CliError, describeError, Problems } from "../../../util/error";
import {
    type CheckStatus,
    exitStatus,
    failed,
    formatReport,
    passed,
    printable,
    report,
    undecided,
} from "../../../util/output";

const good = passed("a.b", "A", "seen");
const bad = failed("c.d", "C", "not seen", "repair it");
const open = undecided("e.f", "E", "not known", "install it");

test("only what passed is ok", () => {
    expect(report([good]).ok).toBe(true);
    fc.assert(
        fc.property(fc.array(fc.constantFrom(good, bad, open)), (checks) => {
            const all = checks.length > 0 && checks.every((c) => c.status === ("pass" satisfies CheckStatus));
            expect(report(checks).ok).toBe(all);
            const status = checks.length === 0 ? 2 : 1;
            expect(exitStatus(report(checks))).toBe(all ? 0 : status);
        }),
    );
});

test("no check at all is not ok", () => {
    expect(report([]).ok).toBe(false);
});

test("text has a line for each check, and the fix of those that did not pass", () => {
    expect(formatReport(report([good, bad, open]), false).split("\n")).toEqual([
        "ok   A: seen",
        "FAIL C: not seen",
        "     fix: repair it",
        "??   E: not known",
        "     fix: install it",
    ]);
});

test("JSON is the report", () => {
    expect(JSON.parse(formatReport(report([good, bad]), true))).toEqual({ ok: false, checks: [good, bad] });
});

test("control sequences of a guest do not reach the terminal", () => {
    fc.assert(
        fc.property(fc.string({ unit: "binary" }), (text) => {
            const control = [...printable(text)].filter(
                (c) => c !== "\n" && (c < " " || (c >= "\x7f" && c <= "\xa0")),
            );
            expect(control).toEqual([]);
        }),
    );
    expect(formatReport(report([passed("x", "X", "\x1b]0;owned\x07")]), false)).toBe(
        "ok   X: \\u001b]0;owned\\u0007",
    );
});

test("an error is one line with the fix", () => {
    expect(describeError(new CliError("broken\n  twice", "repair\nit"))).toBe(
        "sallyport: broken; twice; fix: repair; it",
    );
    expect(describeError(new Error("plain"))).toBe("sallyport: plain");
    expect(describeError("text")).toBe("sallyport: text");
    expect(describeError(new Problems("It cannot be:", ["one\ntwo"]))).toBe(
        "sallyport: It cannot be: one; two",
    );
    expect(describeError(new Problems("It cannot be:", ["one\ntwo", "three"]))).toBe(
        "sallyport: It cannot be:\n  - one; two\n  - three",
    );
});
