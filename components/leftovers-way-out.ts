/**
 * What removes all that an interrupted `up` left. A program that keeps a stack for its user, as the demo
 * does, has a way of its own.
 */

/** Variable of the environment with that program's way, as an instruction. */
export const LEFTOVERS_WAY_OUT = "SALLYPORT_LEFTOVERS_WAY_OUT";

export const leftoversWayOut = (stack: string, env: NodeJS.ProcessEnv = process.env): string =>
    env[LEFTOVERS_WAY_OUT] ||
    `bin/sallyport orphans --stack ${stack} lists all such and removes them with --remove`;
