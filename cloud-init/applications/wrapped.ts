/**
 * Programs that know no SOCKS proxy: in their place a script of the same name, first on everybody's path, that runs them
 * under torsocks on the port that is theirs. A script and not a shell function: cron, `sh -c` and programs find it, too.
 */
import { socksPortOf } from "../../topology/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

/** Programs that the image carries, and the name of their port in the table. */
const WRAPPED: readonly (readonly [program: string, port: string])[] = [
    ["irssi", "irc"],
    ["wget", "wget"],
];

export const wrapped = (): GuestFile[] => WRAPPED.map(([program, port]) => rootFile(
    `/usr/local/bin/${program}`,
    lines(program, "#!/bin/sh", `exec torsocks -P ${socksPortOf(port)} /usr/bin/${program} "$@"`),
    "0755",
));
