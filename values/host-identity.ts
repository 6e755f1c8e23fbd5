/**
 * Which libvirt a stack is on, told from every other: by what the host's libvirt calls its host, and by which
 * of its instances the URI asks. A URI alone tells neither: qemu:///system is another host on every machine.
 */

/** `UUID/system` or `UUID/session`. */
export type HostIdentity = string;

/**
 * UUIDs that whole series of boards have: a host with one could be any host. What boards have that were never
 * given any (all digits one) libvirt passes over by itself, and makes up another at each of its starts.
 */
const PLACEHOLDER_UUIDS: readonly string[] = [
    "03000200-0400-0500-0006-000700080009",
    "00020003-0004-0005-0006-000700080009",
];

/** Gives a host's libvirt a UUID of our choice. Only where libvirt is modular it is virtqemud's. */
const giveUuid = (uuid: string): string =>
    `on that host, as root: printf 'host_uuid = "%s"\\n' ${uuid} >>/etc/libvirt/libvirtd.conf && systemctl restart libvirtd (modular: virtqemud.conf, virtqemud)`;

/** What is wrong, and what to do about it. */
export interface HostProblem {
    readonly what: string;
    readonly fix: string;
}

const UUID = /^\s*<capabilities>\s*<host>\s*<uuid>([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})<\/uuid>/;

/**
 * The identity of the libvirt that answers at a URI.
 * @param capabilities its document of that name
 */
export function hostIdentity(
    uri: string,
    capabilities: string,
): { readonly host: HostIdentity } | HostProblem {
    const uuid = UUID.exec(capabilities)?.[1];
    const instance = /^[^:]+:\/\/[^/?#]*\/([^?#]*)/.exec(uri)?.[1];
    if (uuid === undefined || PLACEHOLDER_UUIDS.includes(uuid)) {
        return {
            what:
                uuid === undefined
                    ? "libvirt reports no host UUID"
                    : `libvirt reports a placeholder host UUID (${uuid})`,
            fix: giveUuid("$(uuidgen)"),
        };
    }
    return instance === undefined || instance === ""
        ? { what: "it names no instance of libvirt", fix: "end it in /system, as in qemu:///system" }
        : { host: `${uuid}/${instance}` };
}

/**
 * Why a stack must not be touched through a URI; undefined when it is on the host that answers there.
 * @param bound the host that the stack was made on
 * @param found the one that the URI leads to
 */
export function anotherHost(bound: HostIdentity, found: HostIdentity): HostProblem | undefined {
    if (bound === found) {
        return undefined;
    }
    const [uuid = "", instance = ""] = bound.split("/");
    const sameHost = uuid === found.split("/")[0];
    const renamed = sameHost
        ? ""
        : `; if it is the same host, whose libvirt makes up a UUID at each start or that has got another board: ${giveUuid(uuid)}`;
    return {
        what: `this stack's guests are on host ${bound}, and this leads to host ${found}`,
        fix: `set sallyport:uri to ${sameHost ? `the ${instance} instance` : "that host"} again (qemu:///system is the host on which Pulumi runs) and, to move, bin/pulumi destroy first${renamed}`,
    };
}
