/**
 * What set-up does with an installed Pulumi, and where plugins come from; a stand-in for Pulumi, no network.
 */
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Library } from "./library";

let library: Library;
let elsewhere: string;
beforeEach(() => {
    library = new Library();
    elsewhere = mkdtempSync(join(tmpdir(), "installed-"));
});
afterEach(() => {
    library.remove();
    rmSync(elsewhere, { recursive: true });
});
const calls = (): string[] => {
    const file = join(elsewhere, "calls");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    rmSync(file, { force: true });
    return lines;
};
/** A Pulumi outside the project that notes how it is called. */
const pulumi = (script: string): string => {
    const path = join(elsewhere, "pulumi");
    writeFileSync(path, `#!/bin/bash\necho "$*" >>${elsewhere}/calls\n${script}\n`, { mode: 0o755 });
    return path;
};
const versions = (name: string): string => library.bash(`printf %s "$${name}"`).stdout;

describe("an engine", () => {
    // Builds take minutes; which of them are asked for is the question.
    const BUILDS = 'build_engine() { echo "build engine $1"; }; build_provider() { echo "build provider"; }';
    const install = (engine: string): ReturnType<Library["bash"]> =>
        library.bash(`${BUILDS}; ENGINE=${engine}; install_engine`);
    const at = (path: string): string => join(library.root, ".toolchain", path);
    const downloads = (): string[] => [
        `plugin install resource terraform-provider v${versions("BRIDGE_VERSION")}`,
        `package get-schema terraform-provider dmacvicar/libvirt ${versions("LIBVIRT_VERSION")}`,
    ];

    it("that is installed is linked, without our language host, and its plugins are downloaded once", () => {
        const installed = pulumi("exit 0");
        library.command(".toolchain/bin/pulumi", "an engine built here");
        library.command(".toolchain/bin/pulumi-language-nodejs", "its host");
        expect(install(installed)).toMatchObject({
            status: 0,
            stdout: `  using the installed ${installed}\n`,
            stderr: "",
        });
        expect(readlinkSync(at("bin/pulumi"))).toBe(installed);
        expect(existsSync(at("bin/pulumi-language-nodejs"))).toBe(false);
        expect(calls()).toEqual(downloads());

        expect(install(installed).status).toBe(0);
        expect(calls()).toEqual([]);
    });

    it.each([
        ["the bridge", '[ "$1" != plugin ]', 1],
        ["the provider", '[ "$1" != package ]', 2],
    ])("that is installed has what it needs built where %s cannot be downloaded", (_, script, asked) => {
        const { status, stdout } = install(pulumi(`${script} || { echo no network; exit 255; }`));
        expect(status).toBe(0);
        expect(stdout).toMatch(
            /cannot be downloaded \(see .*plugins\.log\)[^]*build engine bridge\nbuild provider\n$/,
        );
        expect(calls()).toEqual(downloads().slice(0, asked));
        expect(readFileSync(at("log/plugins.log"), "utf8")).toContain("no network");
        expect(existsSync(at("stamps/plugins"))).toBe(false);
    });

    it("that is installed uses the bridge and the provider that were built before", () => {
        library.bash("stamp engine anything");
        expect(install(pulumi("exit 0")).stdout).toMatch(
            /using the installed .*\nbuild engine bridge\nbuild provider\n$/,
        );
        expect(calls()).toEqual([]);
    });

    it("of our own asks nobody, and replaces what was downloaded for an installed one", () => {
        const installed = pulumi("exit 0");
        install(installed);
        calls();
        expect(install("own")).toMatchObject({ status: 0, stdout: "build engine all\nbuild provider\n" });
        expect(calls()).toEqual([]);
        expect(existsSync(at("stamps/plugins"))).toBe(false);
    });
});

describe("the command plugin", () => {
    const folder = (): string =>
        join(library.root, `.toolchain/pulumi-home/plugins/resource-command-v${versions("COMMAND_VERSION")}`);
    const built = (): boolean => existsSync(join(folder(), "index.js"));
    const install = (): ReturnType<Library["bash"]> => library.bash("install_command_plugin");
    const downloading = (script: string): void => {
        library.command(".toolchain/bin/pulumi", `echo "$*" >>${elsewhere}/calls\n${script}`);
    };
    const DELIVERS =
        'dir="$PULUMI_HOME/plugins/resource-$4-$5"; mkdir -p "$dir"; echo x >"$dir/pulumi-resource-command"; chmod 755 "$dir/pulumi-resource-command"';
    const builds = (): number => readFileSync(join(elsewhere, "builds"), "utf8").trim().split("\n").length;
    beforeEach(() => {
        library.command(
            "toolchain/command-plugin/build",
            `echo build >>${elsewhere}/builds; mkdir -p "$1"; echo ours >"$1/index.js"`,
        );
        writeFileSync(join(library.root, "package-lock.json"), "{}");
    });

    it("is Pulumi's where that can be downloaded, once", () => {
        downloading(DELIVERS);
        expect(install()).toMatchObject({ status: 0, stdout: "", stderr: "" });
        expect(install().status).toBe(0);
        expect(calls()).toEqual([`plugin install resource command v${versions("COMMAND_VERSION")}`]);
        expect(built()).toBe(false);
    });

    it.each([
        ["fails", "exit 255"],
        ["says that it is done and leaves nothing", "exit 0"],
    ])("is the project's own where the download %s", (_, script) => {
        downloading(script);
        expect(install()).toMatchObject({
            status: 0,
            stdout: "  Pulumi's command plugin cannot be downloaded: using the project's own\n",
        });
        expect(built()).toBe(true);
        expect(install()).toMatchObject({ status: 0, stdout: "" });
        expect(calls()).toHaveLength(1);
        expect(builds()).toBe(1);
    });

    it("of our own is made again when its file or its source has changed, without asking Pulumi again", () => {
        downloading("exit 255");
        install();
        calls();
        writeFileSync(join(folder(), "index.js"), "evil");
        expect(install().stdout).toContain("does not match its checksum");
        expect(readFileSync(join(folder(), "index.js"), "utf8")).toBe("ours\n");
        writeFileSync(join(library.root, "toolchain/command-plugin/main.ts"), "changed");
        expect(install().status).toBe(0);
        expect(builds()).toBe(3);
        expect(calls()).toEqual([]);
    });

    it("that cannot be built stops the set-up", () => {
        downloading("exit 255");
        library.command("toolchain/command-plugin/build", "echo no esbuild; exit 1");
        expect(install()).toMatchObject({
            status: 1,
            stderr: expect.stringContaining("the command plugin could not be built") as string,
        });
        expect(existsSync(join(library.root, ".toolchain/stamps/command-plugin"))).toBe(false);
    });
});
