/** Input that can't work is refused at once, in words that name what is wrong and the fix. */
import assert from "../support/assert";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import type { StackSession } from "../../cli/live/stack-session";
import { mustVirsh } from "../../libvirt/client";
import { quote } from "../../util/quote";
import { readVolume } from "../../components/read-back";
import { livingInRegistry } from "../../lab/process-registry";
import { resolveLab } from "../../lab/paths";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { orphans } from "./support/orphans";
import { pathWithout } from "./support/path-farm";
import { LIMIT, lab, stack, work, inLab } from "./support/world";

/** Of an image that a disk of 16 MiB can't hold. */
const SIZE = 48;
const POOL = "sallyport-e2e-bad-image";

const sum = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** Zeros that look like a qcow2. */
function blank(sizeMiB: number): Buffer {
    const content = Buffer.alloc(sizeMiB * 2 ** 20);
    content.write("QFI\xfb\0\0\0\x03", "latin1");
    return content;
}

/** A manifest over such a file; with its right checksum unless another is named. */
function manifest(name: string, sizeMiB: number, claimed?: string): string {
    const folder = join(work, name);
    mkdirSync(folder);
    const content = blank(sizeMiB);
    const sha256 = claimed ?? sum(content);
    writeFileSync(join(folder, "image.qcow2"), content);
    writeFileSync(
        join(folder, "manifest.json"),
        JSON.stringify({ file: "image.qcow2", sha256, sizeBytes: content.length }),
    );
    return join(folder, "manifest.json");
}

/** Mount a disk of this size, or give it another, where only the lab's libvirtd sees it. */
async function disk(folder: string, sizeMiB: number, ...more: string[]): Promise<void> {
    const libvirtd = livingInRegistry(resolveLab().state).find((p) => p.name === "libvirtd");
    assert.ok(libvirtd, "the lab's libvirtd is not running");
    mkdirSync(folder, { recursive: true });
    await execa("nsenter", [
        "-t",
        String(libvirtd.pid),
        "-m",
        "mount",
        "-n",
        "-t",
        "tmpfs",
        "-o",
        [`size=${sizeMiB}m`, ...more].join(),
        "none",
        folder,
    ]);
}

