/** Asks libvirt for a sign of life before anything is declared: the provider would only say "failed to dial libvirt". */
import { execFileSync } from "node:child_process";
import { ConfigError } from "../config/error";
import { parseLibvirtUri } from "../config/libvirt-uri";
import { quote } from "./cli-command";

/** Limit for the one question, in milliseconds; enough for ssh over a slow line. */
const LIMIT_MS = 20_000;

/** What the reader can do, by what libvirt or ssh said. */
const WAYS_OUT: readonly (readonly [said: RegExp, fix: string])[] = [
    [/host key verification|permission denied \(|could not resolve|connection timed out|no route to host|port \d+:/i, "make `ssh` to that host work without a question first (README: what qemu+ssh needs)"],
    [/permission denied|authentication|access denied|polkit/i, "join the group that may use libvirt on that host (Debian: adduser USER libvirt, then log in again)"],
    [/\bnc\b.*not found/i, "install nc on that host (Debian: apt-get install netcat-openbsd): for a URI with a socket virsh runs it there"],
    [/no such file|connection refused|failed to connect socket/i, "start libvirt on that host (Debian: apt-get install libvirt-daemon-system; systemctl start libvirtd)"],
];
const OTHERWISE = "check that libvirt runs there and that you may use it";

/** Asks, and gives libvirt's complaint; undefined when it answers. */
export type Knock = (uri: string) => string | undefined;

export const knockByVirsh: Knock = (uri) => {
    try {
        execFileSync("virsh", ["-q", "-c", uri, "uri"], { encoding: "utf8", timeout: LIMIT_MS, killSignal: "SIGKILL", stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
        return undefined;
    } catch (error) {
        const { stderr, code, message } = error as NodeJS.ErrnoException & { stderr?: string };
        const said = (stderr ?? "").split("\n").map((line) => line.replace(/^error:/, "").trim()).filter((line) => line !== "").join(": ");
        return code === "ETIMEDOUT" ? `it did not answer within ${LIMIT_MS / 1000} s` : said === "" ? message : said;
    }
};

/** ssh must not ask: the stack's steps have no terminal to be asked on. virsh passes SSH_ASKPASS_REQUIRE on to no ssh. */
function unasked(text: string): string {
    const uri = parseLibvirtUri(text);
    return uri.transport !== "ssh" || uri.parameters["no_tty"] !== undefined ? text : `${text}${text.includes("?") ? "&" : "?"}no_tty=1`;
}

/** @throws ConfigError with libvirt's complaint, and what to do about it */
export function requireLibvirt(uri: string, knock: Knock = knockByVirsh): void {
    const complaint = knock(unasked(uri));
    if (complaint !== undefined) {
        const fix = WAYS_OUT.find(([said]) => said.test(complaint))?.[1] ?? OTHERWISE;
        throw new ConfigError([{ property: "uri", value: uri, allowed: `the URI of a libvirt that answers; this one: ${complaint}`, fix: `${fix}, until this works: virsh -c ${quote(unasked(uri))} uri` }]);
    }
}
