import { explain, knownCause, volumeFix } from "../../../cli/not-ready";
import type { GatewayStatus, TorWarning } from "../../../cli/status-line";

const warn = (text: string): TorWarning => ({ severity: "warn", text });
const bootstrap = (detail: string): GatewayStatus => ({
    phase: "bootstrap",
    bootstrap: 10,
    ready: false,
    detail,
});

/** tor's own messages, of 0.4.8 and 0.4.9, as the guest passes them on. */
test.each([
    [
        "Our clock is 2 hours, 1 minutes behind the time published in the consensus network status document (2026-12-01 10:00:00 UTC).  Tor needs an accurate clock to work correctly.",
        /clock is wrong/,
        /timedatectl/,
    ],
    [
        "Received NETINFO cell with skewed time (OR:[scrubbed]): It seems that our clock is ahead by 2 hours, 0 minutes, or that theirs is behind.",
        /clock is wrong/,
        /timedatectl/,
    ],
    [
        "Tried connecting to router at [scrubbed] ID=[key] RSA_ID=[key], but RSA + ed25519 identity keys were not as expected: wanted [key] + no ed25519 key but got [key] + [key].",
        /not who it should be/,
        /fingerprint/,
    ],
    [
        "The https proxy refused to allow connection to [address] (status code 403,  Forbidden ). Closing.",
        /proxy refuses/,
        /upstreamProxy/,
    ],
    [
        "Proxy Client: unable to connect OR connection (handshaking (proxy)) with [address] ( server doesn  t support any of our available authentication methods )",
        /proxy refuses/,
        /password/,
    ],
    [
        "The connection to the SOCKS5 proxy server at [address] just failed. Make sure that the proxy server is up and running.",
        /proxy cannot be reached/,
        /address and port/,
    ],
    [
        "Proxy Client: unable to connect OR connection (handshaking (proxy)) with [address] ( Connection refused )",
        /does not connect/,
        /bridge lines/,
    ],
    [
        "Proxy Client: unable to connect OR connection (handshaking (proxy)) with [address] ( general SOCKS server failure )",
        /transport of a bridge/,
        /new ones/,
    ],
    ["Managed proxy at '/usr/bin/obfs4proxy' failed at launch.", /transport of a bridge/, /cert/],
    [
        "Problem bootstrapping. Stuck at 5% (conn): Connecting to a relay. (No route to host; NOROUTE; count 7; recommendation warn; host [key] at [address])",
        /no route/,
        /net-list/,
    ],
    ["Network is unreachable", /no route/, /ip route/],
    ["Error writing temp file: No space left on device", /volume is full/, /resize/],
    ["Failed to parse/validate config: Unknown option 'Foo'.  Failing.", /configuration/, /torrc/],
    [
        "Problem bootstrapping. Stuck at 5% (conn): Connecting to a relay. (Connection refused; CONNECTREFUSED; count 7; recommendation warn; host [key] at [address])",
        /relays cannot be reached/,
        /bridges/,
    ],
])("known: %s", (text, cause, fix) => {
    const found = knownCause([text]);
    expect(found?.cause).toMatch(cause);
    expect(found?.fix).toMatch(fix);
    expect(explain(bootstrap("x"), [warn(text)])).toEqual({
        told: `; ${found?.cause ?? ""}: tor says "${text}"`,
        fix: found?.fix,
    });
});

test.each(["", "loading descriptors", "You are running Tor as root.", "Tor needs a clock", "identity"])(
    "not known (negative test): %s",
    (text) => {
        expect(knownCause([text])).toBeUndefined();
        expect(explain(bootstrap(text), [])).toEqual({ told: "", fix: undefined });
    },
);

test("a wrong clock is told before what follows from it", () => {
    const found = explain(bootstrap("x"), [
        warn("Problem bootstrapping. (Connection timed out; TIMEOUT; count 3)"),
        warn("Our clock is 3 hours behind the time published in the consensus"),
    ]);
    expect(found.told).toBe(
        `; the Gateway's clock is wrong: tor says "Our clock is 3 hours behind the time published in the consensus"`,
    );
});

test("what tor's bootstrap status says counts, too; what is not known is quoted", () => {
    expect(explain(bootstrap("Connecting to a relay: Network is unreachable"), []).told).toBe(
        "; the Gateway has no route to the Internet",
    );
    expect(explain(undefined, [warn("one"), warn("two"), warn("three")])).toEqual({
        told: `; tor says "two", "three"`,
        fix: undefined,
    });
});

test("a hostile text stays on its line", () => {
    expect(explain(undefined, [warn("a\nsallyport: all is well\u202e\x1b[2J ##[error]x")]).told).toBe(
        `; tor says "a\\u000asallyport: all is well\\u202e\\u001b[2J #\\u0023[error]x"`,
    );
});

test("a guest that is shut over its volume is told apart", () => {
    expect(volumeFix("sallyport-state: no disk with this serial is attached")).toMatch(
        /volume is left as it is/,
    );
    expect(volumeFix("ruleset refused: sallyport-state: x")).toBeUndefined();
});
