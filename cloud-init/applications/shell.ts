/**
 * Login shells: programs that know no SOCKS proxy of their own go through torsocks on the port that is theirs, and
 * Tor Browser is told to use the Gateway's tor instead of starting one.
 */
import { CONTROL_PORT, socksPortOf, TOR_BROWSER_PORT } from "../../topology/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

/** Programs and the name of their port in the table. */
const WRAPPED: readonly (readonly [program: string, port: string])[] = [
    ["gpg", "gpg"],
    ["irssi", "irc"],
    ["weechat", "irc"],
    ["wget", "wget"],
];

export const shell = (gateway: string, control: boolean): GuestFile[] => [
    rootFile("/etc/profile.d/sallyport.sh", lines(
        "profile",
        `# Tor Browser: the Gateway's tor, and ${control ? "its filtered" : "no"} control port.`,
        control
            ? `export TOR_SKIP_LAUNCH=1 TOR_CONTROL_HOST=${gateway} TOR_CONTROL_PORT=${CONTROL_PORT}`
            : "export TOR_SKIP_LAUNCH=1 TOR_SKIP_CONTROLPORTTEST=1",
        `export TOR_SOCKS_HOST=${gateway} TOR_SOCKS_PORT=${TOR_BROWSER_PORT}`,
        ...WRAPPED.map(([program, port]) => `${program}() { torsocks -P ${socksPortOf(port)} ${program} "$@"; }`),
    )),
];
