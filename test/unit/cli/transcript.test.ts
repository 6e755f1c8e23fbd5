import fc from "fast-check";
import { handshake, typed } from "../../../cli/transcript";

const echo = (line: string): string => `user@host:~$ ${line.replace(/(.{67})/g, "$1 \r")}\r\n\x1b[?2004l\r`;
const answer = (nonce: string, output: string, status: number): string =>
    `\r\n@@B${nonce}@@\r\n${output.replaceAll("\n", "\r\n")}\r\n@@E${nonce}:${status}@@\r\nuser@host:~$ `;

test("finds output and status behind the echo", () => {
    const t = typed("echo hi", "abc", 5);
    expect(t.find(echo(t.line) + answer("abc", "hi\n", 0))).toEqual({ status: 0, output: "hi\n" });
    expect(t.find(echo(t.line) + answer("abc", "", 7))).toEqual({ status: 7, output: "" });
});

test("the echo alone is no result, whole or cut", () => {
    fc.assert(
        fc.property(fc.string({ maxLength: 300 }), (script) => {
            const t = typed(script, "abc", 5);
            expect(t.find(echo(t.line) + echo(t.line))).toBeUndefined();
            expect(handshake("abc").seen(echo(handshake("abc").line))).toBe(false);
        }),
    );
});

test("any output comes back", () => {
    const text = fc.string().filter((s) => !s.includes("\r") && !s.includes("@@"));
    fc.assert(
        fc.property(text, fc.nat(255), fc.nat(), (output, status, cut) => {
            const t = typed("x", "n1", 5);
            const all = echo(t.line) + answer("n1", output, status);
            expect(t.find(all)).toEqual({ status, output });
            const part = all.slice(0, cut % all.indexOf(":", all.indexOf("@@En1")));
            expect(t.find(part)).toBeUndefined();
        }),
    );
});

test("another command's result is not taken", () => {
    expect(typed("x", "n2", 5).find(answer("n1", "hi\n", 0))).toBeUndefined();
});

test("a script that a terminal would cut is refused", () => {
    expect(() => typed("x".repeat(3100), "abc", 5)).toThrow(RangeError);
    expect(typed("x".repeat(2900), "abc", 5).line.length).toBeLessThanOrEqual(4095);
});
