/** The parts of toolchain/setup that decide: checksums, stamps, which Pulumi, and that services stay off. */
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Library } from "./library";

describe("set-up's library", () => {
    let library: Library;
    let root: string;
    beforeEach(() => {
        library = new Library();
        root = library.root;
    });
    afterEach(() => library.remove());
    const bash = (script: string, env: NodeJS.ProcessEnv = {}): ReturnType<Library["bash"]> =>
        library.bash(script, env);
    const command = (path: string, script: string): void => library.command(path, script);

    it("notices a binary that was changed, one that is missing and one that was never recorded", () => {
        writeFileSync(join(root, ".toolchain/bin/a"), "good");
        const intact = (): { status: number | null; stdout: string } => bash("intact bin/a");
        expect(intact().status).toBe(1);
        expect(bash("record bin/a").status).toBe(0);
        expect(intact()).toMatchObject({ status: 0, stdout: "" });
        writeFileSync(join(root, ".toolchain/bin/a"), "evil");
        expect(intact()).toMatchObject({
            status: 1,
            stdout: expect.stringContaining("bin/a does not match its checksum") as string,
        });
        rmSync(join(root, ".toolchain/bin/a"));
        expect(intact().status).toBe(1);
    });

    it("records one checksum for a file, the last", () => {
        for (const content of ["one", "two"]) {
            writeFileSync(join(root, ".toolchain/bin/a"), content);
            bash("record bin/a");
        }
        expect(readFileSync(join(root, ".toolchain/SHA256SUMS"), "utf8").trim().split("\n")).toHaveLength(1);
        expect(bash("intact bin/a").status).toBe(0);
    });

    it("does not take one file for another whose name begins like it", () => {
        for (const name of ["a", "a-b"]) {
            writeFileSync(join(root, ".toolchain/bin", name), name);
        }
        expect(bash("record bin/a-b; record bin/a; intact bin/a bin/a-b").status).toBe(0);
        writeFileSync(join(root, ".toolchain/bin/a-b"), "evil");
        expect(bash("intact bin/a")).toMatchObject({ status: 0, stdout: "" });
        expect(bash("intact bin/a-b").stdout).toContain("bin/a-b does not match");
    });

    it("is not ready while a part is being replaced", () => {
        writeFileSync(join(root, ".toolchain/ready"), "");
        bash("stamp engine x; unstamp engine; stamped engine x");
        expect(existsSync(join(root, ".toolchain/ready"))).toBe(false);
    });

    it("fingerprints words, names and contents, and nothing in node_modules", () => {
        const file = (name: string, content: string): void => {
            mkdirSync(resolve(root, name, ".."), { recursive: true });
            writeFileSync(join(root, name), content);
        };
        const print = (words = "w"): string => bash(`fingerprint ${words} -- src`).stdout;
        file("src/a", "1");
        const first = print();
        expect(print()).toBe(first);
        expect(print("v")).not.toBe(first);
        file("src/node_modules/b", "1");
        expect(print()).toBe(first);
        file("src/c", "1");
        const second = print();
        expect(second).not.toBe(first);
        file("src/c", "2");
        expect(print()).not.toBe(second);
    });

    it("compares versions as versions", () => {
        expect(
            bash(
                "at_least 1.26.8 1.26 && at_least 22.23.3 20 && at_least 3.259.0 3.259 && at_least 3.1000.0 3.259",
            ).status,
        ).toBe(0);
        expect(bash("at_least 1.9 1.26").status).toBe(1);
        expect(bash("at_least 3.258.9 3.259").status).toBe(1);
    });

    const choose = "choose_pulumi; echo $ENGINE";
    it("takes an installed Pulumi only when it is new enough and has its language host", () => {
        expect(bash(choose).stdout.trim()).toBe("own");
        command("path/pulumi", "echo v3.258.0");
        command("path/pulumi-language-nodejs", "true");
        expect(bash(choose).stdout.trim()).toBe("own");
        command("path/pulumi", "echo v4.0.0");
        expect(bash(choose).stdout.trim()).toBe("own");
    });

    it("insists as it is told to", () => {
        expect(bash(choose, { SALLYPORT_TOOLCHAIN: "installed" })).toMatchObject({
            status: 1,
            stderr: expect.stringContaining("no Pulumi 3.259 or newer") as string,
        });
        expect(bash(choose, { SALLYPORT_TOOLCHAIN: "mine" })).toMatchObject({
            status: 1,
            stderr: expect.stringContaining("own, installed or auto") as string,
        });
        expect(bash(choose, { SALLYPORT_TOOLCHAIN: "own" }).stdout.trim()).toBe("own");
    });

    it("finds an installed one outside the project and not its own", () => {
        const outside = mkdtempSync(join(tmpdir(), "installed-"));
        writeFileSync(join(outside, "pulumi"), "#!/bin/bash\necho v3.300.1\n");
        writeFileSync(join(outside, "pulumi-language-nodejs"), "#!/bin/bash\n");
        chmodSync(join(outside, "pulumi"), 0o755);
        const path = { PATH: `${root}/path:${outside}:/usr/bin:/bin` };
        command("path/pulumi", "echo v3.300.0"); // inside the project
        command("path/pulumi-language-nodejs", "true");
        expect(bash(choose, path).stdout.trim()).toBe("own"); // its host cannot be run
        chmodSync(join(outside, "pulumi-language-nodejs"), 0o755);
        expect(bash(choose, path).stdout.trim()).toBe(join(outside, "pulumi"));
        rmSync(outside, { recursive: true });
    });

    it("keeps to an engine that was built here, until it is told otherwise", () => {
        const outside = mkdtempSync(join(tmpdir(), "installed-"));
        for (const name of ["pulumi", "pulumi-language-nodejs"]) {
            writeFileSync(join(outside, name), "#!/bin/bash\necho v3.300.1\n", { mode: 0o755 });
        }
        const chosen = (mode: string): string =>
            bash(choose, { PATH: `${outside}:/usr/bin:/bin`, SALLYPORT_TOOLCHAIN: mode }).stdout.trim();
        const installed = join(outside, "pulumi");
        symlinkSync(installed, join(root, ".toolchain/bin/pulumi"));
        expect(chosen("auto")).toBe(installed);
        rmSync(join(root, ".toolchain/bin/pulumi"));
        command(".toolchain/bin/pulumi", "echo v3.259.0");
        expect(chosen("auto")).toBe("own");
        expect(chosen("installed")).toBe(installed);
        rmSync(outside, { recursive: true });
    });

    describe("while packages are installed", () => {
        // The commands that act on the system are stand-ins; the policy file is in our folder.
        const prepare = `POLICY=${"$ROOT"}/policy-rc.d; POLICY_SAVED=$POLICY.saved; mkdir -p $LOGS; as_root() { "$@"; }`;
        const policy = (): string => join(root, "policy-rc.d");
        beforeEach(() => {
            command("path/dpkg-query", '[ "$4" = present ] && echo -n installed');
            writeFileSync(
                join(root, "toolchain/apt-packages"),
                "# a list\npresent  # is there\nabsent   # is not\n",
            );
        });

        it("asks only for what is missing", () => {
            command(
                "path/dpkg-query",
                'case "${*: -1}" in present) echo -n installed ;; half) echo -n half-configured ;; esac',
            );
            writeFileSync(
                join(root, "toolchain/apt-packages"),
                "# a list\npresent  # is there\nabsent   # is not\nhalf\n",
            );
            expect(bash("missing_packages").stdout).toBe("absent\nhalf\n");
        });

        it.each(["exit 0", "exit 100"])(
            "forbids services to start, and lifts that again when apt-get does: %s",
            (end) => {
                command(
                    "path/apt-get",
                    `[ "$1" = update ] || { cp ${root}/policy-rc.d ${root}/seen; ${end}; }`,
                );
                const { status, stderr } = bash(`${prepare}; install_packages`);
                expect(status).toBe(end === "exit 0" ? 0 : 1);
                expect(readFileSync(join(root, "seen"), "utf8")).toContain("exit 101");
                expect(existsSync(policy())).toBe(false);
                if (status !== 0) {
                    expect(stderr).toContain("sudo apt-get install --no-install-recommends");
                }
            },
        );

        it("gives back a policy that was there, also after a run that was killed", () => {
            writeFileSync(policy(), "theirs");
            command("path/apt-get", "exit 1");
            bash(`${prepare}; install_packages`);
            expect(readFileSync(policy(), "utf8")).toBe("theirs");

            bash(`${prepare}; forbid_starts; kill -KILL $$`);
            expect(readFileSync(policy(), "utf8")).toContain("exit 101");
            bash(`${prepare}; allow_starts`);
            expect(readFileSync(policy(), "utf8")).toBe("theirs");
        });

        it("installs nothing without root or sudo, and says how", () => {
            command("path/id", "echo 1000");
            const { status, stderr } = bash(`${prepare}; have() { [ "$1" != sudo ]; }; install_packages`);
            expect(status).toBe(1);
            expect(stderr).toContain("as root: apt-get install");
        });
    });

    it.each([
        ["3.1.0", "3.259.0", /Pulumi says that it is 3\.1\.0, lib\/versions\.sh has 3\.259\.0/],
        ["3.259.0", "3.2.0", /the language host says that it is 3\.2\.0, lib\/versions\.sh has 3\.259\.0/],
    ])("does not end with a Pulumi %s and a language host %s", (pulumi, host, message) => {
        command(".toolchain/bin/pulumi", `echo v${pulumi}`);
        command(".toolchain/bin/pulumi-language-nodejs", `echo v${host}`);
        const check = bash("ENGINE=own; PULUMI_VERSION=3.259.0; self_check");
        expect(check).toMatchObject({ status: 1, stderr: expect.stringMatching(message) as string });
    });

    describe("a patch", () => {
        const patch = "--- a/rpc.go\n+++ b/rpc.go\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";
        const apply = (source: string): { status: number | null; stdout: string; stderr: string } => {
            mkdirSync(join(root, "source"), { recursive: true });
            writeFileSync(join(root, "source/rpc.go"), source);
            writeFileSync(join(root, "some.patch"), patch);
            return bash(`apply_patch ${root}/source ${root}/some.patch`);
        };

        it("is applied where it fits", () => {
            expect(apply("one\ntwo\nthree\n").status).toBe(0);
            expect(readFileSync(join(root, "source/rpc.go"), "utf8")).toBe("one\n2\nthree\n");
        });

        it.each([
            ["other context", "one\ntwo\n3\n"],
            ["another place", "zero\none\ntwo\nthree\n"],
            ["its result", "one\n2\nthree\n"],
            ["nothing", ""],
        ])("stops the set-up at %s", (_, source) => {
            expect(apply(source)).toMatchObject({
                status: 1,
                stderr: expect.stringContaining("some.patch does not fit this source") as string,
            });
        });
    });
});
