/**
 * How long one call to libvirt may take, for all that asks it. By qemu+ssh each call is a login, and on a
 * busy host a login takes 3 to 14 s; a forwarded socket may lead as far. It is no key of the stack: it
 * belongs to the way from this machine, and a key would be in the lines of the stack's steps and change them.
 */
import { ConfigError } from "../config/error";

/**
 * Variable of the environment with another limit, in whole seconds from 1 to 3600. It counts for every call.
 */
export const LIMIT_VARIABLE = "SALLYPORT_LIBVIRT_TIMEOUT";

/** Defaults in seconds: libvirt on this machine, and any other. */
const SECONDS = { near: 20, far: 60 } as const;

/** Whether the URI may lead off this machine: all but the daemon's own socket. */
const isFar = (uri: string): boolean => !/^[a-z]+(\+unix)?:\/\/\/[^?]*$/.test(uri);

/**
 * Limit of one call in milliseconds.
 * @param atLeastMs what a call needs that does more than answer: a raised limit raises it, a lowered one does not lower it
 * @throws ConfigError when the variable holds no limit
 */
export function callLimitMs(uri: string, atLeastMs = 0, env: NodeJS.ProcessEnv = process.env): number {
    const set = env[LIMIT_VARIABLE] ?? "";
    if (set !== "" && !(/^[1-9]\d{0,3}$/.test(set) && Number(set) <= 3600)) {
        throw new ConfigError([
            {
                property: `(environment) ${LIMIT_VARIABLE}`,
                value: set,
                allowed: "whole seconds from 1 to 3600",
                fix: `unset ${LIMIT_VARIABLE}, for ${SECONDS.near} s on this machine and ${SECONDS.far} s on another`,
            },
        ]);
    }
    return Math.max(atLeastMs, 1000 * (set === "" ? (isFar(uri) ? SECONDS.far : SECONDS.near) : Number(set)));
}
