/** Seeds that a rule has to refuse in either role. */
import { SECRET_KEYS } from "../../../../model/adapters";
import type { FixtureResource } from "../../fixtures/resources";
import { UNKNOWN, edit, editFile, editUserData, editYaml, set, short, textOf, type Mutant } from "../mutant";
import { RULESET, TORRC, SYSCTL } from "./names";

const DATA = "/etc/sallyport/data";

/** Top-level keys that no seed of ours has. */
const KEYS: readonly [string, unknown, string][] = [
    ["password", "tor", "CI-01"],
    ["chpasswd", { expire: false }, "CI-01"],
    ["users", [{ name: "x", lock_passwd: false }], "CI-01"],
    ["ssh_pwauth", true, "CI-01"],
    ["disable_root", false, "CI-01"],
    ["ssh_authorized_keys", ["ssh-ed25519 AAAA"], "CI-02"],
    ["ssh_import_id", ["gh:x"], "CI-02"],
    ["packages", ["curl"], "CI-06"],
    ["package_update", true, "CI-06"],
    ["package_upgrade", true, "CI-06"],
    ["snap", {}, "CI-06"],
    ["runcmd", ["true"], "CI-07"],
    ["bootcmd", ["true"], "CI-07"],
    ["mounts", [], "CI-07"],
    ["power_state", {}, "CI-07"],
    ["datasource", { NoCloud: { seedfrom: "http://192.0.2.1/" } }, "CI-08"],
    ["datasource_list", ["Ec2"], "CI-08"],
    ["phone_home", { url: "http://192.0.2.1/" }, "CI-13"],
    ["ntp", { enabled: true }, "CI-13"],
    ["resolv_conf", { nameservers: ["192.0.2.53"] }, "CI-13"],
    ["something_new", true, "CI-15"],
    ["timezone", "Europe/Berlin", "CI-15"],
    ["hostname", "alice-laptop", "ID-10"],
];

const FILES: readonly [string, string, string][] = [
    ["/etc/sudoers.d/user", "user ALL=(ALL) NOPASSWD: ALL\n", "CI-01"],
    ["/etc/shadow", "root::1\n", "CI-01"],
    ["/root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", "CI-02"],
    ["/etc/ssh/sshd_config.d/x.conf", "PermitRootLogin yes\n", "CI-02"],
    ["/etc/systemd/system/x.service", "[Service]\nExecStart=/bin/true\n", "CI-07"],
    ["/etc/cron.d/x", "* * * * * root true\n", "CI-07"],
    ["/var/lib/cloud/scripts/per-boot/x", "#!/bin/sh\n", "CI-07"],
    ["/etc/cloud/cloud.cfg.d/99.cfg", "datasource_list: [Ec2]\n", "CI-08"],
    ["/etc/sallyport/key", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "CI-11"],
    ["/etc/wireguard/wg0.conf", "PrivateKey = x\n", "CI-11"],
    ["/etc/sallyport/rsa", "-----BEGIN RSA PRIVATE KEY-----\n", "CI-10"],
    ["/opt/x", "x\n", "CI-16"],
    ["/etc/sallyport/extra.nft", "flush ruleset\n", "GUEST-01"],
];

const YAML: readonly [string, string, (nic: Record<string, unknown>) => void][] = [
    [
        "DHCP",
        "CI-04",
        (nic) => {
            nic["dhcp4"] = true;
        },
    ],
    [
        "DHCPv6",
        "CI-04",
        (nic) => {
            nic["dhcp6"] = true;
        },
    ],
    [
        "router advertisements",
        "CI-04",
        (nic) => {
            nic["accept-ra"] = true;
        },
    ],
    [
        "no match by MAC",
        "CI-04",
        (nic) => {
            Reflect.deleteProperty(nic, "match");
        },
    ],
    [
        "a resolver",
        "CI-04",
        (nic) => {
            nic["nameservers"] = { addresses: ["192.0.2.53"] };
        },
    ],
    [
        "a second address",
        "CI-04",
        (nic) => {
            (nic["addresses"] as string[]).push("10.152.152.99/24");
        },
    ],
    [
        "an MTU",
        "CI-04",
        (nic) => {
            nic["mtu"] = 9000;
        },
    ],
    [
        "another MAC",
        "DD-17",
        (nic) => {
            nic["match"] = { macaddress: "52:54:00:99:99:99" };
        },
    ],
    [
        "another name",
        "CI-05",
        (nic) => {
            nic["set-name"] = "eth9";
        },
    ],
];

/** The text without the n-th line that matches. */
export const without =
    (line: string) =>
    (text: string): string =>
        text.replace(`${line}\n`, "");

/** @param known a text whose lines are left out */
export function lines(text: string, test: RegExp, known = ""): string[] {
    const old = new Set(known.split("\n"));
    return [...new Set(text.split("\n").filter((line) => test.test(line) && !old.has(line)))];
}

