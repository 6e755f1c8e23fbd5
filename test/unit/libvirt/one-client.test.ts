/** virsh is started in one place: everything else would have limits, retries and errors of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";

/** A word that a call or a list of words begins with; not one of a sentence, as messages have it. */
const STARTS = /[([]\s*(?:"virsh"|'virsh'|`virsh`|["'`]exec virsh\b)/;
const ROOMS = ["util", "values", "config", "plan", "cloud-init", "libvirt", "components", "model", "policy"];
const MORE = ["reachability", "report", "capture", "lab", "cli", "image"];

const sources = (room: string): string[] =>
    readdirSync(join(projectRoot(), room), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(room, file));

it("product code calls virsh through libvirt/client alone", () => {
    const files = [...[...ROOMS, ...MORE].flatMap(sources), "index.ts"];
    expect(files.length).toBeGreaterThan(200);
    const callers = files.filter((file) => STARTS.test(readFileSync(join(projectRoot(), file), "utf8")));
    expect(callers).toEqual(["libvirt/client.ts"]);
});

it.each([
    'execFile("virsh", ["-c", uri])',
    "execa('virsh', [])",
    'promisify(execFile)("virsh", words)',
    'run(\n        "virsh",',
    '["virsh", "-c", uri]',
    "spawn(`virsh`)",
    "sh(`exec virsh -c ${uri}`)",
])("negative test: %s would be seen", (text) => {
    expect(STARTS.test(text)).toBe(true);
});
