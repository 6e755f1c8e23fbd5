/**
 * A stack's whole life on a lab host as people have one: systemd, libvirt's own daemon, AppArmor, QEMU's own
 * user.
 */
import assert from "../support/assert";
import type { RunResult } from "../../cli/live/process";
import { confinementOf, denied, mayRead } from "./support/confined";
import { LIMIT, type Variant } from "./support/host-vm";
import { chains, inventory, those } from "./support/inventory";
import { openStage, type Stage } from "./support/stage";
import { overlayOf, strangerOnQuietNetwork, strangerOnVolume, tampering } from "./support/tamper";

const DNSMASQ = "/var/lib/libvirt/dnsmasq";
const NO_CHANGE = ["--expect-no-changes"];
const SILENT = ["--yes", "--skip-preview"];

/** @param more tests that find an empty host and a stack without resources, and leave both so */
export const enclaveOn = (variant: Variant, more: (stage: () => Stage) => void = () => undefined): void =>
    void describe(`Lab host: ${variant}`, () => {
        let stage: Stage;
        let empty: string[];
        beforeAll(async () => {
            stage = await openStage(variant);
            empty = await inventory(stage.host);
        });
        afterAll(() => stage?.close());
        const live = (): Promise<RunResult> =>
            stage.sallyport("plan", "--live", "--stack", stage.session.options.stack);
        const green = async (): Promise<void> => {
            const { exitCode, output } = await live();
            assert.equal(exitCode, 0, output);
        };
        const running = async (): Promise<string[]> =>
            (await stage.host.sh("virsh list --name"))
                .split("\n")
                .filter((name) => name !== "")
                .sort();

        it("is fresh: profiles are enforced, QEMU has a user of its own, no dnsmasq has ever run", async () => {
            const { sh } = stage.host;
            assert.equal(
                (await sh("cat /sys/module/apparmor/parameters/enabled /sys/module/apparmor/parameters/mode"))
                    .replaceAll("\n", " ")
                    .trim(),
                "Y enforce",
            );
            assert.match(
                await sh("cat /sys/kernel/security/apparmor/profiles"),
                /^(virt-aa-helper|\/usr\/lib\/libvirt\/virt-aa-helper|libvirtd|\/usr\/sbin\/libvirtd) \(enforce\)$/m,
            );
            assert.match(await sh("id -un 64055"), /^libvirt-qemu$/);
            assert.equal((await stage.host.ask(`test -e ${DNSMASQ}`)).ok, false);
        });

        it("negative test: no guest starts there on a network without DHCP and DNS, for want of dnsmasq's folder", async () => {
            const { ok, said } = await stage.host.ask(strangerOnQuietNetwork);
            assert.equal(ok, false, said);
            assert.match(said, /dnsmasq\/probe0\.macs/);
            assert.equal((await stage.host.ask(`test -e ${DNSMASQ}`)).ok, false);
        });

        it("up over the forwarded socket", async () => {
            await stage.pulumi("up, forwarded socket", "up", ...SILENT);
            assert.deepEqual(await running(), [...stage.guests].sort());
        });

        it("up again and refresh find nothing to do", async () => {
            await stage.pulumi("up again, forwarded socket", "up", ...SILENT, ...NO_CHANGE);
            await stage.pulumi("refresh, forwarded socket", "refresh", ...SILENT, ...NO_CHANGE);
        });

        it("plan --live is green", green);

        it("each guest's QEMU has libvirt's own user and a profile with its own disks alone", async () => {
            const own = await Promise.all(stage.guests.map((guest) => confinementOf(stage.host, guest)));
            for (const [i, guest] of stage.guests.entries()) {
                const { reads, process, profile } = own[i] ?? assert.fail();
                assert.equal(process, `libvirt-qemu:libvirt-qemu ${profile} (enforce)`);
                const files = reads.map((path) => path.replace(/^.*\//, ""));
                assert.equal(files.length, 4, files.join(" "));
                assert.deepEqual(
                    files
                        .map((file) =>
                            file.startsWith(`${guest}-`)
                                ? file.replace(/^.*-[0-9a-f]{8}|^.*-(home|state)$/, "own")
                                : file.replace(/-[0-9a-f]{12}/, ""),
                        )
                        .sort(),
                    ["own", "own-seed.iso", "own.qcow2", "sallyport.qcow2"],
                );
            }
            assert.deepEqual(await denied(stage.host), []);
        });

        it("one guest is refused another's disks; negative test: its own it may read, and the refusal is on record", async () => {
            const { host, guests } = stage;
            const [gateway, workstation] = await Promise.all(
                guests.map(async (guest) => ({
                    ...(await confinementOf(host, guest)),
                    disk: (await host.sh(`echo ${overlayOf(guest)}`)).trim(),
                })),
            );
            assert.ok(gateway !== undefined && workstation !== undefined);
            for (const [one, other] of [
                [gateway, workstation],
                [workstation, gateway],
            ] as const) {
                assert.equal(await mayRead(host, one.profile, one.disk), true);
                assert.equal(await mayRead(host, one.profile, other.disk), false);
            }
            assert.equal((await denied(host)).length, 2);
        });

        it("negative test: a guest on a disk of type volume does not start, for want of a rule in its profile", async () => {
            const before = (await denied(stage.host)).length;
            const { ok, said } = await stage.host.ask(strangerOnVolume(stage.enclave.pool.name));
            assert.equal(ok, false, said);
            assert.match(said, /Permission denied/);
            assert.ok((await denied(stage.host)).length > before);
        });

        it("negative test: plan --live is red for what was changed behind the stack's back, and green again without it", async () => {
            const { change, undo, findings } = tampering(stage);
            await stage.host.sh(change, LIMIT.up);
            const { exitCode, output } = await live();
            assert.equal(exitCode, 1, output);
            for (const [what, finding] of Object.entries(findings)) {
                assert.match(output, finding, what);
            }
            await stage.host.sh(undo, LIMIT.up);
            await green();
        });

        it("libvirtd restarted: guests, filters and networks stay", async () => {
            const kept = /^(binding|link|filter|network|machine|profile) /;
            const before = (await inventory(stage.host)).filter((line) => kept.test(line));
            const filters = await chains(stage.host);
            assert.ok(filters.length > 0);
            await stage.host.sh("systemctl restart libvirtd && virsh uri");
            assert.deepEqual(
                (await inventory(stage.host)).filter((line) => kept.test(line)),
                before,
            );
            assert.deepEqual(await chains(stage.host), filters);
            assert.deepEqual(await running(), [...stage.guests].sort());
            await green();
        });

        it("over qemu+ssh a preview sees the same guests, and changes none", async () => {
            stage.session.configure(stage.settings(stage.operator.overSsh));
            const output = await stage.pulumi("preview, qemu+ssh", "preview");
            assert.doesNotMatch(
                output,
                /libvirt:index:(Domain|Network|Volume)\s.*(replace|delete|create|update)/,
            );
        });

        const nothingLeft = async (): Promise<void> => assert.deepEqual(await inventory(stage.host), empty);

        it("destroy leaves nothing", async () => {
            stage.session.configure(stage.settings(await stage.operator.forwarded()));
            await stage.pulumi("destroy, forwarded socket", "destroy", ...SILENT);
            assert.deepEqual(those("domain", empty), []);
            await nothingLeft();
        });

        more(() => stage);

        it("nothing is left at the end", nothingLeft);
    });
