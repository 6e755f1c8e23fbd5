import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, tapsOf } from "../../../cli/live/host-xml";
import { filterProblems } from "../../../cli/live/host-filters";
import { CliError } from "../../../util/error";
import type { Virsh } from "../../../libvirt/client";
import { modelOfExport, readLive, type LiveHost } from "../../../model/adapters";
import { workstationFilterXml } from "../../../libvirt/workstation-filter";
import { exportOf, planOf } from "../../support/stacks";

const LISTS: Readonly<Record<string, string>> = {
    "net-list --all --uuid": "n1\n n2\n\n",
    "list --all --uuid": "d1\n\n",
    "pool-list --all --uuid": "p1\n",
    "net-list --persistent --uuid": "n1\n",
    "list --persistent --uuid": "d1\n",
    "net-list --name": "default\n\n",
    "list --all --autostart --name": "\n",
    "net-list --all --autostart --name": "default\n\n",
    "list --all --with-snapshot --name": "a\n\n",
    "list --all --with-managed-save --name": "b\na\n",
    "list --all --with-checkpoint --name": "\n",
};
const OBJECTS: Readonly<Record<string, string>> = {
    "net-dumpxml n1": "<network>1</network>",
    "net-dumpxml n2": "<network>2</network>",
    "dumpxml d1": "<domain>1</domain>",
    "pool-dumpxml p1": "<pool>1</pool>",
    "net-dumpxml --inactive n1": "<network>next</network>",
    "dumpxml --inactive d1": "<domain>next</domain>",
};
const EMPTY: LiveHost = {
    uri: "qemu:///system",
    domains: [],
    networks: [],
    pools: [],
    next: { domains: [], networks: [] },
    active: [],
    autostart: { domains: [], networks: [] },
    kept: [],
    taps: { from: "libvirt" },
};
const FAR = "qemu+ssh://root@192.0.2.9/system";
const MARK = "-mark-";

/**
 * As virsh answers: of several commands it goes on after one that fails, and tells by its status of the last
 * alone.
 */
const answers =
    (more: Readonly<Record<string, string>> = {}, calls: string[] = []) =>
    (_uri: string, args: readonly string[]): Promise<string> => {
        calls.push(args.join(" "));
        const known = { ...LISTS, ...OBJECTS, ...more };
        const one = (command: string): string | undefined =>
            command === `echo ${MARK}` ? MARK : known[command];
        const [first = ""] = args;
        const found =
            args.length === 1 && first.includes(";")
                ? first
                      .split("; ")
                      .map((command) => one(command) ?? "")
                      .join("\n")
                : one(args.join(" "));
        return found === undefined
            ? Promise.reject(new CliError(`virsh ${args.join(" ")}: not there`, "look"))
            : Promise.resolve(found);
    };

it("reads every domain, network and pool, what they will be, and what only libvirt's lists say", async () => {
    expect(await readHost(FAR, answers(), MARK)).toEqual({
        uri: FAR,
        networks: ["<network>1</network>", "<network>2</network>"],
        domains: ["<domain>1</domain>"],
        pools: ["<pool>1</pool>"],
        next: { networks: ["<network>next</network>"], domains: ["<domain>next</domain>"] },
        active: ["default"],
        autostart: { domains: [], networks: ["default"] },
        kept: ["a", "b"],
        taps: { from: "libvirt" },
    });
});

it("reads many in few calls, in their order", async () => {
    const ids = Array.from({ length: 150 }, (_, i) => `d${i}`);
    const calls: string[] = [];
    const host = await readHost(
        FAR,
        answers(
            {
                "list --all --uuid": ids.join("\n"),
                "list --persistent --uuid": "",
                ...Object.fromEntries(ids.map((id) => [`dumpxml ${id}`, `<domain>${id}</domain>`])),
            },
            calls,
        ),
        MARK,
    );
    expect(host.domains).toEqual(ids.map((id) => `<domain>${id}</domain>`));
    expect(calls.filter((call) => call.startsWith("dumpxml"))).toHaveLength(3);
});

it.each<[string, Record<string, string>, string]>([
    ["a domain", { "list --all --uuid": "d1\nd2\n" }, "virsh dumpxml d2: not there"],
    ["the first of two", { "list --all --uuid": "d0\nd1\n" }, "virsh dumpxml d0: not there"],
    ["a pool", { "pool-list --all --uuid": "p0\n" }, "virsh pool-dumpxml p0: not there"],
    ["a definition", { "list --persistent --uuid": "d0\n" }, "virsh dumpxml --inactive d0: not there"],
])("fails when %s goes meanwhile: half a host is none", async (_title, more, error) => {
    await expect(readHost(FAR, answers(more), MARK)).rejects.toThrow(error);
});

it("a domain whose XML forges the end of its answer is asked for alone", async () => {
    const forged = `<domain>1${MARK}</domain>`;
    expect((await readHost(FAR, answers({ "dumpxml d1": forged }), MARK)).domains).toEqual([forged]);
});

