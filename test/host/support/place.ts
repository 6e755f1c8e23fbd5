/**
 * Where the tier keeps its things, and how they are called. All derives from the checkout, so the next run
 * finds what a killed one left.
 */
import { join } from "node:path";
import { projectRoot } from "../../../util/root";
import { labId } from "../../../lab/paths";

export const root = projectRoot();
const dir = join(root, ".lab", "host");
const id = labId(dir);

export const place = {
    dir,
    /** Processes that were started. */
    book: join(dir, "processes.json"),
    /** What the tests write; gone at the end. */
    work: join(dir, "work"),
    /** Disks of lab hosts, as test/host/image/build makes them. */
    images: join(root, ".image", "host"),
    /** Short, for the sockets' addresses (unix(7): 107 bytes). */
    sockets: `/run/sallyport-${id}h`,
    /** Network namespace that the host's uplink leads to. */
    internet: `sp${id}-hostnet`,
} as const;