export const hasSecrets = (seed: FixtureResource): boolean =>
    (
        Object.getOwnPropertyDescriptor(seed.props, SECRET_KEYS)?.value as readonly string[] | undefined
    )?.includes("userData") === true;

/**
 * @param like a guest of the same role in another configuration: files and lines of the firewall that it has
 * as well are not changed one by one again
 */
export function everyGuest(seed: FixtureResource, like?: FixtureResource): Mutant[] {
    const at = seed.urn;
    const mine = short(seed);
    const fresh = (path: string): boolean => like === undefined || textOf(like, path) !== textOf(seed, path);
    const rules = (test: RegExp): string[] =>
        lines(textOf(seed, RULESET), test, like === undefined ? "" : textOf(like, RULESET));
    const paths = [...String(seed.props["userData"]).matchAll(/^ {2}- path: (\S+)$/gm)]
        .map(([, path = ""]) => path)
        .filter(fresh);
    return [
        ...KEYS.map(([key, value, rule]): Mutant => ({
            title: `${mine}: user-data ${key}`,
            rule,
            change: editUserData(at, (data) => {
                data[key] = value;
            }),
        })),
        // CI-10 wants keys declared secret, as a seed with secrets of its own is.
        ...FILES.map(([path, content, rule]): Mutant => ({
            title: `${mine}: file ${path}`,
            rule: rule === "CI-10" && hasSecrets(seed) ? "GUEST-01" : rule,
            change: editUserData(at, (data) => {
                data.write_files.push({ path, content, owner: "root:root", permissions: "0644" });
            }),
        })),
        ...paths.flatMap((path): Mutant[] => [
            ...(path === TORRC || path === RULESET
                ? []
                : [
                      {
                          title: `${mine}: ${path} changed`,
                          rule: "GUEST-01",
                          change: editFile(at, path, (text: string) => `${text}# one line more\n`),
                      },
                  ]),
            // Without it a seed is one of a guest without a data volume: its disks tell (devices/data-disks).
            ...(path === DATA
                ? []
                : [
                      {
                          title: `${mine}: ${path} left out`,
                          rule: "GUEST-01",
                          change: editUserData(at, (data) => {
                              data.write_files = data.write_files.filter((f) => f.path !== path);
                          }),
                      },
                  ]),
            {
                title: `${mine}: ${path} writable by all`,
                rule: "CI-16",
                change: editUserData(at, (data) => {
                    data.write_files
                        .filter((f) => f.path === path)
                        .forEach((f) => {
                            f.permissions = "0666";
                        });
                }),
            },
            {
                title: `${mine}: ${path} of another user`,
                rule: "CI-16",
                change: editUserData(at, (data) => {
                    data.write_files
                        .filter((f) => f.path === path)
                        .forEach((f) => {
                            f.owner = "user:user";
                        });
                }),
            },
        ]),
        {
            title: `${mine}: a script in place of user-data`,
            rule: "GUEST-01",
            change: set(at, { userData: "#!/bin/sh\nnft flush ruleset\n" }),
        },
        {
            title: `${mine}: user-data that is cut off`,
            rule: "GUEST-01",
            change: edit(at, (p) => {
                p["userData"] = String(p["userData"]).slice(0, 300);
            }),
        },
        {
            title: `${mine}: user-data that is not known`,
            rule: "LC-15",
            change: set(at, { userData: UNKNOWN }),
        },
        { title: `${mine}: no network-config`, rule: "CI-04", change: set(at, { networkConfig: undefined }) },
        {
            title: `${mine}: network-config version 1`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.assign(data, { version: 1 });
            }),
        },
        {
            title: `${mine}: a bond`,
            rule: "CI-04",
            change: editYaml(at, "networkConfig", (data) => {
                Object.assign(data, { bonds: { b0: {} } });
            }),
        },
        ...YAML.map(([title, rule, change]): Mutant => ({
            title: `${mine}: network-config with ${title}`,
            rule,
            change: editYaml(at, "networkConfig", (data) =>
                change(Object.values(data["ethernets"] as Record<string, Record<string, unknown>>)[0] ?? {}),
            ),
        })),
        {
            title: `${mine}: another host name`,
            rule: "ID-10",
            change: editYaml(at, "metaData", (data) => {
                Object.assign(data, { "local-hostname": "alice" });
            }),
        },
        {
            title: `${mine}: no instance-id`,
            rule: "CI-12",
            change: editYaml(at, "metaData", (data) => {
                Reflect.deleteProperty(data, "instance-id");
            }),
        },
        {
            title: `${mine}: a seed from elsewhere`,
            rule: "CI-08",
            change: editYaml(at, "metaData", (data) => {
                Object.assign(data, { seedfrom: "http://192.0.2.1/" });
            }),
        },
        {
            title: `${mine}: the other role`,
            rule: "GUEST-01",
            change: editFile(at, "/etc/sallyport/role", (text) =>
                text === "gateway\n" ? "workstation\n" : "gateway\n",
            ),
        },
        // Firewall: every rule removed, every drop turned round, every policy opened.
        ...rules(/(accept|drop|reject with icmpx admin-prohibited|redirect to :\d+)$/).map(
            (line): Mutant => ({
                title: `${mine}: firewall without "${line.trim()}"`,
                rule: "GUEST-01",
                change: editFile(at, RULESET, without(line)),
            }),
        ),
        ...rules(/ drop$/).map((line): Mutant => ({
            title: `${mine}: firewall accepts "${line.trim()}"`,
            rule: "GUEST-01",
            change: editFile(at, RULESET, (t) => t.replace(line, line.replace(/drop$/, "accept"))),
        })),
        ...["input", "forward", "output"].map((chain): Mutant => ({
            title: `${mine}: ${chain} open by policy`,
            rule: "FW-01",
            change: editFile(at, RULESET, (t) =>
                t.replaceAll(
                    new RegExp(`(type filter hook ${chain} priority 0; policy) drop;`, "g"),
                    "$1 accept;",
                ),
            ),
        })),
        {
            title: `${mine}: not one transaction`,
            rule: "FW-14",
            change: editFile(at, RULESET, (t) => t.replace("flush ruleset\n", "")),
        },
        {
            title: `${mine}: another file included`,
            rule: "GUEST-01",
            change: editFile(at, RULESET, (t) => `${t}include "/etc/nftables.d/*"\n`),
        },
        {
            title: `${mine}: masquerade`,
            rule: "FW-03",
            change: editFile(
                at,
                RULESET,
                (t) =>
                    `${t}table ip nat {\n chain post {\n type nat hook postrouting priority 100; ` +
                    `policy accept;\n masquerade\n }\n}\n`,
            ),
        },
        {
            title: `${mine}: forwards`,
            rule: "FW-02",
            change: editFile(at, RULESET, (t) =>
                t.replace(/(hook forward priority 0; policy drop;\n)/, "$1 accept\n"),
            ),
        },
        {
            title: `${mine}: an exception for a user`,
            rule: "CI-18",
            change: editFile(at, RULESET, (t) =>
                t.replace(/(hook output priority 0; policy drop;\n)/, '$1 meta skuid "clearnet" accept\n'),
            ),
        },
        {
            title: `${mine}: drops without counting`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) => t.replace(/counter name "[a-z_]+" drop/, "drop")),
        },
        {
            title: `${mine}: drops without logging`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace(/^.* log prefix "sallyport-drop output: " level debug\n/m, ""),
            ),
        },
        {
            title: `${mine}: logs by another name`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace('log prefix "sallyport-drop input: "', 'log prefix "input: "'),
            ),
        },
        {
            title: `${mine}: logs without bounds`,
            rule: "FW-18",
            change: editFile(at, RULESET, (t) =>
                t.replace("limit rate 1/second burst 5 packets counter log", "counter log"),
            ),
        },
        // Sysctls: every value turned round.
        ...(!fresh(SYSCTL)
            ? []
            : lines(textOf(seed, SYSCTL), /=/).map((line): Mutant => ({
                  title: `${mine}: sysctl without "${line}"`,
                  rule: "GUEST-01",
                  change: editFile(at, SYSCTL, without(line)),
              }))),
        ...["net.ipv4.ip_forward", "net.ipv4.conf.*.forwarding", "net.ipv6.conf.*.forwarding"].map(
            (key): Mutant => ({
                title: `${mine}: ${key} on`,
                rule: "FW-02",
                change: editFile(at, SYSCTL, (t) => t.replace(`${key} = 0`, `${key} = 1`)),
            }),
        ),
        ...["accept_ra", "autoconf"].map((name): Mutant => ({
            title: `${mine}: IPv6 ${name} on`,
            rule: "FW-10",
            change: editFile(at, SYSCTL, (t) =>
                t.replace(`net.ipv6.conf.*.${name} = 0`, `net.ipv6.conf.*.${name} = 1`),
            ),
        })),
        {
            title: `${mine}: IPv6 on`,
            rule: "FW-10",
            change: editFile(at, SYSCTL, (t) => t.replace("disable_ipv6 = 1", "disable_ipv6 = 0")),
        },
        {
            title: `${mine}: redirects believed`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) =>
                t.replace("net.ipv4.conf.*.accept_redirects = 0", "net.ipv4.conf.*.accept_redirects = 1"),
            ),
        },
        {
            title: `${mine}: timestamps`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) => t.replace("tcp_timestamps = 0", "tcp_timestamps = 1")),
        },
        {
            title: `${mine}: one interface apart`,
            rule: "FW-21",
            change: editFile(at, SYSCTL, (t) => `${t}net.ipv4.conf.eth0.rp_filter = 0\n`),
        },
    ];
}
