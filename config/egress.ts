/**
 * Keys of an enclave that say how its Gateway's tor leaves. Which of their values are secrets: see
 * `secrets.ts`.
 */
import { z } from "zod";
import { isAddress } from "../values/addresses";
import { parseBridge } from "../values/bridge";
import { ENDPOINT_FORM, parseEndpoint } from "../values/endpoint";
import { KEY_FORM, isWireGuardKey } from "../values/wireguard";

/** A text; its absence is told in the same words as a wrong one. */
const text = (form: string): z.ZodString => z.string({ error: form });

const endpoint = text(ENDPOINT_FORM).refine((t) => parseEndpoint(t) !== undefined, ENDPOINT_FORM);

const BRIDGE_FORM =
    "a bridge line: [obfs4] address:port [fingerprint] [key=value …], without the word Bridge";

/** The line itself appears in no message. */
const bridgeLine = text(BRIDGE_FORM)
    .regex(/^[\x20-\x7e]{1,1000}$/, "one line of at most 1000 printable ASCII characters")
    .superRefine((line, context) => {
        try {
            parseBridge("this one", line);
        } catch (error) {
            context.addIssue({
                code: "custom",
                message: `${BRIDGE_FORM}; ${error instanceof Error ? error.message : "this one is none"}`,
            });
        }
    });

/** The firewall holds each relay as an element of a set. */
export const MAX_RELAYS = 10_000;

const egress = z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("tor") }),
    z.strictObject({
        mode: z.literal("bridges"),
        bridges: z
            .array(bridgeLine, { error: "a list of bridge lines" })
            .min(1, "at least one bridge line: tor could connect to nothing")
            .max(100, "at most 100 bridges"),
    }),
    z
        .strictObject({
            mode: z.literal("relay-set"),
            relays: z
                .array(endpoint)
                .min(1, "at least one relay: tor could connect to nothing")
                .max(MAX_RELAYS, `at most ${MAX_RELAYS} relays`)
                .optional(),
            relayFile: z.string().min(1, "a file's path, relative to the project's folder").optional(),
        })
        .refine(
            (e) => (e.relays === undefined) !== (e.relayFile === undefined),
            `either relays, a list of ${ENDPOINT_FORM}, or relayFile, a file of such lines or tor's cached consensus`,
        ),
]);

/** tor(1), Socks5ProxyUsername and HTTPSProxyAuthenticator; what torrc could not quote is refused. */
const credential = (what: string): z.ZodString =>
    text(`the proxy's ${what}`).regex(
        /^[\x21\x24-\x5b\x5d-\x7e]{1,255}$/,
        `the proxy's ${what}: 1 to 255 printable ASCII characters without blanks, ", # and \\`,
    );

const upstreamProxy = z
    .strictObject({
        kind: z.enum(["socks5", "https"]),
        endpoint,
        user: credential("user")
            .regex(/^[^:]*$/, "the proxy's user, without a colon")
            .optional(),
        password: credential("password").optional(),
    })
    .refine(
        (p) => (p.user === undefined) === (p.password === undefined),
        "user and password together, or neither",
    );

const key = (what: string): z.ZodType<string> =>
    text(`${what}: ${KEY_FORM}`).refine(isWireGuardKey, `${what}: ${KEY_FORM}`);

const tunnel = z.strictObject({
    endpoint,
    address: text("our IPv4 address inside the tunnel, such as 10.66.0.2").refine(
        isAddress,
        "our IPv4 address inside the tunnel, such as 10.66.0.2",
    ),
    peerPublicKey: key("the peer's public key"),
    privateKey: key("our private key"),
    presharedKey: key("the key that both sides share").optional(),
    mtuBytes: z.int("a whole number of bytes").min(576, "at least 576").max(9000, "at most 9000").optional(),
});

/** The three keys. */
export const egressKeys = {
    egress: egress.default({ mode: "tor" }),
    upstreamProxy: upstreamProxy.optional(),
    tunnel: tunnel.optional(),
};
