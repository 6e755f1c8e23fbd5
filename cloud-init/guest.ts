/**
 * The contract between the golden image and the seeds: every path, user and interface name that both sides
 * must agree on. The image's units carry the same literals; a unit test compares them.
 */

/** What a guest may be. The image's apply-role accepts these two words and nothing else. */
export type Role = "gateway" | "workstation";

/** Interface names inside the guests; set by network-config (set-name), matched by the firewall. */
export const NIC = Object.freeze({
    /** Gateway, external network. */
    outer: "ext0",
    /** Gateway, isolated network. */
    inner: "int0",
    /** Gateway, the tunnel's interface when there is one. */
    tunnel: "tun0",
    /** Workstation's only NIC. */
    workstation: "eth0",
});

/** Files that a seed writes. */
export const PATHS = Object.freeze({
    role: "/etc/sallyport/role",
    ruleset: "/etc/sallyport/ruleset.nft",
    sysctl: "/etc/sysctl.d/90-sallyport.conf",
    torrc: "/etc/tor/torrc",
    resolvConf: "/etc/resolv.conf",
    /** Settings of the control filter; its unit starts only when this is there. */
    control: "/etc/sallyport/control.json",
    /** Settings of the Workstation's time service; its unit starts only when this is there. */
    time: "/etc/sallyport/time.json",
    /** The data disk that the guest is to find; absent: none, and one that is there leaves it shut. */
    data: "/etc/sallyport/data",
    /**
     * The Workstation's firewall once its time is set, where the one at power-on holds everything until then.
     */
    openRuleset: "/etc/sallyport/ruleset-open.nft",
});

/** The user that Debian's tor package makes; the only one whose packets may leave the Gateway. */
export const TOR_USER = "debian-tor";

/**
 * The Workstation's user that may set the clock, by number: rules are loaded where its name is not known,
 * too.
 */
export const TIME_USER = "470";

/** What the time service says of itself, as JSON: v, set, round, detail. */
export const TIME_STATE = "/run/sallyport-time/state";

/**
 * tor's own files, where Debian's tor@default.service expects them
 * (/usr/share/tor/tor-service-defaults-torrc).
 */
export const TOR = Object.freeze({
    dataDirectory: "/var/lib/tor",
    pidFile: "/run/tor/tor.pid",
    controlSocket: "/run/tor/control",
    cookie: "/run/tor/control.authcookie",
});

/** nftables table of either role, family inet; apply-role and the status line look for it by this name. */
export const TABLE = "sallyport";

/** Mark that the kernel puts on the tunnel's own packets (systemd.netdev(5), FirewallMark). */
export const TUNNEL_MARK = 0x5350;

/** Host name of every guest: the same for everyone, as in Whonix. */
export const HOST_NAME = "host";

/** The Workstation's user: uid 1000, no password, no sudo. */
export const USER = "user";
export const USER_HOME = `/home/${USER}`;

/** Seen on the serial console by the host: status lines of the Gateway start with this. */
export const STATUS_PREFIX = "@sallyport ";
/** Lines with what the Gateway's tor warns of start with this. */
export const WARNING_PREFIX = "@sallyport-tor ";
/** Lines that say of a status line, by its `up`, that it still holds start with this. */
export const STILL_PREFIX = "@sallyport-still ";

/** Where a drop-in for the .network file of cloud-init's making goes; the file is named after the NIC. */
export const NETWORKD_DROP_IN = (nic: string): string =>
    `/etc/systemd/network/10-cloud-init-${nic}.network.d/sallyport.conf`;
