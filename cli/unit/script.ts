/** The script that starts, stops and looks at one stack on its lab host. Pure: from the plan to its text. */
import { posix } from "node:path";
import { statusVolume } from "../../components/readiness-gate";
import { workstationFilterXml } from "../../libvirt/workstation-filter";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { parseLibvirtUri } from "../../values/libvirt-uri";
import { digest } from "../../values/names";
import { quote } from "../../util/quote";
import { LIBRARY } from "./script-library";
import { HOST_SUFFIX } from "./names";

/** Volume of an enclave's status pool in which its host says what its kernel has. */
export const hostVolume = ({ gateway }: Pick<EnclavePlan, "gateway">): string =>
    `${statusVolume(gateway.domain)}${HOST_SUFFIX}`;

/** How the libvirt of a stack is called on its own host. */
function localUri(uri: string): string {
    const { socket } = parseLibvirtUri(uri).parameters;
    return socket === undefined ? "qemu:///system" : `qemu:///system?socket=${encodeURIComponent(socket)}`;
}

const words = (...all: readonly string[]): string => all.map(quote).join(" ");

/** Functions of one enclave: they run in shells of their own. */
function enclave(plan: StackPlan, e: EnclavePlan, n: number): string {
    const { domain, readyTimeoutSeconds } = e.gateway;
    const workstations = e.workstations.map((w) => w.domain);
    const [isolated, external] = [e.isolated.name, e.external.name];
    const file = posix.join(e.statusPool.path, statusVolume(domain));
    const start = [
        ...[plan.imagePool, e.pool, e.statusPool, e.dataPool].map(({ name }) =>
            words("activate", "pool", "pool", name),
        ),
        words("filter", isolated, workstationFilterXml(isolated)),
        ...[external, isolated].map((name) => words("activate", "network", "net", name)),
        words("guest", domain),
        words("gate", domain, file, String(readyTimeoutSeconds)),
        // One that can't be started leaves the others theirs.
        "result=0",
        ...workstations.map((name) => `${words("guest", name, isolated)} || result=$?`),
    ];
    const stop = [
        ...(workstations.length === 0
            ? []
            : [
                  "jobs=",
                  ...workstations.map((name) => `${words("halt", name)} & jobs="$jobs $!"`),
                  'for job in $jobs; do wait "$job" || return 1; done',
              ]),
        ...[words("halt", domain), words("deactivate", isolated), words("deactivate", external)].map(
            (line) => `${line} || return`,
        ),
    ];
    const body = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join("\n");
    return [
        `start_${n}() {`,
        body(start.map((line) => (/^result=0$|\|\| result=\$\?$/.test(line) ? line : `${line} || return`))),
        '    return "$result"',
        "}",
        `stop_${n}() {`,
        body(stop),
        "}",
        `check_${n}() {`,
        body([words("look", `${file}${HOST_SUFFIX}`, domain, ...workstations)]),
        "}",
    ].join("\n");
}

/** Names one version of a stack's script, for the host's own word on its kernel. */
const MARK = "script=";

/** The whole script, `start`, `stop` and `check`. */
export function unitScript(plan: StackPlan): string {
    const all = (verb: string): string => plan.enclaves.map((_, n) => `${verb}_${n}`).join(" ");
    const body = [
        `uri=${quote(localUri(plan.uri))}`,
        LIBRARY,
        ...plan.enclaves.map((e, n) => enclave(plan, e, n)),
        "",
        'case "${1:-}" in',
        `    start) each ${all("start")} ;;`,
        `    stop) each ${all("stop")} ;;`,
        `    check) each ${all("check")} ;;`,
        `    *) say "usage: $0 start|stop|check"; exit 2 ;;`,
        "esac",
        "",
    ].join("\n");
    return [
        "#!/bin/sh",
        "# Made by bin/sallyport unit; the next `unit install` writes it anew.",
        "set -u",
        "umask 077",
        "export LC_ALL=C",
        'export PATH="${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin"',
        `${MARK}${digest(12, body)}`,
        body,
    ].join("\n");
}

/** The version that a script names. */
export const scriptVersion = (plan: StackPlan): string =>
    new RegExp(`^${MARK}([0-9a-f]+)$`, "m").exec(unitScript(plan))?.[1] ?? "";
