/** Where the demo keeps its things: all below the lab's state folder. */
import { join } from "node:path";
import { resolveLab } from "../../lab/paths";
import { CLEANUP_HINT } from "../../components/cleanup-hint";
import { StackSession } from "../live/stack-session";
import { projectRoot } from "../../util/root";

/**
 * Name of the demo's stack: one for each lab. Pulumi keeps a stack's settings beside the program, under the
 * stack's name, so demos of one checkout in two labs must not share it.
 */
function demoStack(): string {
    const { id } = resolveLab();
    return id === resolveLab("").id ? "demo" : `demo-${id}`;
}

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
    return new StackSession({
        root: projectRoot(),
        stack: demoStack(),
        home: join(demoPaths().home, "pulumi"),
        // The demo's state is where `bin/sallyport orphans` does not look unless it is told to.
        env: { [CLEANUP_HINT]: "make demo-down" },
    });
}
