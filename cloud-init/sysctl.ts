/**
 * Kernel settings of both roles. Keys may hold `*` for every interface (sysctl(8), "glob"): setting only
 * `all` leaves interfaces that exist already with some of their defaults, accept_redirects among them.
 */
import { oneLine } from "./text";

export type Sysctls = Readonly<Record<string, string>>;

const KEY = /^[a-z0-9_]+(\.([a-z0-9_]+|\*))+$/;

const everyInterface = (family: "ipv4" | "ipv6", settings: Readonly<Record<string, number>>): Sysctls =>
    Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`net.${family}.conf.*.${key}`, String(value)]),
    );

/**
 * Network settings; all of them belong to a network namespace. After security-misc's 990-security-misc.conf.
 */
export const NETWORK_SYSCTLS: Sysctls = Object.freeze({
    "net.ipv4.ip_forward": "0",
    ...everyInterface("ipv4", {
        forwarding: 0,
        accept_redirects: 0,
        secure_redirects: 0,
        send_redirects: 0,
        shared_media: 0,
        accept_source_route: 0,
        accept_local: 0,
        route_localnet: 0,
        rp_filter: 1,
        proxy_arp: 0,
        arp_ignore: 2,
        arp_announce: 2,
        arp_filter: 1,
        drop_gratuitous_arp: 1,
    }),
    ...everyInterface("ipv6", {
        disable_ipv6: 1,
        forwarding: 0,
        accept_ra: 0,
        autoconf: 0,
        accept_redirects: 0,
        accept_source_route: 0,
    }),
    "net.ipv4.icmp_echo_ignore_all": "1",
    "net.ipv4.icmp_echo_ignore_broadcasts": "1",
    "net.ipv4.icmp_ignore_bogus_error_responses": "1",
    "net.ipv4.ping_group_range": "1 0",
    // A timestamp tells the uptime, and how fast the clock runs.
    "net.ipv4.tcp_timestamps": "0",
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_rfc1337": "1",
});

/** Settings of the kernel as a whole: nothing of a program's memory reaches a disk or another program. */
export const KERNEL_SYSCTLS: Sysctls = Object.freeze({
    "kernel.core_pattern": "|/bin/false",
    "kernel.dmesg_restrict": "1",
    "kernel.kptr_restrict": "2",
    "kernel.randomize_va_space": "2",
    "kernel.sysrq": "0",
    "kernel.unprivileged_bpf_disabled": "1",
    "fs.suid_dumpable": "0",
});

/**
 * The file for /etc/sysctl.d.
 * @throws Error when a key is no sysctl's name or a value holds a line break
 */
export function renderSysctls(settings: Sysctls): string {
    return Object.entries(settings)
        .map(([key, value]) => {
            if (!KEY.test(key)) {
                throw new Error(`"${key}" is not the name of a sysctl, such as net.ipv4.ip_forward`);
            }
            return `${key} = ${oneLine(key, value)}\n`;
        })
        .join("");
}
