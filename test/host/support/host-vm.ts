/** A lab host as a VM of QEMU's: ssh on loopback, its uplink in a network namespace that is made here. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
    closeSync,
    existsSync,
    mkdirSync,
    openSync,
    readFileSync,
    rmSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ProcessRegistry } from "../../../lab/process-registry";
import { tail } from "../../../lab/files";
import { hasVirtualisationFlags } from "../../../lab/kvm";
import { poll } from "../../../lab/pause";
import { ENVIRONMENT, run } from "../../../lab/run";
import { place, root } from "./place";

export const VARIANTS = ["trixie", "bookworm", "forky", "trixie-firewalld"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Upper limits in seconds, for an emulated host on a busy machine. */
export const LIMIT = { boot: 900, command: 600, up: 900, destroy: 600 } as const;

/** What stands for the internet on the host's uplink. */
const INTERNET = { address: "198.18.0.1", prefix: 24, tap: "uplink0" } as const;

/** Another file system, of its own disk: ext4 on /dev/vdb, mounted nowhere. */
const SECOND = "second.raw";

export interface HostVm {
    readonly variant: Variant;
    readonly port: number;
    /** The key of root and of the operator. */
    readonly key: string;
    readonly accelerator: "kvm" | "tcg";
    /** Output of a shell command that root runs there. @throws Error with what it said when it fails */
    sh(command: string, seconds?: number): Promise<string>;
    /** Whether such a command succeeds, with all that it said. */
    ask(command: string, seconds?: number): Promise<{ readonly ok: boolean; readonly said: string }>;
    /** Restart the host, and wait until it lets in again. */
    reboot(): Promise<void>;
}

/** Hardware virtualisation where there is one: a /dev/kvm without the processor's flag runs no guest. */
const accelerator = (): HostVm["accelerator"] =>
    existsSync("/dev/kvm") && hasVirtualisationFlags(readFileSync("/proc/cpuinfo", "utf8")) ? "kvm" : "tcg";

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address === null || typeof address === "string") {
        throw new Error("no free port on loopback");
    }
    return address.port;
}

const escaped = (path: string): string => path.replaceAll(",", ",,");

function machine(variant: Variant, port: number, accel: HostVm["accelerator"]): string[] {
    const [images, uuid] = [join(place.images, variant), randomUUID()];
    return [
        "qemu-system-x86_64",
        "-name",
        `labhost-${variant}`,
        "-nodefaults",
        "-display",
        "none",
        "-machine",
        "q35",
        ...(accel === "kvm"
            ? ["-accel", "kvm", "-cpu", "host"]
            : ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "qemu64"]),
        "-smp",
        "2",
        "-m",
        "3072",
        "-uuid",
        uuid,
        "-smbios",
        `type=1,manufacturer=Lab,product=Host,uuid=${uuid}`,
        "-serial",
        `file:${escaped(join(place.work, "console"))}`,
        "-drive",
        `file=${escaped(join(place.work, "host.qcow2"))},if=virtio,cache=unsafe,discard=unmap`,
        "-drive",
        `file=${escaped(join(place.work, SECOND))},format=raw,if=virtio,cache=unsafe`,
        "-object",
        "rng-random,id=rng,filename=/dev/urandom",
        "-device",
        "virtio-rng-pci,rng=rng",
        "-kernel",
        join(images, "vmlinuz"),
        "-initrd",
        join(images, "initrd.img"),
        "-append",
        "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet",
        "-netdev",
        `user,id=management,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`,
        "-device",
        "virtio-net-pci,netdev=management,mac=52:54:00:00:22:01,romfile=",
        "-netdev",
        "tap,id=uplink,fd=10",
        "-device",
        "virtio-net-pci,netdev=uplink,mac=52:54:00:00:22:02,romfile=",
    ];
}

/** The host's ssh, for root: one connection for all commands. */
function sshAs(port: number, key: string): string[] {
    const options = {
        BatchMode: "yes",
        ControlMaster: "auto",
        ControlPath: join(place.sockets, "root"),
        ControlPersist: "yes",
        ConnectTimeout: "60",
        GlobalKnownHostsFile: "none",
        UserKnownHostsFile: join(place.work, "known_hosts"),
        StrictHostKeyChecking: "yes",
        LogLevel: "ERROR",
        IdentitiesOnly: "yes",
        IdentityFile: key,
        Port: String(port),
    };
    return [
        "-F",
        "none",
        ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
        "root@127.0.0.1",
    ];
}

