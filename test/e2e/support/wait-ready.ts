/** `sallyport wait-ready`, as the stack runs it, for an enclave's Gateway. */
import { join } from "node:path";
import { type RunResult, runToEnd } from "../../../cli/live/process";
import { STATUS_SUFFIX } from "../../../libvirt/stylesheet";
import type { EnclavePlan } from "../../../plan/plan";
import { lab, root } from "./world";

export function waitReady({ gateway, statusPool }: EnclavePlan, seconds: number): Promise<RunResult> {
    const { domain } = gateway;
    const words = [
        "--uri",
        lab().uri,
        "--pool",
        statusPool.name,
        "--volume",
        `${domain}${STATUS_SUFFIX}`,
        "--domain",
        domain,
        "--timeout",
        String(seconds),
    ];
    return runToEnd(join(root, "bin/sallyport"), ["wait-ready", ...words], {
        cwd: root,
        timeoutSeconds: seconds + 30,
    });
}
