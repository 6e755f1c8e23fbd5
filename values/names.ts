/**
 * Every name that the host sees: libvirt objects, bridges, files, and the MACs outside the cell. All are
 * functions of the enclave's identity (project, stack, enclave name), never of a position in a list, so
 * relabelling or reordering moves nothing.
 */
import { createHash, scryptSync } from "node:crypto";
import { dataDisk } from "./disk-files";

/** Longest interface name that Linux takes (IFNAMSIZ - 1). */
export const MAX_INTERFACE_NAME = 15;

/** What identifies an enclave on a lab host. */
export interface EnclaveIdentity {
    readonly project: string;
    readonly stack: string;
    readonly enclave: string;
}

/** `<project>-<stack>`: the prefix of everything that a stack owns. */
export const stackPrefix = (id: Pick<EnclaveIdentity, "project" | "stack">): string =>
    `${id.project}-${id.stack}`;

/** `<project>-<stack>-<enclave>`: the prefix of everything that an enclave owns. */
export const enclavePrefix = (id: EnclaveIdentity): string => `${stackPrefix(id)}-${id.enclave}`;

/** Names of an enclave's libvirt objects. */
export const gatewayName = (id: EnclaveIdentity): string => `${enclavePrefix(id)}-gateway`;
export const workstationName = (id: EnclaveIdentity, name: string): string =>
    `${enclavePrefix(id)}-workstation-${name}`;
/** The volume of a domain that outlives it. */
export const dataVolumeName = (role: "gateway" | "workstation", domain: string): string =>
    `${domain}${dataDisk(role).suffix}`;
export const isolatedNetworkName = (id: EnclaveIdentity): string => `${enclavePrefix(id)}-isolated`;
export const externalNetworkName = (id: EnclaveIdentity): string => `${enclavePrefix(id)}-external`;

/**
 * First `length` hexadecimal digits of the SHA-256 of the parts, joined so that no two lists of parts agree.
 */
export function digest(length: number, ...parts: string[]): string {
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, length);
}

/**
 * The like for parts that hold a secret: each guess at them costs its tester some 50 ms and 16 MiB (scrypt,
 * RFC 7914).
 */
export function slowDigest(length: number, ...parts: string[]): string {
    return scryptSync(JSON.stringify(parts), "sallyport", 32, { N: 16384, r: 8, p: 1 })
        .toString("hex")
        .slice(0, length);
}

/**
 * Names the text of an export or preview in a certificate. It may hold secrets in plain, so guesses at them
 * are made dear.
 */
export const digestOfInput = (text: string): string => slowDigest(32, digest(64, text));

const identityParts = (id: EnclaveIdentity): string[] => [id.project, id.stack, id.enclave];

/** Bridge of the isolated (`i`) or external (`x`) network: `sp` + 8 digits + letter, 11 characters. */
export function bridgeName(id: EnclaveIdentity, side: "isolated" | "external"): string {
    return `sp${digest(8, "bridge", ...identityParts(id))}${side === "isolated" ? "i" : "x"}`;
}

/**
 * MAC of the Gateway's outer NIC: QEMU's prefix and 24 bits of the identity's digest. No Workstation ever
 * sees it.
 */
export function externalMac(id: EnclaveIdentity): string {
    // Inner MACs are the last octets of 10.152.152.0/24; they are stepped over.
    const hex = digest(6, "mac", ...identityParts(id)).replace(/^9898/, "9899");
    return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

/**
 * NAT subnet of the external network when the configuration names none: 10.128.0.0/10's 16,384 /24s by
 * digest.
 */
export function externalSubnet(id: EnclaveIdentity): string {
    // The inner network is in the same /10; its /24 is stepped over.
    const index = parseInt(digest(8, "subnet", ...identityParts(id)), 16) % 0x4000;
    const [second, third] = [128 + (index >> 8), index & 0xff];
    return second === 152 && third === 152 ? "10.152.153.0/24" : `10.${second}.${third}.0/24`;
}