inLab();
describe("Bad input", () => {
    let session: StackSession;
    let empty: Inventory;
    beforeAll(async () => {
        empty = await inventory();
        session = stack("bad");
        await session.init(labStackConfig(lab()));
    });
    afterAll(() => session.forget());
    const full = (): string => join(lab().poolRoot, "full");
    const readOnly = (): string => join(lab().poolRoot, "read-only");
    const volume = (): string => `sallyport-${sum(blank(SIZE)).slice(0, 12)}.qcow2`;
    const configure = (more: Record<string, unknown>): void => {
        session.configure({ ...labStackConfig(lab()), ...more });
    };
    const preview = (env: Record<string, string> = {}): ReturnType<StackSession["run"]> =>
        session.run(["preview"], { timeoutSeconds: LIMIT.preview, env });
    const up = (): ReturnType<StackSession["run"]> =>
        session.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], { timeoutSeconds: LIMIT.up });
    const upload = (env: Record<string, string> = {}): ReturnType<StackSession["run"]> =>
        session.run(
            [
                "up",
                "--yes",
                "--skip-preview",
                "--suppress-outputs",
                "--refresh",
                "--target",
                "**image-volume",
            ],
            { timeoutSeconds: LIMIT.up, env },
        );
    /** Names of the volumes beside the image. */
    const volumes = async (): Promise<string[]> => {
        await mustVirsh(lab().uri, ["pool-refresh", POOL]);
        return (await mustVirsh(lab().uri, ["vol-list", "--pool", POOL]))
            .split("\n")
            .slice(2)
            .flatMap((line) => line.trim().split(/\s+/)[0] || []);
    };

    it("every problem of a configuration is told at preview", async () => {
        configure({
            colour: "blue",
            enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.152.152.0/24" } }],
        });
        failedWith(await preview(), /sallyport:colour/, /allowed: .*uri/);
        configure({ enclaves: [{ name: "a", external: { mode: "nat", subnet: "10.152.152.0/24" } }] });
        failedWith(await preview(), /enclaves\[0\]/, /10\.152\.152\.0\/24/, /fix: /);
    });

    it("every wrong value of an enclave is named in one preview, with what is allowed", async () => {
        configure({
            enclaves: [
                {
                    name: "a",
                    colour: "blue",
                    customSocksPorts: [9152, 9300, 9152],
                    httpTunnelPorts: [9050],
                    external: { mode: "bridge", bridge: "much-too-long-for-a-bridge" },
                    workstations: [{ name: "WS 1" }],
                    egress: { mode: "relay-set" },
                    upstreamProxy: { kind: "socks5", endpoint: "proxy.example.test:1080" },
                    clock: { windowSeconds: 5 },
                    gateway: { memoryMiB: 16, readyTimeoutSeconds: 1 },
                    tunnel: { address: "10.66.0.2" },
                },
            ],
        });
        const at = String.raw`sallyport:enclaves\[0\]`;
        failedWith(
            await preview(),
            ...[
                String.raw`\.colour: got "blue"; allowed: .*transparentProxy`,
                String.raw`\.customSocksPorts\[1\]: got 9300; allowed: the SocksPorts 9152 to 9189`,
                String.raw`\.customSocksPorts\[2\]: got 9152; allowed: each port once; 9152 is there already`,
                String.raw`\.httpTunnelPorts\[0\]: got 9050; allowed: the HTTP tunnel ports 9190 to 9229`,
                String.raw`\.external\.bridge: got "much-too-long-for-a-bridge"; allowed: an interface name of 1 to 15 characters`,
                String.raw`\.external\.address: got nothing; allowed: `,
                String.raw`\.external\.route: got nothing; allowed: `,
                String.raw`\.workstations\[0\]\.name: got "WS 1"; allowed: 1 to 24 characters`,
                String.raw`\.egress: .*allowed: either relays, .*or relayFile`,
                String.raw`\.upstreamProxy\.endpoint: .*allowed: .*address`,
                String.raw`\.clock\.windowSeconds: got 5; allowed: at least 10`,
                String.raw`\.gateway\.memoryMiB: got 16; allowed: at least 192 MiB`,
                String.raw`\.gateway\.readyTimeoutSeconds: got 1; allowed: at least 5`,
                String.raw`\.tunnel\.endpoint: got nothing; allowed: .*address`,
                String.raw`\.tunnel\.peerPublicKey: .*allowed: the peer's public key`,
                String.raw`\.tunnel\.privateKey: .*allowed: our private key`,
            ].map((rest) => new RegExp(at + rest)),
        );
    });

    it("a list of relays that can't be read, and one with a line that is none, are named with the fix", async () => {
        const broken = join(work, "relays");
        writeFileSync(broken, "203.0.113.21:5000\n203.0.113.22\n");
        for (const [relayFile, ...patterns] of [
            [
                "/nonexistent/relays",
                /sallyport:enclaves\[0\]\.egress\.relayFile: got "\/nonexistent\/relays"; allowed: .*; fix: /,
            ],
            [
                broken,
                /sallyport:enclaves\[0\]\.egress\.relayFile: got .*, line 2: "203\.0\.113\.22" is not .*; fix: /,
            ],
        ] as const) {
            configure({ enclaves: [{ name: "a", egress: { mode: "relay-set", relayFile } }] });
            failedWith(await preview(), ...patterns);
        }
    });

    it("a missing image is told at preview", async () => {
        configure({ image: "/nonexistent/manifest.json" });
        failedWith(await preview(), /sallyport:image/, /\/nonexistent\/manifest\.json/, /make image/);
    });

    for (const [program, debian, ...aliases] of [
        ["xsltproc", "xsltproc"],
        ["mkisofs", "genisoimage", "genisoimage", "xorrisofs"],
    ] as const) {
        it(`${program} missing is told at preview`, async () => {
            configure({});
            failedWith(
                await preview({ PATH: pathWithout(program, ...aliases) }),
                new RegExp(`\\b${program}\\b`),
                new RegExp(`apt-get install ${debian}`),
            );
        });
    }

    it("a libvirt that refuses is named, and what to do", async () => {
        configure({
            uri: "qemu:///system?socket=/nonexistent/libvirt-sock",
            image: manifest("right-sum", 1),
        });
        failedWith(
            await up(),
            /sallyport:uri: got "qemu:.*\/nonexistent\/libvirt-sock"/,
            /Failed to connect socket/,
            /fix: if an ssh forwards .*ExitOnForwardFailure=yes.*start libvirt on that host.* virsh -c /,
        );
    });

    it("an image of another checksum is not uploaded", async () => {
        configure({ image: manifest("wrong-sum", 1, "0".repeat(64)) });
        failedWith(await up(), /has SHA-256 [0-9a-f]{64}, expected is 0{64}/, /make image/);
        assert.deepEqual((await inventory()).domains, []);
        assert.equal(
            (await inventory()).files.some((file) => file.endsWith(".qcow2")),
            false,
        );
    });

    it("a folder for pools that is a file, or on a file system that is read-only, is told, and nothing is made", async () => {
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        const file = join(lab().poolRoot, "file");
        writeFileSync(file, "");
        await disk(readOnly(), 1, "ro");
        for (const [path, said] of [
            [file, "Not a directory"],
            [readOnly(), "Read-only file system"],
        ] as const) {
            configure({ storage: { path } });
            failedWith(
                await up(),
                new RegExp(
                    `sallyport:storage\\.path: got "${path}"; allowed: .*it makes no ${path}/\\S+ there: .*${said}; fix: .*bin/pulumi config set --path 'sallyport:storage\\.path' /`,
                ),
            );
            assert.deepEqual((await inventory()).pools, []);
        }
        rmSync(file);
    });

    it("a full disk in the pool is told, and nothing is built on half an image", async () => {
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        await disk(full(), 16);
        configure({ storage: { path: full() }, image: manifest("large", SIZE) });
        const refused = await up();
        // Told before the upload begins.
        failedWith(refused, /has \d+ MiB free, the golden image needs \d+ MiB/);
        assert.deepEqual((await inventory()).domains, []);
        // Half an image is in nobody's way: whoever made it has removed it.
        succeeded(await orphans(session));
        assert.deepEqual(await volumes(), []);
        succeeded(
            await session.run(["refresh", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
    });

    // The volume is lost, the step that has checked the file once is not: guests that live on the
    // volume's name would not notice.
    it("an image of equal size that was changed since is not uploaded in its place", async () => {
        await disk(full(), 64, "remount");
        const file = join(work, "large", "image.qcow2");
        writeFileSync(file, blank(SIZE).fill("changed", 2 ** 20));
        failedWith(await upload(), /has SHA-256 [0-9a-f]{64}, expected is [0-9a-f]{64}/, /make image/);
        assert.deepEqual(await volumes(), []);
        writeFileSync(file, blank(SIZE));
    });

    it("an upload that the provider takes for whole, and that reads back as half, fails and is removed again", async () => {
        const folder = join(work, "half");
        mkdirSync(folder);
        const path = process.env["PATH"] ?? "";
        writeFileSync(
            join(folder, "virsh"),
            `#!/bin/bash\nPATH=${quote(path)} virsh "$@" || exit\n` +
                '[[ " $* " != *" vol-download "* ]] || truncate -s 16M "${@: -1}"\n',
            { mode: 0o755 },
        );
        failedWith(
            await upload({ PATH: `${folder}:${path}` }),
            /holds 16777216 bytes with SHA-256 [0-9a-f]{64}, expected is [0-9a-f]{64}/,
            /it is removed again; fix: bin\/pulumi refresh && bin\/pulumi up/,
        );
        assert.deepEqual(await volumes(), []);
    });

    it("with room made, the next up uploads it whole", async () => {
        succeeded(await upload());
        assert.deepEqual(await readVolume({ uri: lab().uri, pool: POOL, volume: volume(), sha256: "" }), {
            bytes: SIZE * 2 ** 20,
            sha256: sum(blank(SIZE)),
        });
    });

    it("half an image whose upload was reported as whole is found before anything is built on it", async () => {
        const other = join(work, "other-content");
        writeFileSync(other, "changed behind the stack's back");
        await mustVirsh(lab().uri, ["vol-upload", "--pool", POOL, volume(), other]);
        failedWith(
            await up(),
            /holds \d+ bytes with SHA-256 [0-9a-f]{64}, expected is [0-9a-f]{64}/,
            /fix: .*vol-delete/,
        );
        assert.deepEqual((await inventory()).domains, []);
    });

    it("destroy leaves nothing of what a refused up had made", async () => {
        succeeded(
            await session.run(["destroy", "--yes", "--skip-preview"], { timeoutSeconds: LIMIT.destroy }),
        );
        const rest = await inventory();
        // The disks' own folders are the test's.
        const files = rest.files.filter((file) => !["full", "read-only"].includes(file));
        assert.deepEqual({ ...rest, files }, empty);
    });
});
