/** A lab that is up: libvirt, the Tor network, the web server and captures do what others rely on. */
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inNamespace, labStatus, readLab, readWebLog, startCapture, startLab, stopLab } from "../../lab";
import type { LabInfo } from "../../lab";
import { lacking, parseConsensus } from "../../lab/consensus";
import { runsGuest } from "../../lab/kvm";
import { resolveLab } from "../../lab/paths";
import { pause, poll } from "../../lab/pause";
import { VOTING_SECONDS } from "../../lab/torrc";
import { footprint, leftOf } from "./machine";
import { made } from "../support/sandbox/sandbox";
import { fetchPage, newDir, startClient, startDomain, virsh } from "./world";

const HOST_FOLDERS = [
    "/etc/libvirt",
    "/var/lib/libvirt",
    "/var/cache/libvirt",
    "/var/log/libvirt",
    "/run/libvirt",
];
const hostFolders = (): string[] =>
    HOST_FOLDERS.flatMap((folder) =>
        existsSync(folder) ? [folder, ...readdirSync(folder, { recursive: true }).map(String)] : [],
    );

const dir = newDir("works");
made("lab", dir);
const pcaps = newDir("pcaps");
const before = hostFolders();
let lab: LabInfo;
const progress: string[] = [];

beforeAll(async () => {
    ({ lab } = await startLab({ dir, progress: (line) => progress.push(line) }));
});
afterAll(async () => {
    const seen = footprint(dir);
    await stopLab({ dir });
    expect(seen.processes.length).toBeGreaterThan(9);
    expect(leftOf(seen)).toEqual([]);
    rmSync(dir, { recursive: true });
    rmSync(pcaps, { recursive: true });
});

const frames = async (file: string, filter: string): Promise<number> => {
    const { stdout } = await inNamespace(lab.namespaces.host, "tcpdump", ["-n", "-r", file, filter], {
        stdin: "ignore",
    });
    return stdout.split("\n").filter((line) => line !== "").length;
};
const exits = (): string[] =>
    lab.relays.filter((relay) => relay.kind === "exit").map((relay) => relay.address);

test("start said what it did, and lab.json is what it returned", () => {
    expect(progress.join("\n")).toMatch(/namespaces .*[^]*libvirt answers[^]*consensus/);
    expect(readLab(dir)).toEqual(lab);
});

test("status passes in every part and counts memory", async () => {
    const status = await labStatus({ dir });
    expect(status.checks.filter((check) => check.status !== "pass")).toEqual([]);
    expect(status).toMatchObject({ ok: true, state: "running", lab });
    expect(status.memory?.tor).toBeGreaterThan(1);
    expect(status.memory?.libvirt).toBeGreaterThan(1);
});

test("a second start finds it running and starts nothing", async () => {
    const { processes } = footprint(dir);
    expect(await startLab({ dir })).toEqual({ lab, alreadyRunning: true });
    expect(footprint(dir).processes).toEqual(processes);
});

test("libvirt answers from outside and knows QEMU, networks and filters", async () => {
    expect(await virsh(lab, "version")).toContain("Running hypervisor: QEMU");
    expect(await virsh(lab, "domcapabilities", "--virttype", lab.virt)).toContain("<domainCapabilities>");
    expect((await virsh(lab, "list", "--all", "--name")).trim()).toBe("");
    await virsh(lab, "nwfilter-list");
});

test("a domain runs: NIC on a NAT network inside the lab, serial port logged by virtlogd", async () => {
    const log = await startDomain(lab, "tiny", "@hello from the boot sector@");
    await poll(
        () =>
            (existsSync(log) && readFileSync(log, "latin1").includes("@hello from the boot sector@")) ||
            undefined,
        {
            every: 100,
            within: 60_000,
            late: () =>
                new Error(`the log holds ${existsSync(log) ? readFileSync(log, "latin1") : "nothing"}`),
        },
    );
    expect(existsSync("/sys/class/net/tiny-br")).toBe(false);
    const { stdout } = await inNamespace(lab.namespaces.host, "ip", ["-o", "link", "show", "tiny-br"], {
        stdin: "ignore",
    });
    expect(stdout).toContain("tiny-br");
    expect((await labStatus({ dir })).memory?.machines).toBeGreaterThan(1);
    await virsh(lab, "destroy", "tiny");
    await virsh(lab, "net-destroy", "tiny");
});

test("the host's own libvirt folders are untouched", () => {
    expect(hostFolders()).toEqual(before);
});

