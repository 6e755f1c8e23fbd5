/** What is put on a lab host, by which way, and what is refused. */
import { execFileSync } from "node:child_process";
import { requireResources } from "../../../../cli/unit";
import { unitNames } from "../../../../cli/unit/names";
import { installProgram, removeProgram } from "../../../../cli/unit/programs";
import { rootShell } from "../../../../cli/unit/root-shell";
import { unitFiles } from "../../../../cli/unit/units";
import { planOf } from "../../../support/stacks";

const plan = planOf({ enclaves: [{ name: "red" }] });
const { files, enabled } = unitFiles(plan);
const BY_HAND = "bin/sallyport unit show --install";

test("files have the stack's prefix, and no stack has another's", () => {
    expect(files.map(({ path }) => path)).toEqual([
        `/usr/local/lib/sallyport/${plan.prefix}.sh`,
        `/etc/systemd/system/${plan.prefix}.service`,
        `/etc/systemd/system/${plan.prefix}_check.service`,
        `/etc/systemd/system/${plan.prefix}_check.timer`,
    ]);
    for (const prefix of ["a b", "../x", "a_check", "-a", ""]) {
        expect(() => unitNames({ prefix })).toThrow(RangeError);
    }
});

test("what needs a person is not tried again; a restart of libvirtd stops no guest", () => {
    const service = files[1]?.text ?? "";
    expect(service).toMatch(/^RestartPreventExitStatus=2$/m);
    expect(service).toMatch(/^After=.*libvirtd\.service.*libvirt-guests\.service/m);
    expect(service).not.toMatch(/^(Requires|BindsTo|PartOf)=/m);
});

test("programs are sh; every file is written and checked before the first is renamed", () => {
    for (const program of [installProgram(plan, true), removeProgram(plan)]) {
        execFileSync("/bin/sh", ["-n"], { input: program });
    }
    const program = installProgram(plan, false);
    expect(program.lastIndexOf("\nchmod ")).toBeLessThan(program.indexOf("\nmv -f "));
    expect(program.indexOf("/bin/sh -n ")).toBeLessThan(program.lastIndexOf("\nmv -f "));
});

test("install starts the unit where guests run already; remove stops nothing but the timer", () => {
    expect(installProgram(plan, true)).toMatch(/^systemctl start --no-block/m);
    expect(installProgram(plan, false)).not.toMatch(/^systemctl start/m);
    expect(removeProgram(plan).match(/^systemctl stop.*$/gm)).toEqual([
        `systemctl stop ${enabled[1] ?? ""} 2>/dev/null || :`,
    ]);
});

test("root's shell: here as root, there by virsh's ssh", () => {
    expect(rootShell("qemu:///system", 0, BY_HAND)).toEqual(["sh", "-s"]);
    const remote = rootShell(
        "qemu+ssh://ann@lab.example:2222/system?keyfile=/k&no_tty=1",
        1000,
        BY_HAND,
    ).slice(0, -1);
    expect(remote.join(" ")).toBe("ssh -T -e none -i /k -o BatchMode=yes -p 2222 -l ann -- lab.example");
});

test("negative tests: not root, a socket that may be forwarded, a stack that is gone", () => {
    expect(() => rootShell("qemu:///system", 1000, BY_HAND)).toThrow(/only root may write/);
    expect(() => rootShell("qemu:///system?socket=/run/lab.sock", 0, BY_HAND)).toThrow(/may be forwarded/);
    const state = (resources: unknown[]): string =>
        JSON.stringify({ deployment: { manifest: {}, resources } });
    expect(() => requireResources("cell", state([]))).toThrow(/no guest in its state/);
    const domain = { type: "libvirt:index/domain:Domain", outputs: { name: "x" } };
    expect(() => requireResources("cell", state([domain]))).not.toThrow();
});
