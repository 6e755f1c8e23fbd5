/** Where the demo keeps its things: all below the lab's state folder. */
import { join } from "node:path";
import { resolveLab } from "../../lab/paths";
import { StackSession } from "../live/stack-session";
import { projectRoot } from "../root";

/** Name of the demo's stack. */
export const DEMO_STACK = "demo";

export interface DemoPaths {
    /** State, passphrase and capture. */
    readonly home: string;
    readonly capture: string;
    /** What programs read; kept until `demo --down`. */
    readonly json: string;
}

export function demoPaths(): DemoPaths {
    const { dir } = resolveLab();
    const home = join(dir, "demo");
    return { home, capture: join(home, "external.pcap"), json: join(dir, "demo.json") };
}

export function demoSession(): StackSession {
    return new StackSession({ root: projectRoot(), stack: DEMO_STACK, home: join(demoPaths().home, "pulumi") });
}