/** What each authority serves. */
const consensuses = (): Promise<string[]> =>
    Promise.all(
        lab.relays
            .filter((relay) => relay.kind === "authority")
            .map(async ({ address, dirPort }) => {
                const url = `http://${address}:${dirPort}/tor/status-vote/current/consensus`;
                return `${(await inNamespace(lab.namespaces.host, "curl", ["-sS", "--max-time", "20", url], { stdin: "ignore" })).stdout}\n`;
            }),
    );

test("every authority serves a consensus that lists all relays", async () => {
    for (const text of await consensuses()) {
        expect(lacking(parseConsensus(text), lab.relays)).toEqual([]);
    }
});

test("a network that is complete votes seldom", async () => {
    const fresh = (text: string): number => {
        const [from, until] = ["valid-after", "fresh-until"].map((word) =>
            Date.parse(`${new RegExp(`^${word} (.*)$`, "m").exec(text)?.[1] ?? ""}Z`),
        );
        return ((until ?? NaN) - (from ?? NaN)) / 1000;
    };
    const { forming, steady } = VOTING_SECONDS;
    let seen: number[] = [];
    await poll(
        async () => {
            seen = (await consensuses()).map(fresh);
            return seen.every((seconds) => seconds === steady) ? true : undefined;
        },
        {
            every: 500,
            within: 6 * forming * 1000,
            late: () => new Error(`consensuses are fresh for ${seen.join(", ")} s`),
        },
    );
    expect(seen).toEqual(Array(3).fill(steady));
});

test("through tor the web server sees an exit and the capture only relays; directly both see the host", async () => {
    const file = (name: string): string => join(pcaps, name);
    const capture = await startCapture({
        namespace: lab.namespaces.host,
        interface: resolveLab(dir).names.uplink,
        file: file("tor.pcap"),
    });
    const endClient = await startClient(lab, 19050);
    const page = await fetchPage(lab, `http://${lab.web.hostname}/through-tor`, 19050);
    const result = await capture.stop();
    await endClient();
    expect(exits()).toContain(page.src);
    expect(page).toMatchObject({ path: "/through-tor", host: lab.web.hostname });
    expect(result).toMatchObject({ file: file("tor.pcap"), droppedByKernel: 0, unwritten: 0 });
    expect(result.captured).toBeGreaterThan(20);
    expect(await frames(result.file, "tcp port 5000")).toBeGreaterThan(20);
    expect(await frames(result.file, "port 80 or port 53")).toBe(0);

    // The negative test: the same observers see a fetch that does not go through tor.
    const open = await startCapture({
        namespace: lab.namespaces.host,
        interface: resolveLab(dir).names.uplink,
        file: file("open.pcap"),
    });
    expect((await fetchPage(lab, `${lab.web.url}directly`)).src).toBe("192.0.2.2");
    await pause(200);
    expect(await frames((await open.stop()).file, "tcp port 80")).toBeGreaterThan(3);

    const log = readWebLog(lab.web.log);
    expect(log.filter((entry) => entry.path === "/through-tor").map((entry) => entry.src)).toEqual([
        page.src,
    ]);
    expect(log.filter((entry) => entry.path === "/directly").map((entry) => entry.src)).toEqual([
        "192.0.2.2",
    ]);
    const asked = log.filter((entry) => entry.kind === "dns" && entry.name === lab.web.hostname);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.map((entry) => entry.src)).toEqual(asked.map(() => expect.stringMatching(/^203\.0\.113\./)));
});

test("the web server gives as many bytes as asked for, and refuses nonsense", async () => {
    const status = async (query: string): Promise<string> => {
        const { stdout } = await inNamespace(
            lab.namespaces.host,
            "curl",
            [
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} %{size_download}",
                `${lab.web.url}bytes?n=${query}`,
            ],
            { stdin: "ignore" },
        );
        return stdout;
    };
    expect(await status("3000000")).toBe("200 3000000");
    expect(await status("-1")).toMatch(/^400 /);
    expect(await status("99999999999")).toMatch(/^400 /);
});

