/**
 * What lists all that an interrupted `up` left, with what removes it. A program that keeps a stack for its
 * user, as the demo does, has a command of its own.
 */

/** Variable of the environment with that program's command. */
export const CLEANUP_HINT = "SALLYPORT_CLEANUP_HINT";

export const cleanupHint = (stack: string, env: NodeJS.ProcessEnv = process.env): string =>
    env[CLEANUP_HINT] || `bin/sallyport orphans --stack ${stack}`;
