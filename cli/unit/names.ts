/** Names and places of what `sallyport unit` puts on a lab host. */
import { posix } from "node:path";
import type { StackPlan } from "../../plan/plan";

/** For what an administrator installs (systemd.unit(5)). */
const UNITS = "/etc/systemd/system";
const SCRIPTS = "/usr/local/lib/sallyport";

/** Names of one stack's files. */
export interface UnitNames {
    readonly script: string;
    /** Starts the stack with the host. */
    readonly service: string;
    /** Says what the host's kernel has, each minute. */
    readonly checkService: string;
    readonly checkTimer: string;
}

/**
 * A stack's name holds no underscore, so the parts of one stack are never another's.
 * @throws RangeError for a prefix that would have to be quoted in a unit
 */
export function unitNames({ prefix }: Pick<StackPlan, "prefix">): UnitNames {
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(prefix)) {
        throw new RangeError(`"${prefix}" is no name of a unit: letters, digits, "." and "-" are allowed`);
    }
    return {
        script: `${prefix}.sh`,
        service: `${prefix}.service`,
        checkService: `${prefix}_check.service`,
        checkTimer: `${prefix}_check.timer`,
    };
}

export const unitPath = (name: string): string => posix.join(UNITS, name);
export const scriptPath = (name: string): string => posix.join(SCRIPTS, name);

/** What the host says of its kernel, beside a Gateway's status file: clear-status removes both. */
export const HOST_SUFFIX = ".host";
