/**
 * A lab host over qemu+ssh: virsh through OpenSSH, and the provider with an ssh of its own, by one way or not
 * at all.
 */
import assert from "../support/assert";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import type { StackSession } from "../../cli/live/stack-session";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { type SshHost, startSshHost } from "./support/ssh-host";
import { LIMIT, lab, stack, inLab } from "./support/world";
import { recorded, wiped, wipedInTime } from "./support/wiped";

/** Everything but the image and what needs it. */
const PARTLY = ["--exclude", "**-image-volume", "--exclude-dependents"];

inLab();
describe("Over ssh", () => {
    let host: SshHost;
    let session: StackSession;
    let empty: Inventory;
    const run = async (...args: string[]): Promise<string> => {
        const result = await session.run(args, { timeoutSeconds: LIMIT.up });
        succeeded(result);
        return result.output;
    };
    beforeAll(async () => {
        empty = await inventory();
        host = await startSshHost();
        session = stack("ssh", { env: host.env });
        await session.init({
            ...wiped(labStackConfig(lab())),
            uri: host.uri,
            enclaves: [{ name: "far", workstations: [] }],
        });
    });
    afterAll(async () => {
        session.forget();
        await host.stop();
    });

    it("a host behind a proxy is refused before anybody dials it: the provider would not go by the proxy", async () => {
        host.know("ed25519", "ecdsa");
        host.configure("Host 127.0.0.1", "ProxyCommand /bin/false");
        failedWith(
            await session.run(["preview"], { timeoutSeconds: LIMIT.preview }),
            /sallyport:uri: got .*the provider would dial it from this machine's address: ssh_config sets proxycommand to \/bin\/false; fix: .*ssh -N .*-L /s,
        );
        assert.deepEqual(host.used(), []);
        host.configure();
    });

    it("a key that virsh knows and the provider would not is told before anything is declared", async () => {
        host.know("ecdsa");
        failedWith(
            await session.run(["preview"], { timeoutSeconds: LIMIT.preview }),
            /virsh reaches it, the provider does not: .*host key.*fix: have the host's ed25519 key/is,
        );
        assert.deepEqual(host.used(), ["exec"]);
        host.know("ed25519");
    });

    it("a login that takes longer than the limit is told with the call, the limit and what to do, and leaves nothing", async () => {
        host.slow(3);
        try {
            failedWith(
                await session.run(["up", "--yes", "--skip-preview", ...PARTLY], {
                    timeoutSeconds: LIMIT.up,
                    env: { SALLYPORT_LIBVIRT_TIMEOUT: "1" },
                }),
                /virsh pool-info .* had no answer within 1 s; fix: let one ssh carry both: ssh -N .*export SALLYPORT_LIBVIRT_TIMEOUT=2/,
            );
        } finally {
            host.slow(0);
        }
        assert.deepEqual(await inventory(), empty);
    });

    it("up, the same again and refresh, by both", async () => {
        await run("up", "--yes", "--skip-preview", ...PARTLY);
        // virsh for each question; the provider once, after the preflight had asked as it does.
        const used = host.used();
        assert.ok(
            used.filter((way) => way === "exec").length >= 5 &&
                used.filter((way) => way === "forward").length >= 2,
            used.join(" "),
        );
        const made = await inventory();
        assert.deepEqual(
            [
                made.networks.length - empty.networks.length,
                made.filters.length - empty.filters.length,
                made.files.some((file) => file.endsWith(".iso")),
            ],
            [2, 1, true],
        );
        await run("up", "--yes", "--skip-preview", "--expect-no-changes", ...PARTLY);
        await run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    });

    it("destroy wipes and leaves nothing", async () => {
        const { args, env } = recorded("ssh.events");
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview", ...args], {
                timeoutSeconds: LIMIT.destroy,
                env,
            }),
        );
        wipedInTime(["ssh.events"], ["sallyport-e2e-ssh-far-gateway-seed"]);
        assert.deepEqual(await inventory(), empty);
        assert.equal(host.used().includes("refused"), false);
    });
});
