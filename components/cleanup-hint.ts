/**
 * What removes all that an interrupted `up` left. A program that keeps a stack for its user, as the demo
 * does, has a way of its own.
 */

/** Variable of the environment with that program's way, as an instruction. */
export const CLEANUP_HINT = "SALLYPORT_CLEANUP_HINT";

export const cleanupHint = (stack: string, env: NodeJS.ProcessEnv = process.env): string =>
    env[CLEANUP_HINT] ||
    `bin/sallyport orphans --stack ${stack} lists all such and removes them with --remove`;
