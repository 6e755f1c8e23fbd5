import { parseBridge } from "../../../values/bridge";
import { parseRelaySet } from "../../../values/relay-set";

const FINGERPRINT = "0123456789ABCDEF0123456789abcdef01234567";

describe("bridge lines", () => {
    it("are read with and without transport, fingerprint and arguments", () => {
        expect(parseBridge("b", ` obfs4   192.0.2.7:443 ${FINGERPRINT} cert=abc iat-mode=0 `)).toEqual({
            line: `obfs4 192.0.2.7:443 ${FINGERPRINT} cert=abc iat-mode=0`,
            endpoint: { address: "192.0.2.7", port: 443 },
            transport: "obfs4",
        });
        expect(parseBridge("b", "192.0.2.7:9001")).toEqual({
            line: "192.0.2.7:9001",
            endpoint: { address: "192.0.2.7", port: 9001 },
        });
    });

    it.each([
        ["", /no IPv4 address/],
        ["snowflake 192.0.2.3:1", /not supported \(snowflake: its peers' addresses are not known/],
        [
            "webtunnel 192.0.2.3:1 url=https://a.example",
            /not supported \(webtunnel: .* looked up outside Tor/,
        ],
        ["conjure 192.0.2.3:1", /not supported; allowed: obfs4/],
        ["obfs4 [2001:db8::1]:443 cert=a", /an IPv6 address, and a Gateway has no IPv6; fix: /],
        ["obfs4 bridge.example:443 cert=a", /no IPv4 address/],
        ["192.0.2.7:0", /no IPv4 address/],
        ["192.0.2.7:99999", /no IPv4 address/],
        ["192.0.2.07:443", /no IPv4 address/],
        ["192.0.2.7:443 tooshort", /neither a fingerprint/],
        ["192.0.2.7:443 key=a#b", /neither a fingerprint/],
        [`obfs4 192.0.2.7:443 ${FINGERPRINT}`, /lacks cert/],
    ])("that are wrong are named, not shown: %j", (line, why) => {
        expect(() => parseBridge("bridges[3]", line)).toThrow(why);
        expect(() => parseBridge("bridges[3]", line)).toThrow(/^bridges\[3\]/);
        if (line.includes("tooshort")) {
            expect(() => parseBridge("bridges[3]", line)).not.toThrow(/tooshort/);
        }
    });
});

describe("relay lists", () => {
    it("are read from plain lines", () => {
        expect(parseRelaySet("f", "# guards\n192.0.2.1:9001 # one\n\n192.0.2.2:443\n")).toEqual([
            { address: "192.0.2.1", port: 9001 },
            { address: "192.0.2.2", port: 443 },
        ]);
    });

    it("are read from a consensus of either flavour: guards that run, and authorities", () => {
        const consensus = [
            "network-status-version 3",
            "r guard AAAA BBBB 2026-01-01 00:00:00 192.0.2.1 9001 0",
            "s Fast Guard Running Valid",
            "r exit AAAA BBBB 2026-01-01 00:00:00 192.0.2.2 9001 0",
            "s Exit Running Valid",
            "r asleep AAAA BBBB 2026-01-01 00:00:00 192.0.2.3 9001 0",
            "s Guard Valid",
            "r authority AAAA 2026-01-01 00:00:00 192.0.2.4 443 80",
            "s Authority Valid",
        ].join("\n");
        expect(parseRelaySet("f", consensus).map((r) => r.address)).toEqual(["192.0.2.1", "192.0.2.4"]);
    });

    it("that cannot be read name file and line", () => {
        expect(() => parseRelaySet("relays.txt", "192.0.2.1:9001\n192.0.2.1\n")).toThrow(
            /relays\.txt, line 2/,
        );
        expect(() => parseRelaySet("relays.txt", "192.0.2.1:9001:1")).toThrow(/line 1/);
        expect(() => parseRelaySet("relays.txt", "# nothing\n")).toThrow(/holds no relay/);
        expect(() => parseRelaySet("relays.txt", "network-status-version 3\nr x\n")).toThrow(/line 2/);
    });
});