describe("which bridge a tap is on", () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-net-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "vnet0"));
    mkdirSync(join(folder, "eth0"));
    symlinkSync("../br0", join(folder, "vnet0", "master"));
    writeFileSync(join(folder, "bonding_masters"), "");
    const bridges = { vnet0: "br0", eth0: "", bonding_masters: "" };

    it.each([
        "qemu:///system",
        "qemu:///system?",
        "qemu+unix:///system?socket=/var/run/libvirt/libvirt-sock",
        "qemu+ssh://root@localhost/system",
    ])("is asked of this machine's kernel for its own libvirt: %s", (uri) => {
        expect(tapsOf(uri, folder)).toEqual({ from: "kernel", bridges });
    });

    it.each([
        FAR,
        "qemu+ssh://user@[2001:db8::1]/system",
        "qemu:///system?socket=/run/far.sock",
        "qemu+tls://h/system",
        "qemu:///session",
    ])("is libvirt's word where libvirt may be elsewhere: %s", (uri) => {
        expect(tapsOf(uri, folder)).toEqual({ from: "libvirt" });
    });

    it("is unknown when this kernel does not answer, which is a problem", () => {
        const taps = tapsOf("qemu:///system", join(folder, "none"));
        expect(taps).toEqual({ from: "unknown", why: expect.stringContaining("ENOENT") });
        // A device whose link is none, as a broken sysfs has it.
        mkdirSync(join(folder, "broken", "vnet0", "master"), { recursive: true });
        expect(tapsOf("qemu:///system", join(folder, "broken"))).toMatchObject({ from: "unknown" });
        const { problems } = readLive([{ ...EMPTY, taps }]);
        expect(problems.map(({ what }) => what)).toContainEqual(
            expect.stringMatching(
                /^this machine's kernel does not say which bridge each tap is on: .*ENOENT/,
            ),
        );
        expect(
            readLive([EMPTY])
                .problems.map(({ what }) => what)
                .join(),
        ).not.toContain("kernel");
    });
});

describe("filters", () => {
    const NAME = "shop-dev-red-isolated";
    const model = modelOfExport(
        JSON.stringify(exportOf(planOf({ enclaves: [{ name: "red" }] }))),
        "export.json",
    );
    const virsh =
        (stdout: string): Virsh =>
        (args) =>
            Promise.resolve({
                outcome: "ok",
                stdout: args.join(" ") === `nwfilter-dumpxml ${NAME}` ? stdout : "",
                message: "",
            });
    const problems = async (live: Virsh, uri = "qemu:///system"): Promise<string[]> =>
        (await filterProblems(model, [uri], () => live)).map((p) => p.what);

    it.each(["qemu+unix:///system", "qemu:///system?socket=/var/run/libvirt/libvirt-sock"])(
        "are looked for by another spelling of their host: %s",
        async (uri) => {
            expect(await problems(virsh(workstationFilterXml(NAME)), uri)).toEqual([]);
            expect(await problems(virsh("<filter/>"), uri)).toEqual([
                `filter ${NAME} at ${uri} has other rules than its step defined`,
            ]);
        },
    );

    it("that are ours are no problem, nor are those of another host", async () => {
        expect(await problems(virsh(workstationFilterXml(NAME)))).toEqual([]);
        expect(await problems(virsh("<filter/>"), "qemu+ssh://192.0.2.9/system")).toEqual([]);
    });

    it.each([
        ["one rule less", workstationFilterXml(NAME).replace(/^.*action='drop'.*\n/m, "")],
        ["another filter", workstationFilterXml("other")],
        ["nothing", ""],
        ["no XML", "<filter"],
    ])("with %s are one", async (_title, live) => {
        expect(await problems(virsh(live))).toEqual([
            `filter ${NAME} at qemu:///system has other rules than its step defined`,
        ]);
    });

    it("that cannot be read are one", async () => {
        expect(
            await problems(() =>
                Promise.resolve({ outcome: "error", stdout: "", message: "no such filter" }),
            ),
        ).toEqual([`filter ${NAME} at qemu:///system cannot be read: no such filter`]);
    });

    describe("of guests that run", () => {
        const guest = (filter: string): string =>
            `<domain type='kvm' id='1'><name>w</name><devices><interface type='network'><source network='n' bridge='b'/><target dev='vnet1'/><filterref filter='${filter}'/></interface></devices></domain>`;
        const live = readLive([{ ...EMPTY, domains: [guest(NAME)] }]);
        const bindings = async (list: string, outcome: "ok" | "error" = "ok"): Promise<string[]> =>
            (
                await filterProblems(
                    live,
                    ["qemu:///system"],
                    () => () => Promise.resolve({ outcome, stdout: list, message: "no driver" }),
                )
            ).map((p) => p.what);

        it("are bound to their taps", async () => {
            expect(
                await bindings(
                    ` Port Dev   Filter\n--------------------\n vnet0      other\n vnet1      ${NAME}\n\n`,
                ),
            ).toEqual([]);
        });

        it.each([
            ["taken away", " Port Dev   Filter\n--------------------\n\n"],
            ["another", " vnet1      other\n"],
            ["another NIC's", ` vnet10      ${NAME}\n`],
        ])("or a problem is found: %s", async (_title, list) => {
            expect(await bindings(list)).toEqual([
                `filter ${NAME} is not bound to the tap of NIC 0: libvirt filters nothing there`,
            ]);
        });

        it("or cannot be read, which is one", async () => {
            expect(await bindings("", "error")).toEqual([
                `filter ${NAME} is not bound to the tap of NIC 0: bindings at qemu:///system ` +
                    `cannot be read: no driver`,
                "what the host at qemu:///system says of its kernel cannot be read: no driver",
            ]);
        });
    });
});
