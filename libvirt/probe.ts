/**
 * Asks libvirt who it is before anything is declared: the provider would only say "failed to dial libvirt".
 */
import { ConfigError } from "../config/error";
import { anotherHost, hostIdentity, type HostIdentity } from "../values/host-identity";
import { type LibvirtUri, parseLibvirtUri } from "../values/libvirt-uri";
import { virshLine, virshSync, type VirshResult } from "./client";
import { hintFor, type Hints, PROVIDER_HINTS, unansweredFix, VIRSH_HINTS, wholeComplaint } from "./errors";
import { callLimitMs } from "./limits";
import { probeProvider, type Probe } from "./provider-probe";

/**
 * Least limit for the one question, in milliseconds; enough for ssh over a slow line, and for a libvirt that
 * asks every QEMU it has.
 */
const LIMIT_MS = 60_000;

/** libvirt's document of its capabilities, as virsh gets it. */
export const probeVirsh: Probe = (uri) => {
    const result = virshSync(uri, ["capabilities"], callLimitMs(uri, LIMIT_MS));
    return result.outcome === "ok" || result.stderr === undefined
        ? result
        : { ...result, message: wholeComplaint(result.stderr) };
};

/**
 * ssh must not ask: the stack's steps have no terminal to be asked on. virsh passes SSH_ASKPASS_REQUIRE on to
 * no ssh.
 */
const batchMode = (text: string, uri: LibvirtUri): string =>
    uri.transport !== "ssh" || uri.parameters["no_tty"] !== undefined
        ? text
        : `${text}${text.includes("?") ? "&" : "?"}no_tty=1`;

/**
 * The host that a URI leads to. Asked twice: as virsh does, which the steps and hooks of a stack run, and as
 * the provider does.
 * @throws ConfigError with libvirt's complaint, or when it does not say which host it is, or the two reach different ones,
 * and what to do about it
 */
export function requireLibvirt(
    text: string,
    probe: Probe = probeVirsh,
    asProvider: (uri: LibvirtUri, probe: Probe, text: string) => VirshResult | undefined = probeProvider,
): HostIdentity {
    const refuse = (allowed: string, fix: string): never => {
        throw new ConfigError([{ property: "uri", value: text, allowed, fix }]);
    };
    const uri = parseLibvirtUri(text);
    const fixFor = ({ outcome, message }: VirshResult, hints: Hints): string =>
        outcome === "time-out"
            ? unansweredFix(text, callLimitMs(text, LIMIT_MS))
            : hintFor(message, hints, uri);
    const identified = (capabilities: string): HostIdentity => {
        const identity = hostIdentity(text, capabilities);
        return "host" in identity
            ? identity.host
            : refuse(`a libvirt that can be told from others; ${identity.what}`, identity.fix);
    };
    const answer = probe(batchMode(text, uri));
    if (answer.outcome !== "ok") {
        return refuse(
            `the URI of a libvirt that answers; this one: ${answer.message}`,
            `${fixFor(answer, VIRSH_HINTS)}, until this works: ${virshLine(batchMode(text, uri), "uri")}`,
        );
    }
    const host = identified(answer.stdout);
    const provided = asProvider(uri, probe, text);
    if (provided === undefined) {
        return host;
    }
    const both = "a libvirt that virsh and the provider both reach; virsh reaches";
    if (provided.outcome !== "ok") {
        return refuse(
            `${both} it, the provider does not: ${provided.message}`,
            fixFor(provided, PROVIDER_HINTS),
        );
    }
    const other = identified(provided.stdout);
    return anotherHost(host, other) === undefined
        ? host
        : refuse(
              `${both} host ${host}, the provider reaches host ${other}`,
              "give the address of the one that is meant, with its port and socket",
          );
}
