/**
 * Hosts that lack something, and users who may not: each is told before anything is made, in one line with
 * the fix, and works once that is done. There is no stack, and none is left.
 */
import assert from "../support/assert";
import type { RunResult } from "../../cli/live/process";
import type { StackSettings } from "../../cli/live/lab-stack-config";
import { failedWith, succeeded } from "../e2e/support/expect";
import { LIMIT } from "./support/host-vm";
import { inventory } from "./support/inventory";
import type { Stage } from "./support/stage";

const POOLS = "/var/lib/libvirt/images";
const RESTART = "systemctl restart libvirtd && virsh uri";
const DRIVER = "$(echo /usr/lib/*/libvirt/connection-driver)/libvirt_driver_nwfilter.so";

export function lacking(stage: () => Stage): void {
    const run = (settings: StackSettings, ...words: string[]): Promise<RunResult> => {
        stage().session.configure(settings);
        return stage().session.run(words, { timeoutSeconds: LIMIT.up });
    };
    const preview = (settings: StackSettings): Promise<RunResult> => run(settings, "preview");
    const forwarded = async (): Promise<StackSettings> =>
        stage().settings(await stage().operator.forwarded());

    it("a user who is not in libvirt's group is told the command, and it helps", async () => {
        const { host, operator, settings } = stage();
        const theirs = settings(operator.overSsh.replace("//op@", "//stranger@"));
        await host.sh(
            "useradd --create-home --shell /bin/bash --password '*' stranger && " +
                "cp -a ~op/.ssh ~stranger/ && chown -R stranger: ~stranger/.ssh",
        );
        failedWith(
            await preview(theirs),
            /sallyport:uri: got "qemu\+ssh:\/\/stranger@[^"]*"; allowed: .*(Permission denied|polkit).*; fix: on 127\.0\.0\.1, .*: sudo usermod -aG libvirt stranger, then log in there again/,
        );
        await operator.cut();
        failedWith(
            await preview(settings(await operator.forwarded("stranger"))),
            /sallyport:uri: got "qemu:.*; fix: .*(as a user of that host's group libvirt: sudo usermod -aG libvirt user|the ssh that forwards it: sudo usermod -aG libvirt USER)/,
        );
        await operator.cut();
        await host.sh("usermod -aG libvirt stranger");
        succeeded(await preview(theirs));
        await host.sh("userdel --remove stranger 2>&1");
    });

    it("a forwarded socket that a killed ssh left is told with the ssh that replaces it, and that works", async () => {
        const { operator, settings } = stage();
        const uri = await operator.forwarded();
        await operator.cut();
        failedWith(
            await preview(settings(uri)),
            /sallyport:uri: got "qemu:\/\/\/system\?socket=[^"]*"; allowed: .*Connection refused; fix: if an ssh forwards \S+, end it and start it again: ssh -N -o ExitOnForwardFailure=yes -o StreamLocalBindUnlink=yes/,
        );
        assert.equal(await operator.forwarded(), uri);
        succeeded(await preview(settings(uri)));
    });

    it("a folder for pools that is a file, or on a file system that is read-only, is refused, and no pool is made", async () => {
        const { host, pulumi, session } = stage();
        const settings = await forwarded();
        const before = await inventory(host);
        const [file, readOnly] = [`${POOLS}/file`, `${POOLS}/read-only`];
        await host.sh(`touch ${file} && mkdir ${readOnly} && mount -t tmpfs -o ro none ${readOnly}`);
        for (const [path, said] of [
            [file, "Not a directory"],
            [readOnly, "Read-only file system"],
        ] as const) {
            failedWith(
                await run({ ...settings, storage: { path } }, "up", "--yes", "--skip-preview"),
                new RegExp(
                    `sallyport:storage\\.path: got "${path}"; allowed: .*it makes no ${path}/\\S+ there: .*${said}; fix: .*bin/pulumi config set --path 'sallyport:storage\\.path' /`,
                ),
            );
        }
        await host.sh(`rm ${file} && umount ${readOnly} && rmdir ${readOnly}`);
        session.configure(settings);
        await pulumi("destroy of a refused up, forwarded socket", "destroy", "--yes", "--skip-preview");
        assert.deepEqual(await inventory(host), before);
    });

    // Last, and left so: each restart of libvirtd takes long on an emulated host, and nothing follows.
    it("a libvirt without its driver for network filters is refused, with the package; one that confines no guest is a warning", async () => {
        const { host } = stage();
        const settings = await forwarded();
        const warning = /confines no guest.*fix: .*apparmor/;
        const before = await preview(settings);
        succeeded(before);
        assert.doesNotMatch(before.output, warning);
        await host.sh(
            `echo 'security_driver = "none"' >>/etc/libvirt/qemu.conf && mv ${DRIVER} /root/ && ${RESTART}`,
        );
        failedWith(
            await preview(settings),
            /sallyport:uri: got "[^"]*"; allowed: .*driver for network filters.*; fix: .*apt-get install libvirt-daemon-system/,
        );
        await host.sh(`mv /root/$(basename ${DRIVER}) ${DRIVER} && ${RESTART}`);
        const warned = await preview(settings);
        succeeded(warned);
        assert.match(warned.output, warning);
    });
}
