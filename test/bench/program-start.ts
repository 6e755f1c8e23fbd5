/**
 * How long the Pulumi program takes by itself: a Node.js as the language host starts it loads the compiled
 * program, which plans the default enclave and declares it to mocks in place of an engine. A stub answers in
 * virsh's place: how long a libvirt takes to answer is not the program's.
 */
import { execa } from "execa";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../util/root";
import { median } from "./measure";

const RUNS = 15;

async function main(): Promise<void> {
    const root = projectRoot();
    const script = join(root, ".build", "bench-program-start.cjs");
    mkdirSync(join(root, ".build"), { recursive: true });
    writeFileSync(
        script,
        `
        const pulumi = require(${JSON.stringify(join(root, "node_modules", "@pulumi", "pulumi"))});
        let declared = 0;
        pulumi.runtime.setMocks({ newResource: (a) => { declared += 1; return { id: a.name + "-id", state: a.inputs }; }, call: () => ({}) }, "sallyport", "bench", true);
        // Mocks know no hooks.
        require(${JSON.stringify(join(root, "node_modules", "@pulumi", "pulumi", "runtime", "mocks"))}).MockMonitor.prototype.registerResourceHook = (_, done) => done(null);
        require(${JSON.stringify(join(root, ".build", "program.js"))});
        process.on("exit", () => process.stdout.write(String(declared)));
    `,
    );
    const stubs = join(root, ".build", "bench-bin");
    mkdirSync(stubs, { recursive: true });
    writeFileSync(
        join(stubs, "virsh"),
        "#!/bin/sh\necho '<capabilities><host><uuid>4c4c4544-0000-4000-8000-000000000001</uuid>'\n",
        { mode: 0o755 },
    );
    const env = {
        PATH: `${stubs}:${process.env["PATH"] ?? ""}`,
        NODE_COMPILE_CACHE: join(root, ".toolchain", "compile-cache"),
    };
    const seconds: number[] = [];
    let declared = "";
    for (let run = 0; run <= RUNS; run++) {
        const begin = performance.now();
        declared = (
            await execa(
                join(root, ".toolchain", "bin", "node"),
                ["-r", join(root, ".toolchain", "bin", "node-shim.js"), script],
                { cwd: root, env },
            )
        ).stdout;
        if (run > 0) {
            // the first fills the compile cache
            seconds.push((performance.now() - begin) / 1000);
        }
    }
    if (!(Number(declared) > 10)) {
        throw new Error(`the program declared ${declared} resources; the default enclave has more`);
    }
    console.log(
        `\nprogram start: Node.js started, program loaded, ${declared} resources declared: ` +
            `median of ${RUNS} ${median(seconds).toFixed(2)} s\n`,
    );
}

void main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
