/** bin/pulumi around a Pulumi that only says how it was called. */
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const FAKE = `#!/bin/bash
case "$*" in *"stack --show-name") echo cell; exit ;; esac
echo "args: $*"
env | grep -E '^(PULUMI_|LIBVIRT_|NODE_COMPILE_CACHE)' | sort
`;

const NO_STATE = `case "$*" in *"stack export"*) exit 255 ;; esac\n`;

describe("bin/pulumi", () => {
    let root: string;
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "root-"));
        for (const dir of [
            "bin",
            ".toolchain/bin",
            ".toolchain/pulumi-home",
            "toolchain/lib",
            "toolchain/provider",
            "elsewhere",
            "sub",
        ]) {
            mkdirSync(join(root, dir), { recursive: true });
        }
        copyFileSync(resolve(__dirname, "../../bin/pulumi"), join(root, "bin/pulumi"));
        copyFileSync(resolve(__dirname, "../lib/common.sh"), join(root, "toolchain/lib/common.sh"));
        for (const source of [
            "setup",
            "engine",
            "command-plugin",
            "cloud-init-schema",
            "provider/some.patch",
        ]) {
            writeFileSync(join(root, "toolchain", source), source);
        }
        // It is content with every state; tests that ask more have one of their own.
        writeFileSync(join(root, "bin/sallyport"), "#!/bin/sh\n", { mode: 0o755 });
        writeFileSync(join(root, ".toolchain/bin/pulumi"), FAKE);
        chmodSync(join(root, ".toolchain/bin/pulumi"), 0o755);
        setUp();
        writeFileSync(join(root, "Pulumi.yaml"), "name: x\n");
        writeFileSync(join(root, "elsewhere/Pulumi.yaml"), "name: y\n");
        for (const stack of ["cell", "a b"]) {
            writeFileSync(join(root, `Pulumi.${stack}.yaml`), "");
        }
        writeFileSync(join(root, "Makefile"), "build:\n\t@echo built >> built; echo to stdout\n");
    });
    afterEach(() => rmSync(root, { recursive: true }));
    /** What set-up writes at its end. */
    const setUp = (): void => {
        const script =
            'set -euo pipefail; . "$ROOT/toolchain/lib/common.sh"; sources_print >"$TOOLCHAIN/ready"';
        expect(
            spawnSync("bash", ["-c", script], { env: { PATH: process.env["PATH"], ROOT: root } }).status,
        ).toBe(0);
    };

    const run = (
        args: readonly string[],
        env: NodeJS.ProcessEnv = {},
        cwd = root,
    ): { status: number | null; stdout: string; stderr: string } =>
        spawnSync(join(root, "bin/pulumi"), args, {
            cwd,
            encoding: "utf8",
            env: { PATH: process.env["PATH"], HOME: root, ...env },
        });
    /** Whether a process is there and is more than an entry that nobody has collected yet. */
    const runs = (pid: number): boolean => {
        try {
            return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
        } catch {
            return false;
        }
    };
    const built = (): boolean => existsSync(join(root, "built"));

    it("says what to do when there is no toolchain, or half of one", () => {
        rmSync(join(root, ".toolchain/ready"));
        expect(run(["version"])).toMatchObject({
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(/^bin\/pulumi: .*make setup\n$/) as string,
        });
        setUp();
        rmSync(join(root, ".toolchain/bin/pulumi"));
        expect(run(["version"]).stderr).toContain("make setup");
    });

    it("refuses a toolchain that was made from other sources, until it is set up again", () => {
        const refused = {
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(/^bin\/pulumi: .* other sources .*make setup\n$/) as string,
        };
        writeFileSync(join(root, "toolchain/provider/some.patch"), "patched");
        expect(run(["version"])).toMatchObject(refused);
        expect(run(["version"], { SALLYPORT_SETUP: "1" }).status).toBe(0); // set-up calls it in between
        setUp();
        expect(run(["version"]).status).toBe(0);
        rmSync(join(root, "toolchain/provider/some.patch"));
        expect(run(["version"])).toMatchObject(refused);
        setUp();
        writeFileSync(join(root, ".toolchain/ready"), ""); // as an older set-up left it
        expect(run(["version"])).toMatchObject(refused);
    });

    it("passes arguments on as they are, and keeps Pulumi at home and offline", () => {
        const { stdout } = run(["config", "set", "a", "b c"], { LIBVIRT_DEFAULT_URI: "qemu:///session" });
        expect(stdout).toContain("args: config set a b c\n");
        expect(stdout).toContain(`PULUMI_HOME=${root}/.toolchain/pulumi-home\n`);
        expect(stdout).toContain("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true\n");
        expect(stdout).toContain("PULUMI_SKIP_UPDATE_CHECK=true\n");
        expect(stdout).not.toContain("LIBVIRT_DEFAULT_URI");
        expect(stdout).not.toContain("PULUMI_CONFIG_PASSPHRASE"); // never made up
    });

    it("refuses an empty passphrase, which is what a CI gives for a secret that nobody has set", () => {
        const refused = (words: string): object => ({
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(
                new RegExp(`^bin/pulumi: .*${words}.*; allowed: a passphrase.*; fix: .*unset.*\\n$`),
            ) as string,
        });
        const file = join(root, "passphrase");
        writeFileSync(file, "secret\n");
        const named = { PULUMI_CONFIG_PASSPHRASE_FILE: file };
        expect(run(["up"], { PULUMI_CONFIG_PASSPHRASE: "" })).toMatchObject(refused("is set and empty"));
        // Pulumi takes the variable before the file.
        expect(run(["up"], { ...named, PULUMI_CONFIG_PASSPHRASE: "" })).toMatchObject(
            refused("set and empty"),
        );
        expect(run(["stack"], named).status).toBe(0);
        expect(run(["stack"], { ...named, PULUMI_CONFIG_PASSPHRASE: "secret" }).status).toBe(0);
        writeFileSync(file, "\n");
        expect(run(["stack"], named)).toMatchObject(
            refused("the file of PULUMI_CONFIG_PASSPHRASE_FILE is empty"),
        );
        rmSync(file);
    });

    it("keeps state in the project, readable by its owner only, unless another place is chosen", () => {
        const local = `PULUMI_BACKEND_URL=file://${root}/.pulumi-state?metadata=skip\n`;
        expect(run(["stack"]).stdout).toContain(local);
        expect(statSync(join(root, ".pulumi-state")).mode & 0o777).toBe(0o700);
        expect(run(["stack"], { PULUMI_BACKEND_URL: "file:///else" }).stdout).toContain(
            "PULUMI_BACKEND_URL=file:///else\n",
        );

        writeFileSync(join(root, ".toolchain/pulumi-home/credentials.json"), '{"current": ""}');
        expect(run(["stack"]).stdout).toContain(local);
        writeFileSync(
            join(root, ".toolchain/pulumi-home/credentials.json"),
            '{"current": "https://example.invalid"}',
        );
        expect(run(["stack"]).stdout).not.toContain("PULUMI_BACKEND_URL");
        rmSync(join(root, ".toolchain/pulumi-home/credentials.json"));
        writeFileSync(join(root, "Pulumi.yaml"), "name: x\nbackend:\n  url: file:///other\n");
        expect(run(["stack"]).stdout).not.toContain("PULUMI_BACKEND_URL");
    });

    it("keeps the state of a program in another folder there, and builds the package that it uses", () => {
        const yaml = join(root, "elsewhere/Pulumi.yaml");
        const local = `PULUMI_BACKEND_URL=file://${root}/elsewhere/.pulumi-state?metadata=skip\n`;
        expect(run(["-C", "elsewhere", "preview"]).stdout).toContain(local);
        expect(built()).toBe(false);
        writeFileSync(yaml, "name: y\nruntime: yaml\npackages:\n  sallyport: ..\n");
        expect(run(["preview"], {}, join(root, "elsewhere")).stdout).toContain(local);
        expect(built()).toBe(true);
        // Its host is looked at as well.
        writeFileSync(join(root, "bin/sallyport"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        expect(run(["-C", "elsewhere", "refresh"])).toMatchObject({
            status: 1,
            stderr: expect.stringContaining("nothing was refreshed") as string,
        });
    });

    it.each([
        [["preview"], true],
        [["up", "--yes"], true],
        [["--non-interactive", "--color", "never", "-v", "3", "destroy"], true],
        [["stack", "output"], false],
        [["config", "set", "up", "1"], false],
        [["version"], false],
        [["-C", "elsewhere", "up"], false],
        [["--cwd=elsewhere", "up"], false],
        [["-C", "nowhere", "up"], false],
        [["-C", "sub", "up"], true],
    ])("compiles the program before what runs it: %j", (args, expected) => {
        const { status, stdout } = run(args);
        expect(status).toBe(0);
        expect(built()).toBe(expected);
        expect(stdout).not.toContain("to stdout"); // --json is for programs
    });

    it.each([
        [["refresh", "--yes", "-s", "a b"], "--stack a b"],
        [["-C", ".", "refresh", "--stack=cell"], "--stack=cell"],
        [["up", "-r", "-scell"], "-scell"],
        [["up", "-yr"], ""],
        [["destroy", "--refresh"], ""],
    ])(
        "looks at the stack's host before a refresh, and does not do it when it is another: %j",
        (args, stack) => {
            writeFileSync(
                join(root, "bin/sallyport"),
                `#!/bin/bash
            [ "$*" = "check-host --state -" ] || exec grep -q . # start-pools
            cat >${root}/state
            if [ -e ${root}/other ]; then echo "another host" >&2; exit 1; fi`,
                { mode: 0o755 },
            );
            expect(run(args)).toMatchObject({
                status: 0,
                stdout: expect.stringContaining(`args: ${args.join(" ")}\n`) as string,
            });
            expect(readFileSync(join(root, "state"), "utf8")).toContain(
                `args: -C ${root} stack export${stack === "" ? "" : ` ${stack}`}\n`,
            );
            writeFileSync(join(root, "other"), "");
            expect(run(args)).toMatchObject({
                status: 1,
                stdout: "",
                stderr: expect.stringMatching(
                    /another host\nbin\/pulumi: .* nothing was refreshed\n$/,
                ) as string,
            });
            // What refreshes nothing is not held up.
            expect(run(["up", "--refresh=false"]).status).toBe(0);
            expect(run(["-C", "elsewhere", "refresh"]).status).toBe(0);
        },
    );

    it.each([
        [["up"], "cell"],
        [["preview", "--stack", "cell"], "cell"],
        [["destroy", "-scell"], "cell"],
        [["refresh", "--stack=organization/x/cell"], "organization/x/cell"],
    ])("asks before it touches a stack without a settings file: %j", (args, reference) => {
        rmSync(join(root, "Pulumi.cell.yaml"));
        writeFileSync(
            join(root, "bin/sallyport"),
            `#!/bin/bash
            [[ $1 = check-host || $1 = start-pools ]] && exit
            [ "$*" = "check-settings --stack ${reference}" ] || exit 9
            if [ -e ${root}/has-resources ]; then echo "no settings; fix: x" >&2; exit 2; fi`,
            { mode: 0o755 },
        );
        expect(run(args)).toMatchObject({
            status: 0,
            stdout: expect.stringContaining(`args: ${args.join(" ")}\n`) as string,
        });
        writeFileSync(join(root, "has-resources"), "");
        expect(run(args)).toMatchObject({
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(
                /no settings; fix: x\nbin\/pulumi: pulumi \w+ was not started\n$/,
            ) as string,
        });
        // Other settings, another project, and what runs nothing are not held up.
        expect(run(["up", "--config-file", "x.yaml"]).status).toBe(0);
        expect(run(["-C", "elsewhere", "up"]).status).toBe(0);
        expect(run(["stack", "output"]).status).toBe(0);
    });

    it.each([
        [["up", "--yes", "-s", "cell"], "--stack cell "],
        [["preview", "--json"], ""],
        [["up", "--target", "urn"], undefined],
        [["up", "--config-file", "x.yaml"], undefined],
        [["destroy"], null],
    ])("says what changes for guests before Pulumi does, on stderr: %j", (args, stack) => {
        writeFileSync(
            join(root, "bin/sallyport"),
            `#!/bin/bash
            [ "$1" != changes ] || { echo "asked: $*"; echo why >&2; [ ! -e ${root}/broken ]; }`,
            { mode: 0o755 },
        );
        const told = "can't be told before; the list below shows it";
        const { stdout, stderr } = run(args);
        expect(stdout).toContain(`args: ${args.join(" ")}\n`);
        expect(stdout + stderr).not.toContain("why");
        if (typeof stack === "string") {
            expect(stderr).toContain(`asked: changes ${stack === "" ? "--stack cell " : stack}--state -\n`);
            writeFileSync(join(root, "broken"), "");
        }
        expect(stack === null || run(args).stderr.includes(told)).toBe(true);
        expect(stack === null && stderr.includes(told)).toBe(false);
    });

    it("refreshes nothing when the state can't be read", () => {
        writeFileSync(join(root, ".toolchain/bin/pulumi"), "#!/bin/bash\necho no such stack >&2; exit 255\n");
        expect(run(["refresh"])).toMatchObject({
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(
                /no such stack\nbin\/pulumi: .* nothing was refreshed\n$/,
            ) as string,
        });
    });

    it("gives up on a host that says nothing, and refreshes nothing", () => {
        writeFileSync(join(root, "bin/sallyport"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
        expect(run(["refresh"], { SALLYPORT_TIMEOUT: "1s" })).toMatchObject({
            status: 1,
            stdout: "",
            stderr: expect.stringMatching(
                /refresh did not end within 1s; fix.*\n.* nothing was refreshed\n$/,
            ) as string,
        });
    });

    it("does not run a program that does not compile", () => {
        writeFileSync(join(root, "Makefile"), "build:\n\t@echo broken >&2; false\n");
        const { status, stdout, stderr } = run(["up"]);
        expect(status).not.toBe(0);
        expect(stdout).toBe("");
        expect(stderr).toContain("broken");
    });

    it.each(["1hour", "10 m", "-1", "1h30m", "1e3", "ten", "5m\n"])(
        "refuses the limit %j before anything runs",
        (limit) => {
            expect(run(["up"], { SALLYPORT_TIMEOUT: limit })).toMatchObject({
                status: 1,
                stdout: "",
                stderr: expect.stringMatching(
                    /^bin\/pulumi: SALLYPORT_TIMEOUT: got "[^]*"; allowed: .*10m.*; fix: .*unset it/,
                ) as string,
            });
            expect(built()).toBe(false);
        },
    );

    it.each(["", "0", "90", "30s", "10m", "1.5h", "1d"])("takes the limit %j", (limit) => {
        expect(run(["up"], { SALLYPORT_TIMEOUT: limit })).toMatchObject({
            status: 0,
            stdout: expect.stringContaining("args: up\n") as string,
            stderr: "to stdout\n",
        });
    });

    it("interrupts a command whose limit can't be kept", () => {
        writeFileSync(join(root, ".toolchain/bin/pulumi"), `#!/bin/bash\n${NO_STATE}exec sleep 60\n`);
        writeFileSync(join(root, "sub/timeout"), "#!/bin/bash\nexit 125\n", { mode: 0o755 });
        const r = spawnSync(join(root, "bin/pulumi"), ["up", "--stack", "cell"], {
            cwd: root,
            encoding: "utf8",
            timeout: 30_000,
            killSignal: "SIGKILL",
            env: { PATH: `${root}/sub:${process.env["PATH"] ?? ""}` },
        });
        expect(r).toMatchObject({
            signal: "SIGINT",
            stderr: expect.stringMatching(
                /pulumi up is interrupted: timeout\(1\) failed \(status 125\)/,
            ) as string,
        });
    });

    it("leaves no plugin behind when a Pulumi that heeds no interrupt is killed", () => {
        const pids = join(root, "pids");
        writeFileSync(
            join(root, ".toolchain/bin/pulumi"),
            `#!/bin/bash
            ${NO_STATE}
            trap '' INT
            echo $$ >${pids}
            setsid bash -c 'echo $$ >>${pids}; sleep 120 & echo $! >>${pids}; wait' & # in a group of its own, as plugins are
            while :; do sleep 0.1; done`,
        );
        const r = spawnSync(join(root, "bin/pulumi"), ["up", "--stack", "cell"], {
            cwd: root,
            encoding: "utf8",
            timeout: 60_000,
            killSignal: "SIGKILL",
            env: { PATH: process.env["PATH"], SALLYPORT_TIMEOUT: "1s" },
        });
        const alive = readFileSync(pids, "utf8").trim().split("\n").map(Number).filter(runs);
        alive.forEach((pid) => process.kill(pid, "SIGKILL"));
        expect(alive).toEqual([]);
        expect(r).toMatchObject({
            signal: "SIGKILL",
            stderr: expect.stringContaining("did not end within 1s; fix") as string,
        });
    });

    it("works through a link and from another folder", () => {
        symlinkSync(join(root, "bin/pulumi"), join(root, "elsewhere/p"));
        const r = spawnSync(join(root, "elsewhere/p"), ["up"], {
            cwd: join(root, "elsewhere"),
            encoding: "utf8",
            env: { PATH: process.env["PATH"] },
        });
        expect(r.stdout).toContain(`PULUMI_HOME=${root}/.toolchain/pulumi-home\n`);
        expect(built()).toBe(false); // another project
    });
});
