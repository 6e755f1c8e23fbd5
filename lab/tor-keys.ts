/**
 * Keys of the directory authorities. Making them takes seconds, so they are kept in the cache until their
 * certificates come near their end. They guard a network that exists on this machine only.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Relay } from "./addresses";
import { LabError } from "./error";
import type { Progress } from "./progress";
import { inNamespace } from "./run";
import { AUTHORITIES, fingerprintTorrc, writeTorrc } from "./torrc";
import type { AuthorityIdentity } from "./torrc";

/** An authority with its keys' folder. */
export interface AuthorityKeys extends AuthorityIdentity {
    readonly nickname: string;
    /** Holds `keys/`, to be copied into the authority's data directory. */
    readonly folder: string;
    /** End of the certificate. */
    readonly expires: Date;
}

/** A certificate that ends within this time is not used any more: a lab may run for days. */
const MARGIN_MS = 30 * 24 * 3600 * 1000;
const CERTIFICATE_MONTHS = 12;

const summarySchema = z.object({
    version: z.literal(1),
    authorities: z.array(
        z.object({
            nickname: z.string(),
            address: z.string(),
            v3ident: z.string().regex(/^[0-9A-F]{40}$/),
            fingerprint: z.string().regex(/^[0-9A-F]{40}$/),
            expires: z.iso.datetime(),
        }),
    ),
});

/**
 * Read `dir-key-expires` and `fingerprint` of an authority certificate (dir-spec, "authority key
 * certificates").
 */
export function parseCertificate(text: string): { v3ident: string; expires: Date } {
    const v3ident = /^fingerprint ([0-9A-F]{40})$/m.exec(text)?.[1];
    const expires = /^dir-key-expires (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/m.exec(text);
    if (v3ident === undefined || expires === null) {
        throw new Error("not an authority certificate: fingerprint or dir-key-expires is missing");
    }
    return { v3ident, expires: new Date(`${expires[1]}T${expires[2]}Z`) };
}

/** The fingerprint in the output of `tor --list-fingerprint`: nickname, then ten groups of four digits. */
export function parseFingerprint(output: string): string {
    const groups = /^\w+((?: [0-9A-F]{4}){10})$/m.exec(output)?.[1];
    if (groups === undefined) {
        throw new Error(
            `tor --list-fingerprint said ${JSON.stringify(output.slice(-200))} instead of a fingerprint`,
        );
    }
    return groups.replaceAll(" ", "");
}

/**
 * Keys in the cache that fit today's authorities and last long enough; undefined when new ones are needed.
 */
export function cachedKeys(cache: string, now: Date = new Date()): AuthorityKeys[] | undefined {
    const folder = join(cache, "authorities");
    let text: string;
    try {
        text = readFileSync(join(folder, "summary.json"), "utf8");
    } catch {
        return undefined;
    }
    const keys: AuthorityKeys[] = [];
    try {
        const summary = summarySchema.parse(JSON.parse(text));
        for (const relay of AUTHORITIES) {
            const entry = summary.authorities.find(
                (one) => one.nickname === relay.nickname && one.address === relay.address,
            );
            const own = join(folder, relay.nickname);
            if (entry === undefined) {
                return undefined;
            }
            const certificate = parseCertificate(
                readFileSync(join(own, "keys", "authority_certificate"), "utf8"),
            );
            if (
                certificate.v3ident !== entry.v3ident ||
                certificate.expires.getTime() - now.getTime() < MARGIN_MS
            ) {
                return undefined;
            }
            keys.push({
                nickname: relay.nickname,
                folder: own,
                ...certificate,
                fingerprint: entry.fingerprint,
            });
        }
    } catch {
        return undefined; // whatever is wrong with the cache, new keys replace it
    }
    return keys;
}

async function makeKeys(relay: Relay, folder: string, namespace: string, signal: AbortSignal): Promise<void> {
    const keys = join(folder, "keys");
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    const file = (name: string): string => join(keys, name);
    await inNamespace(
        namespace,
        "tor-gencert",
        [
            "--create-identity-key",
            "--passphrase-fd",
            "0",
            "-m",
            String(CERTIFICATE_MONTHS),
            "-a",
            `${relay.address}:${relay.dirPort}`,
            "-i",
            file("authority_identity_key"),
            "-s",
            file("authority_signing_key"),
            "-c",
            file("authority_certificate"),
        ],
        { input: "\n", cancelSignal: signal, timeout: 120_000 },
    );
}

async function readFingerprint(
    relay: Relay,
    folder: string,
    namespace: string,
    signal: AbortSignal,
): Promise<string> {
    const torrc = join(folder, "torrc");
    writeFileSync(torrc, writeTorrc(fingerprintTorrc(relay, folder)));
    const { stdout } = await inNamespace(namespace, "tor", ["-f", torrc, "--quiet", "--list-fingerprint"], {
        cancelSignal: signal,
        timeout: 60_000,
        stdin: "ignore",
    });
    for (const name of readdirSync(folder).filter((entry) => entry !== "keys")) {
        rmSync(join(folder, name), { recursive: true });
    }
    return parseFingerprint(stdout);
}

/**
 * The authorities' keys, from the cache or new. New ones appear in the cache complete or not at all.
 * @param namespace where the tools run, so that stop finds them after a crash
 * @throws LabError when a tool fails
 */
export async function authorityKeys(
    cache: string,
    namespace: string,
    progress: Progress,
    signal: AbortSignal,
): Promise<AuthorityKeys[]> {
    const cached = cachedKeys(cache);
    if (cached !== undefined) {
        return cached;
    }
    progress("Tor network: making keys for the directory authorities");
    const half = join(cache, "authorities.half");
    const done = join(cache, "authorities");
    for (const old of [half, done]) {
        rmSync(old, { recursive: true, force: true });
    }
    const authorities = await Promise.all(
        AUTHORITIES.map(async (relay) => {
            const folder = join(half, relay.nickname);
            await makeKeys(relay, folder, namespace, signal);
            const fingerprint = await readFingerprint(relay, folder, namespace, signal);
            const certificate = parseCertificate(
                readFileSync(join(folder, "keys", "authority_certificate"), "utf8"),
            );
            return {
                nickname: relay.nickname,
                address: relay.address,
                fingerprint,
                v3ident: certificate.v3ident,
                expires: certificate.expires.toISOString(),
            };
        }),
    );
    writeFileSync(join(half, "summary.json"), `${JSON.stringify({ version: 1, authorities }, null, 4)}\n`);
    renameSync(half, done);
    const made = cachedKeys(cache);
    if (made === undefined || !existsSync(done)) {
        throw new LabError(
            `the keys just made in ${done} cannot be used`,
            "check the machine's clock, then start the lab again",
        );
    }
    return made;
}
