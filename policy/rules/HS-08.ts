import { must } from "../check";
import type { Rule } from "../rule";

const rule: Rule = {
    id: "HS-08",
    title: "The lab host is reached over a local socket or SSH with a checked host key",
    why: "libvirt's own TCP and TLS ports are open to whoever reaches them; an unchecked key is whoever answers.",
    severity: "critical",
    fix: "Use qemu:///system or qemu+ssh://user@host/system without no_verify.",
    check: (model) => model.hosts.flatMap((host) => must(host.key, host.uri, (uri) => {
        const found = /^qemu(\+unix|\+ssh|\+sshcmd)?:\/\/([^/?]*)\/(system|session)(\?.*)?$/.exec(uri);
        return found !== null && (found[1] === undefined || found[1] === "+unix" ? found[2] === "" : found[2] !== "") && !/no_verify|no_tty=0|known_hosts_verify=(ignore|auto)|sshauth=[^&]*password|:[^@/]*@/.test(uri);
    }, "qemu:///system or qemu+ssh://user@host/system with a checked key and no password is allowed")),
};

export default rule;
