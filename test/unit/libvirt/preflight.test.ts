import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTools } from "../../../libvirt/preflight";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-"));
});
afterEach(() => {
    rmSync(folder, { recursive: true });
});

const program = (name: string, mode = 0o755): void => {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), mode);
};

describe("tools", () => {
    it("passes when all are there", () => {
        ["xsltproc", "mkisofs", "virsh"].forEach((name) => program(name));
        expect(() => requireTools(`/nonexistent:${folder}`)).not.toThrow();
    });

    it.each([
        ["xsltproc", "xsltproc"],
        ["mkisofs", "genisoimage"],
        ["virsh", "libvirt-clients"],
    ])("names %s and the package that has it", (missing, debian) => {
        ["xsltproc", "mkisofs", "virsh"].filter((name) => name !== missing).forEach((name) => program(name));
        program(missing, 0o644);
        expect(() => requireTools(folder)).toThrow(
            new RegExp(`${missing}: got nothing; .*apt-get install ${debian}`),
        );
    });

    it("fails for an empty search path", () => {
        expect(() => requireTools("")).toThrow(/xsltproc(.|\n)*mkisofs(.|\n)*virsh/);
    });
});
