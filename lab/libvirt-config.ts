/** Configuration files of the lab's libvirtd. Pure. */

type ConfValue = number | string | readonly string[];

function writeString(text: string): string {
    // libvirt's parser knows no escapes: a string ends at the next quote.
    if (/["\n]/.test(text)) {
        throw new Error(
            `libvirt configuration: ${JSON.stringify(text)} holds a quote or a line break, which cannot be written`,
        );
    }
    return `"${text}"`;
}

function writeValue(value: ConfValue): string {
    if (typeof value === "number") {
        return String(value);
    }
    return typeof value === "string" ? writeString(value) : `[${value.map(writeString).join(", ")}]`;
}

/** Text of a libvirt configuration file. */
export function writeConf(settings: Readonly<Record<string, ConfValue>>): string {
    return Object.entries(settings)
        .map(([key, value]) => `${key} = ${writeValue(value)}\n`)
        .join("");
}

/**
 * libvirtd.conf. No password is asked on the socket: it lies in a folder of root's, and the lab holds nothing
 * of value. Never use this on a real lab host.
 * @param hostUuid what libvirt calls the lab's host
 */
export const libvirtdConf = (hostUuid: string): string =>
    writeConf({
        // Machines without a UUID get another at each start of libvirtd, and stacks would not be found again.
        host_uuid: hostUuid,
        unix_sock_group: "root",
        unix_sock_rw_perms: "0700",
        unix_sock_ro_perms: "0700",
        auth_unix_ro: "none",
        auth_unix_rw: "none",
        mdns_adv: 0,
        // The provider opens many requests on one connection; the default of 5 makes it wait, and once made
        // it fail.
        max_client_requests: 100,
        max_workers: 40,
        log_outputs: "3:stderr",
    });

/** qemu.conf: QEMU runs as root without the help of cgroups, security modules or device namespaces. */
export const QEMU_CONF = writeConf({
    security_driver: "none",
    user: "root",
    group: "root",
    dynamic_ownership: 0,
    remember_owner: 0,
    // A private /dev per domain cannot be made from the lab's own private /dev.
    namespaces: [],
    cgroup_controllers: [],
    stdio_handler: "logd",
    seccomp_sandbox: 1,
});

/** virtlogd.conf. */
export const VIRTLOGD_CONF = writeConf({ log_outputs: "3:stderr" });