test.each([
    ["http to the router", "http", "192.0.2.1", 80],
    ["tcp to a neighbour", "tcp", "192.0.2.50", 22],
    ["udp to the web server", "udp", "198.51.100.80", 4444],
    ["dns to the router", "dns", "192.0.2.1", 53],
    ["http over IPv6", "http", "2001:db8:113::80", 80],
])("what gets out is noted: %s", async (_, kind, dst, port) => {
    const known = readWebLog(lab.web.log).length;
    const target = kind === "udp" || kind === "dns" ? "udp" : "tcp";
    await inNamespace(
        lab.namespaces.host,
        "bash",
        ["-c", `exec 3<>/dev/${target}/${dst}/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3`],
        { stdin: "ignore" },
    );
    await poll(
        () =>
            readWebLog(lab.web.log)
                .slice(known)
                .find((entry) => entry.kind === kind && entry.dst === dst && entry.port === port),
        { every: 50, within: 10_000, late: () => new Error("nothing was noted") },
    );
});

describe("captures", () => {
    const namespace = (): string => lab.namespaces.host;
    const ip = (...args: string[]): Promise<unknown> =>
        inNamespace(namespace(), "ip", args, { stdin: "ignore" });

    test("wait for an interface that does not exist yet", async () => {
        const starting = startCapture({
            namespace: namespace(),
            interface: "late0",
            file: join(pcaps, "late.pcap"),
        });
        await pause(100);
        await ip("link", "add", "late0", "up", "type", "veth", "peer", "name", "late1");
        await ip("link", "set", "late1", "up");
        const capture = await starting;
        await ip("addr", "add", "192.168.78.1/24", "dev", "late0");
        await ip("neigh", "add", "192.168.78.2", "lladdr", "52:54:00:00:00:01", "dev", "late0");
        await inNamespace(namespace(), "bash", ["-c", "echo seen >/dev/udp/192.168.78.2/9"], {
            stdin: "ignore",
        });
        const result = await capture.stop();
        expect(result.droppedByKernel).toBe(0);
        expect(await frames(result.file, "udp port 9")).toBe(1);
        await ip("link", "delete", "late0");
    });

    test("of an interface that never comes fail", async () => {
        await expect(
            startCapture({
                namespace: namespace(),
                interface: "never0",
                file: join(pcaps, "never.pcap"),
                appearWithin: 300,
            }),
        ).rejects.toThrow(/never0 .*did not appear within 0.3 s/);
        expect(footprint(dir).processes.filter((one) => one.command.includes("never0"))).toEqual([]);
    });

    test("in a namespace that does not exist fail", async () => {
        await expect(
            startCapture({ namespace: "sp-nowhere", interface: "lo", file: join(pcaps, "x.pcap") }),
        ).rejects.toThrow(/ended before it began/);
    });

    test("whose tcpdump was killed, or whose interface went away, have no result", async () => {
        const killed = await startCapture({
            namespace: namespace(),
            interface: "lo",
            file: join(pcaps, "killed.pcap"),
        });
        const tcpdump = footprint(dir).processes.find((one) => one.command.includes("killed.pcap"));
        process.kill(Number(tcpdump?.pid), "SIGKILL");
        await poll(() => footprint(dir).processes.every((one) => one.pid !== tcpdump?.pid) || undefined, {
            every: 20,
            within: 10_000,
            late: () => new Error("tcpdump lives on"),
        });
        await expect(killed.stop()).rejects.toThrow(/capture of lo/);

        await ip("link", "add", "gone0", "up", "type", "veth", "peer", "name", "gone1");
        const gone = await startCapture({
            namespace: namespace(),
            interface: "gone0",
            file: join(pcaps, "gone.pcap"),
        });
        await ip("link", "delete", "gone0");
        await poll(
            () => footprint(dir).processes.every((one) => !one.command.includes("gone.pcap")) || undefined,
            { every: 20, within: 10_000, late: () => new Error("tcpdump lives on") },
        );
        await expect(gone.stop()).rejects.toThrow(/capture of gone0/);
    });

    test("whose tcpdump does not say what it has written have no result, and it is not left running", async () => {
        const stuck = await startCapture({
            namespace: namespace(),
            interface: "lo",
            file: join(pcaps, "stuck.pcap"),
        });
        const tcpdump = footprint(dir).processes.find((one) => one.command.includes("stuck.pcap"));
        process.kill(Number(tcpdump?.pid), "SIGSTOP");
        await expect(stuck.stop()).rejects.toThrow(/capture of lo .*did not say what it has written/);
        expect(footprint(dir).processes.filter((one) => one.command.includes("stuck.pcap"))).toEqual([]);
    });
});

test("the boot sector that shows whether an accelerator runs guests does run under emulation", async () => {
    expect(await runsGuest(resolveLab(dir), "tcg")).toBe(true);
});
