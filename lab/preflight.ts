/** What must be there before a lab can start. */
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "./error";
import { SEARCH_PATH } from "./run";

/** Programs the lab runs, with the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
    ip: "iproute2",
    unshare: "util-linux",
    nsenter: "util-linux",
    mount: "mount",
    sysctl: "procps",
    bash: "bash",
    tor: "tor",
    "tor-gencert": "tor",
    libvirtd: "libvirt-daemon",
    virtlogd: "libvirt-daemon",
    virsh: "libvirt-clients",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    dnsmasq: "dnsmasq-base",
    ebtables: "iptables",
    iptables: "iptables",
    tcpdump: "tcpdump",
};

/** Absolute path of a program, or undefined. */
export function findProgram(name: string, path: string = SEARCH_PATH): string | undefined {
    return path
        .split(":")
        .map((folder) => join(folder, name))
        .find((file) => {
            try {
                accessSync(file, constants.X_OK);
                return true;
            } catch {
                return false;
            }
        });
}

/** Programs that are missing. */
export function missingTools(path: string = SEARCH_PATH): string[] {
    return Object.keys(TOOLS).filter((tool) => findProgram(tool, path) === undefined);
}

/** @throws LabError unless this is root on Linux */
export function requireRoot(verb: string): void {
    if (process.platform !== "linux") {
        throw new LabError(
            `the lab needs Linux network namespaces, this is ${process.platform}`,
            "run it on a Linux machine",
        );
    }
    if (process.getuid?.() !== 0) {
        throw new LabError(
            "the lab makes network namespaces, which only root may",
            `sudo bin/sallyport lab ${verb}`,
        );
    }
}

/** @throws LabError naming what is missing and the command that installs it */
export function requireTools(path: string = SEARCH_PATH): void {
    const missing = missingTools(path);
    if (missing.length > 0) {
        const packages = [...new Set(missing.map((tool) => TOOLS[tool]))].join(" ");
        throw new LabError(
            `programs are missing: ${missing.join(", ")}`,
            `apt-get install --no-install-recommends ${packages}`,
        );
    }
    if (!existsSync("/dev/net/tun")) {
        throw new LabError("/dev/net/tun is missing, so domains can have no NICs", "modprobe tun");
    }
}