/**
 * Boot one. Whatever is started is in the book.
 * @param namespace of its uplink; it is there
 * @throws Error when it does not let in within the limit, with its console's end
 */
export async function bootHost(variant: Variant, book: ProcessRegistry, namespace: string): Promise<HostVm> {
    const [accel, port, key] = [accelerator(), await freePort(), join(place.images, "key")];
    const [disk, log, console_] = [
        join(place.work, "host.qcow2"),
        join(place.work, "qemu.log"),
        join(place.work, "console"),
    ];
    mkdirSync(place.sockets, { recursive: true, mode: 0o700 });
    // The host's key is in its image: nobody is asked to trust one.
    const hostKey = readFileSync(join(place.images, variant, "host.pub"), "utf8");
    writeFileSync(join(place.work, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
    await run("qemu-img", [
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "raw",
        "-b",
        join(place.images, variant, "disk.raw"),
        disk,
    ]);
    writeFileSync(join(place.work, SECOND), "");
    truncateSync(join(place.work, SECOND), 256 * 2 ** 20);
    await run("mke2fs", ["-q", "-t", "ext4", join(place.work, SECOND)]);
    const output = openSync(log, "a");
    const command = [
        "-B",
        join(root, "test", "host", "tap_exec.py"),
        namespace,
        INTERNET.tap,
        ...machine(variant, port, accel),
    ];
    const child = spawn("/usr/bin/python3", command, {
        cwd: "/",
        detached: true,
        env: ENVIRONMENT,
        stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    const ended = new Promise<never>((_, reject) => {
        child.on("error", reject);
        child.on("exit", (code) =>
            reject(new Error(`the lab host's QEMU ended by itself (${code ?? "killed"}): ${tail(log)}`)),
        );
    });
    ended.catch(() => undefined);
    if (child.pid !== undefined) {
        book.add("host", child.pid);
    }
    const ssh = sshAs(port, key);
    const ask: HostVm["ask"] = async (words, seconds = LIMIT.command) => {
        const result = await run("ssh", [...ssh, words], {
            reject: false,
            all: true,
            stdin: "ignore",
            timeout: seconds * 1000,
        });
        return {
            ok: result.exitCode === 0,
            said: result.timedOut ? `no answer within ${seconds} s` : result.all,
        };
    };
    const letsIn = (was?: string): Promise<string> =>
        Promise.race([
            ended,
            poll(
                async () => {
                    const { ok, said } = await ask("cat /proc/sys/kernel/random/boot_id", 90);
                    return ok && said !== was ? said : undefined;
                },
                {
                    every: 1000,
                    within: LIMIT.boot * 1000,
                    late: () =>
                        new Error(
                            `the lab host did not let in within ${LIMIT.boot} s; its console: ` +
                                `${tail(console_, 15)}`,
                        ),
                },
            ),
        ]);
    const internet = (...words: string[]) => run("ip", ["-n", namespace, ...words], { reject: false });
    await Promise.race([
        ended,
        poll(async () => (await internet("link", "set", INTERNET.tap, "up")).exitCode === 0 || undefined, {
            every: 50,
            within: 60_000,
            late: () => new Error("QEMU made no tap"),
        }),
    ]);
    await internet("addr", "add", `${INTERNET.address}/${INTERNET.prefix}`, "dev", INTERNET.tap);
    let boot = await letsIn();
    return {
        variant,
        port,
        key,
        accelerator: accel,
        ask,
        sh: async (words, seconds) => {
            const { ok, said } = await ask(words, seconds);
            if (!ok) {
                throw new Error(`on the lab host ${words} failed: ${said}`);
            }
            return said;
        },
        reboot: async () => {
            await ask("systemctl reboot", 60);
            await run("ssh", ["-O", "exit", ...ssh], { reject: false });
            rmSync(join(place.sockets, "root"), { force: true });
            boot = await letsIn(boot);
        },
    };
}
