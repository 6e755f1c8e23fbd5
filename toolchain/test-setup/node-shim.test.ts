/**
 * toolchain/node-shim.js with the real @pulumi/pulumi: nothing is loaded early, and everything still works.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const SHIM = join(ROOT, "toolchain/node-shim.js");
const NODE = join(ROOT, ".toolchain/bin/node");

function evaluate(script: string, eager = false, cwd = ROOT): { stdout: string; stderr: string } {
    const env = { ...process.env, SALLYPORT_EAGER_MODULES: eager ? "1" : "", NODE_OPTIONS: "" };
    const { stdout, stderr } = spawnSync(NODE, [`--require=${SHIM}`, "-e", script], {
        cwd,
        encoding: "utf8",
        env,
    });
    return { stdout: stdout.trim(), stderr };
}

const LOADED = `
    const loaded = (name) => Object.keys(require.cache).some((f) => f.includes("/node_modules/" + name + "/"));
    const names = ["typescript", "@npmcli/arborist", "@opentelemetry/sdk-trace-base", "@opentelemetry/exporter-zipkin"];
    console.log(names.filter(loaded).join(" "));`;

describe("the preload script", () => {
    it("keeps the heavy modules out of a program's start, and only it does", () => {
        const start = `require("@pulumi/pulumi"); require("@pulumi/pulumi/cmd/run/tracing");`;
        expect(evaluate(start + LOADED)).toEqual({ stdout: "", stderr: "" });
        expect(evaluate(start + LOADED, true).stdout).toBe(
            "typescript @npmcli/arborist @opentelemetry/sdk-trace-base @opentelemetry/exporter-zipkin",
        );
    });

    it.each([
        [
            "serialising a function, which needs TypeScript",
            `const captured = { a: [1, 2] };
             pulumi.runtime.serializeFunction((x) => captured.a.map((y) => y + x)).then((s) => console.log(s.text));`,
            "__f0",
        ],
        [
            "code paths of a project, which need arborist",
            `pulumi.runtime.computeCodePaths().then((m) => console.log([...m.keys()].sort().join()));`,
            "node_modules/",
        ],
        [
            "what is said of a function that cannot be serialised, and where it is",
            // cmd/run initialises the hooks before it loads the program; without the preload script only that
            // gives places.
            `require("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync().then(() => {
                 const native = require("./toolchain/test-setup/native-capture.cjs");
                 return pulumi.runtime.serializeFunction(native);
             }).catch((e) => console.log(e.message));`,
            "native-capture.cjs(3,17)",
        ],
        [
            "the Automation API",
            `console.log(typeof pulumi.automation.LocalWorkspace.create, Object.keys(pulumi.automation).join());`,
            "function",
        ],
        [
            "traces, which need OpenTelemetry's classes",
            `const { NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
             const tracing = require("@pulumi/pulumi/cmd/run/tracing"); tracing.start("http://127.0.0.1:9/");
             const span = tracing.newSpan("s"); console.log(span.isRecording(), span.constructor.name); tracing.stop(); process.exit(0);`,
            "true Span",
        ],
    ])("does not change %s", (_what, script, expected) => {
        const run = (eager: boolean): string =>
            evaluate(`const pulumi = require("@pulumi/pulumi");${script}`, eager).stdout;
        const deferred = run(false);
        expect(deferred).toContain(expected);
        expect(deferred).toBe(run(true));
    });

    it("keeps the stack of promises for who looks for leaks", () => {
        const script = `const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
            const p = Promise.resolve(); debuggablePromise(p, "c"); console.log(p._debugStackTrace.split("\\n").length > 1);`;
        expect(evaluate(script).stdout).toBe("false");
        expect(evaluate(`process.env.PULUMI_DEBUG_PROMISE_LEAKS = "1";${script}`).stdout).toBe("true");
        expect(evaluate(script, true).stdout).toBe("true");
    });

    it("does not touch what programs require themselves", () => {
        expect(
            evaluate(
                `console.log(require("typescript") === require("typescript"), typeof require("typescript").version); ${LOADED}`,
            ).stdout,
        ).toBe("true string\ntypescript");
    });

    it("leaves a missing module to be reported where it is required", () => {
        const dir = mkdtempSync(join(tmpdir(), "shim-"));
        const script = join(dir, "x.js");
        writeFileSync(script, "");
        const fake = `const Module = require("node:module");
            const m = new Module("/nowhere/@pulumi/pulumi/typescript-shim.js"); m.filename = m.id; m.paths = [];
            try { m.require("typescript"); console.log("no error"); } catch (e) { console.log(e.code); }`;
        expect(evaluate(fake, false, dir).stdout).toBe("MODULE_NOT_FOUND");
        rmSync(dir, { recursive: true });
    });
});
