/** Zones of firewalld for libvirt's bridges. */

/** A zone's name (firewalld.zones(5)): firewalld takes no longer ones. */
export const ZONE_NAME = /^[A-Za-z0-9_-]{1,17}$/;

/**
 * Zones that come with firewalld, libvirt, NetworkManager, Docker and distributions and let guests reach
 * services of the host.
 */
export const OPEN_ZONES: readonly string[] = Object.freeze([
    "trusted",
    "public",
    "home",
    "internal",
    "work",
    "external",
    "dmz",
    "libvirt",
    "libvirt-routed",
    "nm-shared",
    "docker",
    "FedoraServer",
    "FedoraWorkstation",
]);

/** Bridges of an enclave that libvirt makes, and the zone of each; absent: libvirt's own. */
export interface ZonePlan {
    readonly isolated?: string;
    readonly external?: string;
}
