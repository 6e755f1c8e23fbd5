/** Asks libvirt who it is before anything is declared: the provider would only say "failed to dial libvirt". */
import { execFileSync } from "node:child_process";
import { ConfigError } from "../config/error";
import { hostIdentity, type HostIdentity } from "../topology/host-identity";
import { quote } from "./cli-command";

/** Limit for the one question, in milliseconds; enough for ssh over a slow line, and for a libvirt that asks every QEMU it has. */
const LIMIT_MS = 60_000;
/** In bytes: a large host describes each of its processors. */
const MOST = 64 * 2 ** 20;

/** What the reader can do, by what libvirt or ssh said. */
const WAYS_OUT: readonly (readonly [said: RegExp, fix: string])[] = [
    [/host key verification|permission denied \(|could not resolve|connection timed out|no route to host|port 22/i, "make `ssh` to that host work without a question first"],
    [/permission denied|authentication|access denied|polkit/i, "join the group that may use libvirt on that host (Debian: adduser USER libvirt, then log in again)"],
    [/no such file|connection refused|failed to connect socket/i, "start libvirt on that host (Debian: apt-get install libvirt-daemon-system; systemctl start libvirtd)"],
];
const OTHERWISE = "check that libvirt runs there and that you may use it";

/** Asks, and gives libvirt's document of its capabilities, or its complaint. */
export type Knock = (uri: string) => { readonly capabilities: string } | { readonly complaint: string };

const knockByVirsh: Knock = (uri) => {
    try {
        return { capabilities: execFileSync("virsh", ["-q", "-c", uri, "capabilities"],
            { encoding: "utf8", timeout: LIMIT_MS, killSignal: "SIGKILL", maxBuffer: MOST, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } }) };
    } catch (error) {
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        const said = (stderr ?? "").split("\n").map((line) => line.replace(/^error:/, "").trim()).filter((line) => line !== "").join(": ");
        return { complaint: code === "ETIMEDOUT" ? `it did not answer within ${LIMIT_MS / 1000} s` : said === "" ? message : said };
    }
};

/**
 * The host that a URI leads to.
 * @throws ConfigError with libvirt's complaint, or when it does not say which host it is, and what to do about it
 */
export function requireLibvirt(uri: string, knock: Knock = knockByVirsh): HostIdentity {
    const answer = knock(uri);
    if ("complaint" in answer) {
        const fix = WAYS_OUT.find(([said]) => said.test(answer.complaint))?.[1] ?? OTHERWISE;
        throw new ConfigError([{ property: "uri", value: uri, allowed: `the URI of a libvirt that answers; this one: ${answer.complaint}`, fix: `${fix}, until this works: virsh -c ${quote(uri)} uri` }]);
    }
    const identity = hostIdentity(uri, answer.capabilities);
    if (!("host" in identity)) {
        throw new ConfigError([{ property: "uri", value: uri, allowed: `the URI of a libvirt that can be told from others; of this one: ${identity.what}`, fix: identity.fix }]);
    }
    return identity.host;
}
