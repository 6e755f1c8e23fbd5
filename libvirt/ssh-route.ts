/**
 * qemu+ssh is dialled twice: by virsh through OpenSSH, which obeys ssh_config, and by the provider with an
 * ssh of its own, which reads $HOME/.ssh/config in its way. It knows no ProxyCommand, drops the whole file
 * for a `Match` in it, and then dials from where it is. A host that is to be reached through a bastion or Tor
 * would learn the operator's address. So nothing but the URI may say where to go: whatever a configuration
 * does to the way is refused before anything is declared. The ways in the provider: libvirt/uri/ssh.go of
 * version 0.8.3.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../config/error";
import { type LibvirtUri, parseLibvirtUri } from "../values/libvirt-uri";
import { oneSshInstead } from "./one-ssh";

/** Limit of `ssh -G`, which connects nowhere, in milliseconds. */
const LIMIT_MS = 10_000;
/**
 * They stand for what a configuration leaves unsaid: names that no host has (RFC 2606). What follows from the
 * one to the other was not said; a configuration may well have port 1.
 */
const UNSAID = [
    { hostname: "host1.invalid", port: "1", proxyjump: "bastion1.invalid" },
    { hostname: "host2.invalid", port: "2", proxyjump: "bastion2.invalid" },
] as const;

/** What OpenSSH would do, by its keywords in lower case. */
type Effective = ReadonlyMap<string, string>;

/** Words after `ssh` that name the host of a URI as virsh does. */
export const sshTarget = (uri: LibvirtUri): string[] => [
    ...(uri.port === undefined ? [] : ["-p", String(uri.port)]),
    "-l",
    uri.user ?? "",
    "--",
    uri.host ?? "",
];

/** @throws Error with ssh's complaint */
function effective(words: readonly string[]): Effective {
    let text: string;
    try {
        text = execFileSync("ssh", ["-G", "-T", ...words], {
            encoding: "utf8",
            timeout: LIMIT_MS,
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, LC_ALL: "C" },
        });
    } catch (error) {
        const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
        throw new Error(
            code === "ENOENT"
                ? "ssh is not installed: apt install openssh-client"
                : (stderr ?? "").trim().replaceAll("\n", "; ") || message,
            { cause: error },
        );
    }
    const found = new Map(
        text.split("\n").map((line): [string, string] => {
            const [keyword = "", ...value] = line.split(" ");
            return [keyword.toLowerCase(), value.join(" ")];
        }),
    );
    if (!found.has("hostname") || !found.has("port")) {
        throw new Error("ssh -G does not name a host and a port");
    }
    return found;
}

/** What a configuration does to virsh's way. */
function movesVirsh(uri: LibvirtUri): string[] {
    const plain: Readonly<Record<string, string>> = {
        hostname: uri.host ?? "",
        port: String(uri.port ?? 22),
        user: uri.user ?? "",
        proxycommand: "none",
        proxyjump: "none",
        bindaddress: "none",
        bindinterface: "none",
        addressfamily: "any",
        canonicalizehostname: "false",
        // An older connection may have been made by another way.
        controlpath: "none",
    };
    const ssh = effective(sshTarget(uri));
    return Object.entries(plain).flatMap(([keyword, value]) => {
        const found = ssh.get(keyword) ?? "none";
        return found === value ? [] : [`ssh_config sets ${keyword} to ${found}`];
    });
}

/**
 * What the provider's file does to the provider's way: it takes these from there, even over the URI's port.
 */
function movesProvider(uri: LibvirtUri, file: string): string[] {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return [];
        }
        throw error;
    }
    if (/^\s*"?match\b/im.test(text)) {
        return [`${file} has a Match, for which the provider drops the whole file`];
    }
    const folder = mkdtempSync(join(tmpdir(), "sallyport-ssh-"));
    try {
        const probe = join(folder, "config");
        return [
            ...new Set(
                UNSAID.flatMap((unsaid) => {
                    // What comes first counts: these are used where the file says nothing of its own for this
                    // host.
                    writeFileSync(
                        probe,
                        [
                            `Include "${file}"`,
                            "Host *",
                            ...Object.entries(unsaid).map(([keyword, value]) => `${keyword} ${value}`),
                            "",
                        ].join("\n"),
                    );
                    const ssh = effective(["-F", probe, "-l", uri.user ?? "", "--", uri.host ?? ""]);
                    return Object.entries(unsaid).flatMap(([keyword, value]) => {
                        const found = ssh.get(keyword) ?? "none";
                        const what =
                            ssh.has("proxycommand") && keyword === "proxyjump"
                                ? `proxycommand ${ssh.get("proxycommand")}`
                                : `${keyword} ${found}`;
                        return found === value
                            ? []
                            : [`${file} has ${what} for this host, which the provider reads in its own way`];
                    });
                }),
            ),
        ];
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/**
 * Refuse a host to which virsh and the provider might go by different ways.
 * @param text the URI as it is configured
 * @param home the provider's home folder
 * @throws ConfigError
 */
export function requireOneRoute(text: string, home = homedir()): void {
    const uri = parseLibvirtUri(text);
    if (uri.transport !== "ssh") {
        return;
    }
    const refuse = (why: string, fix: string): never => {
        throw new ConfigError([
            {
                property: "uri",
                value: text,
                allowed: `a host that virsh and the provider reach by one route; ${why}`,
                fix,
            },
        ]);
    };
    let moved: string[];
    try {
        const [openssh, provider] = [movesVirsh(uri), movesProvider(uri, join(home, ".ssh", "config"))];
        moved = openssh.length > 0 ? openssh : provider;
    } catch (error) {
        return refuse(
            `ssh's configuration can't be read: ${error instanceof Error ? error.message : String(error)}`,
            `make this work: ssh -G ${uri.host}`,
        );
    }
    if (moved.length > 0) {
        refuse(
            `the provider would dial it from this machine's address: ${moved.join("; ")}`,
            oneSshInstead(uri),
        );
    }
}
