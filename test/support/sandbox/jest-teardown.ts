/** Removes the sandbox that jest-setup.ts made. One with a record stays for the next run, which goes by that. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { living, madeIn, VARIABLE } from "./sandbox";

export default function tearDown(): void {
    const folder = process.env[VARIABLE] ?? "";
    const own = living(dirname(folder)).find((one) => one.folder === folder && one.owner.pid === process.pid);
    if (own !== undefined && madeIn(folder).length === 0) {
        rmSync(folder, { recursive: true, force: true });
    }
}
