/**
 * What happens to guests when their host restarts, or parts of it do: as it is today. What is marked so is
 * not as it should be, and its cure is planned; a change of it has to be noticed. The stack is there, over
 * qemu+ssh.
 */
import assert from "../support/assert";
import { hostVolume } from "../../cli/unit/script";
import { LIMIT } from "./support/host-vm";
import { denied } from "./support/confined";
import { chains, inventory, those } from "./support/inventory";
import type { Stage } from "./support/stage";

/** A folder with another file system, which is there after a reboot as well. */
const OTHER = "/var/lib/libvirt/images/other";
const MOUNT = `/dev/vdb ${OTHER} ext4 noatime 0 0`;
const SILENT = ["--yes", "--skip-preview"];

export function outages(stage: () => Stage): void {
    const green = async (): Promise<void> => {
        const { session, sallyport } = stage();
        const { exitCode, output } = await sallyport("plan", "--live", "--stack", session.options.stack);
        assert.equal(exitCode, 0, output);
    };
    /** libvirt puts its rules back when libvirtd starts. */
    const healed = async (before: readonly string[]): Promise<void> => {
        await stage().host.sh("systemctl restart libvirtd && virsh uri");
        assert.deepEqual(await chains(stage().host), before);
    };

    it("over qemu+ssh, pools on a file system of their own: up, again and refresh", async () => {
        const { host, session, settings, operator, pulumi } = stage();
        const before = await denied(host);
        await host.sh(`mkdir ${OTHER} && echo '${MOUNT}' >>/etc/fstab && mount ${OTHER}`);
        session.configure({ ...settings(operator.overSsh), storage: { path: OTHER } });
        await pulumi("up, qemu+ssh", "up", ...SILENT);
        await pulumi("up again, qemu+ssh", "up", ...SILENT, "--expect-no-changes");
        await pulumi("refresh, qemu+ssh", "refresh", ...SILENT, "--expect-no-changes");
        assert.match(await host.sh(`ls ${OTHER}/*-image/`), /\.qcow2/);
        assert.deepEqual(await denied(host), before);
        await green();
    });

    it("today: nftables restarted, no NIC is filtered, the Gateway's NAT is gone, libvirt lists every filter, and plan --live is green; a restart of libvirtd heals", async () => {
        const { host } = stage();
        const masqueraded = async (): Promise<boolean> =>
            /masquerade/i.test(await host.sh("nft list ruleset 2>/dev/null"));
        assert.equal(await masqueraded(), true);
        const [before, bindings] = [await chains(host), those("binding", await inventory(host))];
        assert.ok(before.length > 0);
        await host.sh("systemctl restart nftables");
        assert.deepEqual(await chains(host), []);
        assert.equal(await masqueraded(), false);
        assert.deepEqual(those("binding", await inventory(host)), bindings);
        // Planned: `plan --live` asks the host whether a NIC is filtered, and a watcher puts it back.
        await green();
        await healed(before);
        assert.equal(await masqueraded(), true);
    });

    it("firewalld, where it runs, restarted and reloaded: guests' filters stay", async () => {
        const { host } = stage();
        if (!(await host.ask("systemctl is-active firewalld")).ok) {
            assert.notEqual(host.variant, "trixie-firewalld", "firewalld does not run");
            return;
        }
        const before = await chains(host);
        assert.ok(before.length > 0);
        for (const words of [
            "systemctl restart firewalld && firewall-cmd --state",
            "firewall-cmd --reload",
        ]) {
            await host.sh(words);
            assert.deepEqual(await chains(host), before);
            await green();
        }
        assert.match(await host.sh("firewall-cmd --get-active-zones"), /libvirt/);
    });

    it("today: at a reboot libvirt-guests asks each guest to switch off; afterwards nothing runs, nothing was saved, and up finds nothing to do", async () => {
        const { host, pulumi, guests } = stage();
        // Debian has it enabled: it asks every guest by ACPI to switch off, one after the other, and waits.
        assert.equal(
            (await host.sh("systemctl is-enabled libvirt-guests; systemctl is-active libvirt-guests")).trim(),
            "enabled\nactive",
        );
        await host.reboot();
        // QEMU's own log can't tell: virtlogd, which writes it, is stopped before the guests are.
        const asked = await host.sh("journalctl --boot -1 --unit libvirt-guests --output cat");
        for (const guest of guests) {
            assert.ok(asked.includes(`Shutdown of guest ${guest} complete.`), asked);
        }
        assert.equal(
            (
                await host.sh(
                    "virsh list --name; virsh list --all --with-managed-save --name; virsh net-list --name",
                )
            ).trim(),
            "",
        );
        // Planned: `up` starts what is defined and does not run, in order.
        await pulumi("up after a reboot, qemu+ssh", "up", ...SILENT, "--expect-no-changes");
        assert.equal((await host.sh("virsh list --name")).trim(), "");
    });

    it("started by hand in order - pools, networks, Gateway, Workstation - all is as before", async () => {
        const { host, enclave, guests } = stage();
        const pools = those("pool", await inventory(host)).filter((name) => name.startsWith("sallyport-"));
        const start = [
            ...pools.map((name) => `{ virsh pool-start ${name} || virsh pool-refresh ${name}; }`),
            ...[enclave.external.name, enclave.isolated.name].map((name) => `virsh net-start ${name}`),
            ...guests.map((name) => `virsh start ${name}`),
        ];
        await host.sh(start.join(" && "));
        assert.ok((await chains(host)).length > 0);
        await green();
    });

    it("with the unit installed the enclave is back after a reboot, and the host says what its kernel has", async () => {
        const { host, sallyport, session, enclave, guests } = stage();
        const unit = async (verb: string): Promise<void> => {
            const { exitCode, output } = await sallyport("unit", verb, "--stack", session.options.stack);
            assert.equal(exitCode, 0, output);
        };
        const running = async (): Promise<string[]> =>
            (await host.sh("virsh list --name")).trim().split("\n").sort();
        const prefix = enclave.prefix.slice(0, -enclave.name.length - 1);
        await unit("install");
        await unit("install");
        await host.reboot();
        const { said } = await host.ask(
            `until systemctl is-active -q ${prefix}; do sleep 2; done; journalctl -b -u ${prefix} --output cat`,
            LIMIT.up,
        );
        assert.deepEqual(await running(), [...guests].sort(), said);
        assert.ok((await chains(host)).length > 0);
        await host.sh(`systemctl start ${prefix}_check.service`);
        const seen = await host.sh(`cat ${enclave.statusPool.path}/${hostVolume(enclave)}`);
        assert.match((JSON.parse(seen) as { ebtables: string }).ebtables, /-i vnet\d+ -j libvirt-I-vnet\d+/);
        await green();
        // Rules that are lost are seen; NAT is the host's to bring back, a filter is repaired from here.
        const look = `systemctl start ${prefix}_check.service`;
        const stack = ["--stack", session.options.stack];
        const red = async (words: readonly string[], what: RegExp): Promise<void> => {
            const { exitCode, output } = await sallyport(...words, ...stack);
            assert.equal(exitCode, 1, output);
            assert.match(output, what);
        };
        await host.sh(`nft flush ruleset && ${look}`);
        await red(["status"], /nothing masquerades .*(.|\n)*fix: .*systemctl restart libvirtd/);
        await red(["plan", "--live"], /no frame of vnet\d+ is filtered/);
        await host.sh(
            `systemctl restart libvirtd && until virsh list >/dev/null; do sleep 1; done && ${look}`,
        );
        await green();
        await host.sh(`nft flush table bridge nat && ${look}`);
        await red(["plan", "--live"], /no frame of vnet\d+ is filtered(.|\n)*bin\/sallyport repair/);
        const repaired = await sallyport("repair", ...stack);
        assert.equal(repaired.exitCode, 0, repaired.output);
        await green();
        await unit("remove");
        assert.deepEqual(await running(), [...guests].sort());
        assert.equal((await host.ask(`systemctl cat ${prefix}.service`)).ok, false);
    });

    it("destroy over qemu+ssh", async () => {
        const { host, pulumi } = stage();
        await pulumi("destroy, qemu+ssh", "destroy", ...SILENT);
        await host.sh(`umount ${OTHER} && rmdir ${OTHER} && sed -i '\\|^${MOUNT}$|d' /etc/fstab`);
    });
}
