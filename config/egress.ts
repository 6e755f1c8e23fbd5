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

const RELAY_FILE_FORM = "a file's path, relative to the project's folder";
const RELAYS_FORM = `either relays, a list of ${ENDPOINT_FORM}, or relayFile, a file of such lines or tor's cached consensus`;

const egress = z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("tor") }).meta({ description: "any public address" }),
    z
        .strictObject({
            mode: z.literal("bridges"),
            bridges: z
                .array(bridgeLine, { error: "a list of bridge lines" })
                .min(1, "at least one bridge line: tor could connect to nothing")
                .max(100, "at most 100 bridges")
                .meta({
                    description: "The bridges that tor may connect to.",
                    allowed: `1 to 100 lines as in torrc, each ${BRIDGE_FORM}`,
                    secret: true,
                    examples: [["192.0.2.8:9001 76543210FEDCBA9876543210FEDCBA9876543210"]],
                }),
        })
        .meta({ description: "these bridges and nothing else" }),
    z
        .strictObject({
            mode: z.literal("relay-set"),
            relays: z
                .array(endpoint)
                .min(1, "at least one relay: tor could connect to nothing")
                .max(MAX_RELAYS, `at most ${MAX_RELAYS} relays`)
                .optional()
                .meta({
                    description: "The relays that tor may connect to, in place of `relayFile`.",
                    allowed: `1 to ${MAX_RELAYS} times ${ENDPOINT_FORM}`,
                    defaults: "none; needed with `mode: relay-set`, unless `relayFile` is given",
                    examples: [["203.0.113.11:5000", "203.0.113.21:5000"]],
                }),
            relayFile: z
                .string()
                .min(1, RELAY_FILE_FORM)
                .optional()
                .meta({
                    description:
                        "A file of relays that tor may connect to, in place of `relays`: lines of address:port, or tor's cached consensus.",
                    allowed: RELAY_FILE_FORM,
                    defaults: "none; needed with `mode: relay-set`, unless `relays` is given",
                    examples: ["relays.txt"],
                }),
        })
        .refine((e) => (e.relays === undefined) !== (e.relayFile === undefined), RELAYS_FORM)
        .meta({ description: "these relays and nothing else" }),
]);

const CREDENTIAL_FORM = '1 to 255 printable ASCII characters without blanks, ", # and \\';
/** tor(1), Socks5ProxyUsername and HTTPSProxyAuthenticator; what torrc could not quote is refused. */
const credential = (what: string): z.ZodString =>
    text(`the proxy's ${what}`).regex(
        /^[\x21\x24-\x5b\x5d-\x7e]{1,255}$/,
        `the proxy's ${what}: ${CREDENTIAL_FORM}`,
    );

const upstreamProxy = z
    .strictObject({
        kind: z
            .enum(["socks5", "https"])
            .meta({
                description: "SOCKS5, or HTTP with CONNECT (tor(1), Socks5Proxy and HTTPSProxy).",
                examples: ["socks5"],
            }),
        endpoint: endpoint.meta({
            description: "Where the proxy listens.",
            allowed: ENDPOINT_FORM,
            examples: ["192.168.7.7:1080"],
        }),
        user: credential("user")
            .regex(/^[^:]*$/, "the proxy's user, without a colon")
            .optional()
            .meta({
                description: "User name at the proxy; with `password`, or neither.",
                allowed: `${CREDENTIAL_FORM}, and without a colon`,
                defaults: "none; needed with `password`",
                examples: ["office"],
            }),
        password: credential("password")
            .optional()
            .meta({
                description: "Password at the proxy; with `user`, or neither.",
                allowed: CREDENTIAL_FORM,
                secret: true,
                defaults: "none; needed with `user`",
                examples: ["correct-horse"],
            }),
    })
    .refine(
        (p) => (p.user === undefined) === (p.password === undefined),
        "user and password together, or neither",
    );

const key = (what: string): z.ZodType<string> =>
    text(`${what}: ${KEY_FORM}`).refine(isWireGuardKey, `${what}: ${KEY_FORM}`);

const TUNNEL_ADDRESS_FORM = "our IPv4 address inside the tunnel, such as 10.66.0.2";

const tunnel = z.strictObject({
    endpoint: endpoint.meta({
        description: "The peer's UDP endpoint. All that the Gateway sends outside goes there.",
        allowed: ENDPOINT_FORM,
        examples: ["192.0.2.66:51820"],
    }),
    address: text(TUNNEL_ADDRESS_FORM)
        .refine(isAddress, TUNNEL_ADDRESS_FORM)
        .meta({
            description: "The Gateway's address inside the tunnel.",
            allowed: "an IPv4 address outside 10.152.152.0/24",
            examples: ["10.66.0.2"],
        }),
    peerPublicKey: key("the peer's public key").meta({
        description: "The peer's public key.",
        allowed: KEY_FORM,
        examples: ["xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="],
    }),
    privateKey: key("our private key").meta({
        description: "The Gateway's private key.",
        allowed: KEY_FORM,
        secret: true,
        examples: ["yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="],
    }),
    presharedKey: key("the key that both sides share")
        .optional()
        .meta({
            description: "A key that both sides share, on top of the others.",
            allowed: KEY_FORM,
            defaults: "none; needed where the peer has one",
            secret: true,
            examples: ["TYWwA6pHfrFJvVZ1JQVBPSgNHwVI8v1cdwZKLFIVZZ8="],
        }),
    mtuBytes: z
        .int("a whole number of bytes")
        .min(576, "at least 576")
        .max(9000, "at most 9000")
        .optional()
        .meta({
            description: "Largest packet that the tunnel takes.",
            unit: "bytes",
            defaults: "1420, as WireGuard's own",
            examples: [1380],
        }),
});

/** The three keys. */
export const egressKeys = {
    egress: egress
        .default({ mode: "tor" })
        .meta({
            description: "Where tor may connect to. docs/egress.md says which to use when.",
            examples: [{ mode: "relay-set", relayFile: "relays.txt" }],
        }),
    upstreamProxy: upstreamProxy
        .optional()
        .meta({
            description: "A proxy that tor must go through; the Gateway then reaches nothing else.",
            defaults: "none",
            examples: [{ kind: "socks5", endpoint: "192.168.7.7:1080" }],
        }),
    tunnel: tunnel
        .optional()
        .meta({
            description: "A WireGuard tunnel that tor must leave through (systemd.netdev(5)).",
            defaults: "none",
            examples: [
                {
                    endpoint: "192.0.2.66:51820",
                    address: "10.66.0.2",
                    peerPublicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
                    privateKey: "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
                },
            ],
        }),
};
