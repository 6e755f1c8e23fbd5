import { own } from "../../topology/own";
import { must } from "../check";
import type { Rule } from "../rule";

/** A plain absolute path. */
const PATH = /^\/[A-Za-z0-9._/-]+$/;

/**
 * Parameters of a connection that this rule knows (libvirt's remote URIs, and what provider 0.8 calls `knownhosts`), and their
 * values. no_verify is not one of them: to provider 0.8 `no_verify=0` says not to verify.
 */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
    socket: PATH, keyfile: PATH, knownhosts: PATH, known_hosts: PATH, sshauth: /^(agent|privkey)(,(agent|privkey))?$/, known_hosts_verify: /^normal$/, no_tty: /^1$/,
};

function isSafe(uri: string): boolean {
    const found = /^qemu(\+unix|\+ssh|\+sshcmd)?:\/\/([^/?#]*)\/(system|session)(\?[^#]*)?$/.exec(uri);
    if (found === null) {
        return false;
    }
    const [, transport = "+unix", where = "", , query = ""] = found;
    // Values are taken as they stand: %-signs and the like are in none that is allowed.
    const words = query === "" ? [] : query.slice(1).split("&").map((word) => word.split("="));
    return (transport === "+unix" ? where === "" : where !== "" && !/:.*@/.test(where))
        && words.every(([key = "", value = "", ...more]) => more.length === 0 && own(PARAMETERS, key)?.test(value) === true);
}

const rule: Rule = {
    id: "HS-08",
    title: "The lab host is reached over a local socket or SSH with a checked host key",
    why: "libvirt's own TCP and TLS ports are open to whoever reaches them; an unchecked key is whoever answers.",
    severity: "critical",
    fix: `Use qemu:///system or qemu+ssh://user@host/system, with no parameters but ${Object.keys(PARAMETERS).join(", ")}.`,
    limits: "How the host's own sockets and displays are set up is the host's.",
    scope: "resource",
    check: (model) => model.hosts.flatMap((host) => must(host.key, host.uri, isSafe, "qemu:///system or qemu+ssh://user@host/system with a checked key and no password is allowed")),
};

export default rule;
