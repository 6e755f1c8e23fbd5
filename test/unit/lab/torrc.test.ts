import fc from "fast-check";
import { RELAYS } from "../../../lab/addresses";
import type { Relay } from "../../../lab/addresses";
import { AUTHORITIES, clientLines, dirAuthority, relayTorrc, writeTorrc } from "../../../lab/torrc";

const identity = { v3ident: "A".repeat(40), fingerprint: "B".repeat(40) };
const settings = {
    dirAuthorities: AUTHORITIES.map((relay) => dirAuthority(relay, identity)),
    resolvConf: "/lab/resolv.conf",
};
const text = (relay: Relay): string => writeTorrc(relayTorrc(relay, "/lab/data", settings));

test("every relay names all authorities and its own addresses, and no client port is open", () => {
    for (const relay of RELAYS) {
        const lines = text(relay).split("\n");
        expect(lines.filter((line) => line.startsWith("DirAuthority "))).toHaveLength(AUTHORITIES.length);
        expect(lines).toEqual(
            expect.arrayContaining([
                "TestingTorNetwork 1",
                `ORPort ${relay.address}:${relay.orPort}`,
                `OutboundBindAddress ${relay.address}`,
                "SocksPort 0",
                "ShutdownWaitLength 0",
                'DataDirectory "/lab/data"',
            ]),
        );
    }
});

test("only authorities vote, only exits exit", () => {
    for (const relay of RELAYS) {
        const authority = relay.kind === "authority";
        expect(text(relay).includes("AuthoritativeDirectory 1\n")).toBe(authority);
        expect(text(relay).includes("DirPort")).toBe(authority);
        expect(text(relay).includes("ExitPolicy reject *:*\n")).toBe(authority);
        expect(text(relay).includes("ExitPolicy accept *:*\n")).toBe(!authority);
    }
});

test("authorities vote often while the network forms and seldom once it is complete; nothing else differs", () => {
    for (const relay of RELAYS) {
        const steady = writeTorrc(relayTorrc(relay, "/lab/data", settings, "steady"));
        const voting = (seconds: number): RegExp => new RegExp(`^V3AuthVotingInterval ${seconds}\n`, "m");
        expect(voting(10).test(text(relay))).toBe(relay.kind === "authority");
        expect(voting(300).test(steady)).toBe(relay.kind === "authority");
        expect(steady.replace(voting(300), "")).toBe(text(relay).replace(voting(10), ""));
    }
});

test("the value of DirAuthority has the form that clients are given", () => {
    const [relay] = AUTHORITIES;
    expect(dirAuthority(relay as Relay, identity)).toBe(
        `auth1 orport=5000 no-v2 v3ident=${"A".repeat(40)} 203.0.113.11:7000 ${"B".repeat(40)}`,
    );
});

test("an exit is no authority", () => {
    const exit = RELAYS.find((relay) => relay.kind === "exit") as Relay;
    expect(() => dirAuthority(exit, identity)).toThrow(/exit1 .* no authority/);
});

test("a client gets the authorities and nothing that makes it a relay", () => {
    const lines = writeTorrc(clientLines(settings.dirAuthorities)).trim().split("\n");
    expect(lines).toHaveLength(1 + AUTHORITIES.length);
    expect(lines.every((line) => /^(TestingTorNetwork 1|DirAuthority auth\d .*)$/.test(line))).toBe(true);
});

test("one option stays one line, whatever the path", () => {
    fc.assert(
        fc.property(fc.string(), (path) => {
            // eslint-disable-next-line no-control-regex
            if (/[\x00-\x1f\x7f]/.test(path)) {
                expect(() => writeTorrc([["DataDirectory", { path }]])).toThrow(/control character/);
                return;
            }
            const written = writeTorrc([["DataDirectory", { path }]]);
            const quoted = /^DataDirectory "((?:[^"\\]|\\["\\])*)"\n$/.exec(written)?.[1];
            expect(quoted?.replace(/\\(["\\])/g, "$1")).toBe(path);
        }),
    );
});

test.each(["a#b", 'a"b', "a\\b", "a\nSocksPort 9050"])("a plain value like %j is refused", (value) => {
    expect(() => writeTorrc([["Nickname", value]])).toThrow(/torrc: /);
});

test("an option without a value is written without a trailing blank", () => {
    expect(writeTorrc([["ServerDNSTestAddresses"]])).toBe("ServerDNSTestAddresses\n");
});
