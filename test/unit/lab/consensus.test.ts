import { RELAYS } from "../../../lab/addresses";
import type { Relay } from "../../../lab/addresses";
import { lacking, parseConsensus } from "../../../lab/consensus";

const flags = {
    authority: "Authority Fast Running Stable V2Dir Valid",
    exit: "Exit Fast Guard HSDir Running Stable V2Dir Valid",
};
const entry = (relay: Relay, s: string = flags[relay.kind]): string =>
    `r ${relay.nickname} C5lw3bRtq3CoLYjpQbq2BNU1ZZ8 Ll2bQ8u4cPFn3cQw5CXK2G0J0Ls 2026-11-22 19:02:05 ${relay.address} ${relay.orPort} ${relay.dirPort ?? 0}\n` +
    `m bWljcm9kZXNj\ns ${s}\nv Tor 0.4.9.11\npr Conflux=1\nw Bandwidth=0\np accept 1-65535\n`;
const consensus = (entries: readonly string[]): string =>
    `network-status-version 3\nvote-status consensus\nvalid-after 2026-11-22 19:02:05\nfresh-until 2026-11-22 19:02:10\n` +
    `valid-until 2026-11-22 19:02:15\n${entries.join("")}directory-footer\ndirectory-signature ` +
    `AAAA BBBB\n-----BEGIN SIGNATURE-----\n`;

test("a consensus with every relay lacks nothing", () => {
    const parsed = parseConsensus(consensus(RELAYS.map((relay) => entry(relay))));
    expect(parsed.validUntil.toISOString()).toBe("2026-11-22T19:02:15.000Z");
    expect(parsed.relays).toHaveLength(RELAYS.length);
    expect(lacking(parsed, RELAYS)).toEqual([]);
});

test.each(RELAYS.map((relay) => relay.nickname))("without %s it is said to be missing", (nickname) => {
    const parsed = parseConsensus(
        consensus(RELAYS.filter((relay) => relay.nickname !== nickname).map((relay) => entry(relay))),
    );
    expect(lacking(parsed, RELAYS)).toEqual([`${nickname} is not listed`]);
});

test.each(["Exit", "Guard", "Running", "Valid"])("an exit without the flag %s does not count", (flag) => {
    const entries = RELAYS.map((relay) =>
        entry(
            relay,
            relay.nickname === "exit2"
                ? flags.exit.replace(`${flag} `, "").replace(` ${flag}`, "")
                : undefined,
        ),
    );
    expect(lacking(parseConsensus(consensus(entries)), RELAYS)).toEqual([`exit2 is not ${flag}`]);
});

test("a relay of that name at another address is another relay", () => {
    const moved = RELAYS.map((relay) =>
        entry(relay.nickname === "exit1" ? { ...relay, address: "203.0.113.99" } : relay),
    );
    expect(lacking(parseConsensus(consensus(moved)), RELAYS)).toEqual(["exit1 is not listed"]);
});

test.each([
    ["nothing", ""],
    ["a page", "<html></html>"],
    ["no signature", consensus([]).replace(/directory-signature.*/s, "")],
    ["no end of validity", consensus([]).replace(/valid-until.*\n/, "")],
    ["a relay line of another form", consensus(["r short line\n"])],
])("%s is refused", (_, text) => {
    expect(() => parseConsensus(text)).toThrow();
});
