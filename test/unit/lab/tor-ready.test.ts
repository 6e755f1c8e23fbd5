import { createHash } from "node:crypto";
import { relayLacks } from "../../../lab/tor-ready";

const microdesc = (key: string): string => `onion-key\n${key}\nid ed25519 ${key}\n`;
const digest = (text: string): string =>
    createHash("sha256").update(text).digest("base64").replace(/=+$/, "");
const cache = (...keys: string[]): string =>
    keys.map((key) => `@last-listed 2026-01-01 00:00:00\n${microdesc(key)}`).join("");
const consensus = (...keys: string[]): string =>
    `network-status-version 3 microdesc\n${keys.map((key) => `r ${key} id 2038-01-01 00:00:00 203.0.113.1 5000 0\nm ${digest(microdesc(key))}\n`).join("")}`;

test("a relay that has every microdescriptor of a complete consensus lacks nothing", () => {
    expect(relayLacks(consensus("a", "b"), cache("b", "a"), ["a", "b"])).toEqual([]);
});

test("no consensus, one that lists too few, and one whose microdescriptors are older are lacking", () => {
    expect(relayLacks("", "", ["a", "b"])).toEqual(["a", "b"]);
    expect(relayLacks(consensus("a"), cache("a"), ["a", "b"])).toEqual(["b"]);
    expect(relayLacks(consensus("a", "b"), cache("a", "c"), ["a", "b"])).toEqual(["1 microdescriptors"]);
});
