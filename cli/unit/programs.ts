/** What installs and removes a stack's units on its lab host: programs for its root's sh, whole in one text. Pure. */
import { posix } from "node:path";
import type { StackPlan } from "../../plan/plan";
import { quote } from "../../util/quote";
import { unitFiles } from "./units";

/** It runs with this exit status where there is no systemd. */
export const NO_SYSTEMD = 3;

const HEAD = [
    "set -eu",
    "umask 022",
    "export LC_ALL=C",
    `[ -d /run/systemd/system ] || { echo 'systemd does not run on this host' >&2; exit ${NO_SYSTEMD}; }`,
];

const PART = ".part";

/**
 * All files are written beside their places before the first one is renamed. Run twice, it changes nothing.
 * @param runs whether guests of the stack run: then the unit is started, so that it stops them with the host
 */
export function installProgram(plan: StackPlan, runs: boolean): string {
    const { files, enabled } = unitFiles(plan);
    const [service = "", timer = ""] = enabled.map(quote);
    return [
        ...HEAD,
        ...new Set(files.map(({ path }) => `mkdir -p ${quote(posix.dirname(path))}`)),
        ...files.flatMap(({ path, mode, text }) => [
            `printf '%s' ${quote(text)} >${quote(`${path}${PART}`)}`,
            `chmod ${mode} ${quote(`${path}${PART}`)}`,
        ]),
        ...files
            .filter(({ mode }) => mode === "0755")
            .map(({ path }) => `/bin/sh -n ${quote(`${path}${PART}`)}`),
        ...files.map(({ path }) => `mv -f ${quote(`${path}${PART}`)} ${quote(path)}`),
        "systemctl daemon-reload",
        `systemctl enable --quiet ${service} ${timer}`,
        `systemctl restart ${timer}`,
        ...(runs ? [`systemctl start --no-block ${service}`] : []),
        "",
    ].join("\n");
}

/** Guests are left as they are: the unit is forgotten, not stopped. None there is fine. */
export function removeProgram(plan: StackPlan): string {
    const { files, enabled } = unitFiles(plan);
    const [service = "", timer = ""] = enabled.map(quote);
    return [
        ...HEAD,
        `systemctl stop ${timer} 2>/dev/null || :`,
        `systemctl disable --quiet ${service} ${timer} 2>/dev/null || :`,
        `rm -f ${files.flatMap(({ path }) => [quote(path), quote(`${path}${PART}`)]).join(" ")}`,
        // Of another stack's script it is not empty.
        ...files
            .filter(({ mode }) => mode === "0755")
            .map(({ path }) => `rmdir ${quote(posix.dirname(path))} 2>/dev/null || :`),
        "systemctl daemon-reload",
        `systemctl reset-failed ${service} 2>/dev/null || :`,
        "",
    ].join("\n");
}
