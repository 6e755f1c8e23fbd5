/** A tor client, a page, a tiny machine: what the tests do inside a lab. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../util/root";
import { mustVirsh } from "../../libvirt/client";
import { clientLines, inNamespace, stopLab, writeTorrc } from "../../lab";
import type { LabInfo } from "../../lab";
import { made } from "../support/sandbox/sandbox";

/** A folder for a lab. It stays below the shortest temporary folder, so that sockets fit. */
export const newDir = (name: string): string => mkdtempSync(join(tmpdir(), `sp-${name}-`));

/** Folders for labs of one file of tests, each stopped and removed at its end. */
export function labFolders(): (name: string) => string {
    const dirs: string[] = [];
    afterAll(async () => {
        for (const dir of dirs) {
            await stopLab({ dir });
            rmSync(dir, { recursive: true, force: true });
        }
    });
    return (name) => {
        const dir = newDir(name);
        made("lab", dir);
        dirs.push(dir);
        return dir;
    };
}

/** What stopping a lab that was there says when nothing is left of it. */
export const STOPPED = { ok: true, wasThere: true, left: [] };

/** `bin/sallyport lab …` for a lab's folder. */
export const labCli = (dir: string, ...args: string[]) =>
    execa(join(projectRoot(), "bin", "sallyport"), ["lab", ...args], {
        env: { SALLYPORT_LAB_DIR: dir },
        reject: false,
        stdin: "ignore",
    });

/** virsh on the lab's libvirtd, from outside. */
export const virsh = (lab: LabInfo, ...args: string[]): Promise<string> => mustVirsh(lab.uri, args, 120_000);

/** A page, fetched from the lab host; through a SOCKS port when one is given. */
export async function fetchPage(
    lab: LabInfo,
    url: string,
    socksPort?: number,
): Promise<{ src: string; path: string; host: string }> {
    const proxy = socksPort === undefined ? [] : ["--socks5-hostname", `127.0.0.1:${socksPort}`];
    const { stdout } = await inNamespace(
        lab.namespaces.host,
        "curl",
        ["-sS", "--max-time", "60", ...proxy, url],
        { stdin: "ignore" },
    );
    return JSON.parse(stdout) as { src: string; path: string; host: string };
}

/** A tor client in the lab host's namespace, bootstrapped. @returns a function that ends it */
export async function startClient(lab: LabInfo, socksPort: number): Promise<() => Promise<void>> {
    const data = newDir("client");
    const torrc = join(data, "torrc");
    writeFileSync(
        torrc,
        writeTorrc([
            ...clientLines(lab.torNetwork.dirAuthorities),
            ["DataDirectory", { path: join(data, "data") }],
            ["SocksPort", `127.0.0.1:${socksPort}`],
            ["Log", "notice stdout"],
            ["GeoIPFile", { path: "/dev/null" }],
            ["GeoIPv6File", { path: "/dev/null" }],
        ]),
    );
    const client = inNamespace(lab.namespaces.host, "tor", ["-f", torrc], {
        reject: false,
        stdin: "ignore",
        timeout: 180_000,
    });
    let said = "";
    await new Promise<void>((resolve, reject) => {
        client.stdout.on("data", (data_: Buffer) => {
            said += data_.toString();
            if (said.includes("Bootstrapped 100%")) {
                resolve();
            }
        });
        client.then(() => reject(new Error(`tor ended: ${said.slice(-500)}`)), reject);
    });
    return async () => {
        client.kill("SIGKILL");
        await client;
        rmSync(data, { recursive: true });
    };
}

/** A boot sector that writes a text to the serial port and then does nothing for ever. */
function talkingBootSector(say: string): Buffer {
    const out = [...Buffer.from(say)].flatMap((byte) => [0xb0, byte, 0xee]); // mov al, byte; out dx, al
    const sector = Buffer.alloc(512);
    Buffer.from([0xba, 0xf8, 0x03, ...out, 0xfa, 0xf4, 0xeb, 0xfd]).copy(sector); // mov dx, 0x3f8; ...; cli; hlt; jmp
    sector.writeUInt16LE(0xaa55, 510);
    return sector;
}

/** A NAT network and a domain on it whose serial port is logged. @returns the log's path */
export async function startDomain(lab: LabInfo, name: string, say: string): Promise<string> {
    const file = (suffix: string): string => join(lab.poolRoot, `${name}.${suffix}`);
    writeFileSync(file("img"), talkingBootSector(say));
    writeFileSync(
        file("net.xml"),
        `<network><name>${name}</name><forward mode="nat"/><bridge name="${name}-br"/>` +
            `<ip address="192.168.77.1" netmask="255.255.255.0"><dhcp><range ` +
            `start="192.168.77.2" end="192.168.77.9"/></dhcp></ip></network>`,
    );
    writeFileSync(
        file("xml"),
        `<domain type="${lab.virt}"><name>${name}</name><memory unit="MiB">16</memory><vcpu>1</vcpu>` +
            `<os><type arch="x86_64" machine="pc">hvm</type></os><devices>` +
            `<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${file("img")}"/><target dev="hda" bus="ide"/></disk>` +
            `<interface type="network"><source network="${name}"/></interface>` +
            `<serial type="pty"><log file="${file("log")}" append="off"/></serial></devices></domain>`,
    );
    await virsh(lab, "net-create", file("net.xml"));
    await virsh(lab, "create", file("xml"));
    return file("log");
}
