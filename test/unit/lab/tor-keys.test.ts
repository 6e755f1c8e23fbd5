import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cachedKeys, parseCertificate, parseFingerprint } from "../../../lab/tor-keys";
import { AUTHORITIES } from "../../../lab/torrc";

const V3IDENT = "0123456789ABCDEF0123456789ABCDEF01234567";
const certificate =
    `dir-key-certificate-version 3\ndir-address 203.0.113.11:7000\nfingerprint ${V3IDENT}\n` +
    "dir-key-published 2026-11-22 18:00:00\ndir-key-expires 2027-11-22 18:00:00\n";
const now = new Date("2026-11-23T00:00:00Z");

let cache = "";
beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "sallyport-keys-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

function fill(
    change: (summary: { version: number; authorities: Record<string, unknown>[] }) => void = () => undefined,
): void {
    const summary = {
        version: 1,
        authorities: AUTHORITIES.map(({ nickname, address }) => ({
            nickname,
            address,
            v3ident: V3IDENT,
            fingerprint: "B".repeat(40),
            expires: "2027-11-22T18:00:00Z",
        })),
    };
    change(summary);
    for (const { nickname } of AUTHORITIES) {
        mkdirSync(join(cache, "authorities", nickname, "keys"), { recursive: true });
        writeFileSync(join(cache, "authorities", nickname, "keys", "authority_certificate"), certificate);
    }
    writeFileSync(join(cache, "authorities", "summary.json"), JSON.stringify(summary));
}

test("a certificate's identity and end are read", () => {
    expect(parseCertificate(certificate)).toEqual({
        v3ident: V3IDENT,
        expires: new Date("2027-11-22T18:00:00Z"),
    });
    expect(() => parseCertificate(certificate.replace("dir-key-expires", "x"))).toThrow(/dir-key-expires/);
});

test("a fingerprint is read from between other lines", () => {
    const output = "Nov 22 [notice] hello\nauth1 0B13 9199 FEA0 D929 8852 E31F 8631 E780 FFD4 157D\n";
    expect(parseFingerprint(output)).toBe("0B139199FEA0D9298852E31F8631E780FFD4157D");
    expect(() => parseFingerprint("auth1 0B13 9199\n")).toThrow(/instead of a fingerprint/);
});

test("good keys are used again", () => {
    fill();
    expect(cachedKeys(cache, now)?.map((keys) => keys.nickname)).toEqual(
        AUTHORITIES.map((relay) => relay.nickname),
    );
});

test("keys near their end are not", () => {
    fill();
    expect(cachedKeys(cache, new Date("2027-11-01T00:00:00Z"))).toBeUndefined();
});

test.each([
    [
        "an authority with another address",
        (s: { authorities: Record<string, unknown>[] }): void => {
            Object.assign(s.authorities[0] ?? {}, { address: "203.0.113.99" });
        },
    ],
    [
        "an authority too few",
        (s: { authorities: unknown[] }): void => {
            s.authorities.pop();
        },
    ],
    [
        "a summary that does not fit the certificates",
        (s: { authorities: Record<string, unknown>[] }): void => {
            Object.assign(s.authorities[1] ?? {}, { v3ident: "F".repeat(40) });
        },
    ],
    [
        "another version",
        (s: { version: number }): void => {
            s.version = 2;
        },
    ],
])("%s means new keys", (_, change) => {
    fill(change);
    expect(cachedKeys(cache, now)).toBeUndefined();
});

test("an empty or broken cache means new keys", () => {
    expect(cachedKeys(cache, now)).toBeUndefined();
    fill();
    writeFileSync(join(cache, "authorities", "summary.json"), "{");
    expect(cachedKeys(cache, now)).toBeUndefined();
    fill();
    rmSync(join(cache, "authorities", "auth2"), { recursive: true });
    expect(cachedKeys(cache, now)).toBeUndefined();
});
