/** What hosts answer: libvirt 9.0's words, and its documents cut to what is read. */
import type { VirtPlan } from "../../../plan/plan";
import type { VirshResult } from "../../../libvirt/client";
import { hostFindings, offWarnings, questions, requireHost } from "../../../libvirt/host-ready";
import { requireRoom } from "../../../components/room";
import { fakeVirsh } from "../../support/fake-virsh";

const URI = "qemu+ssh://root@192.0.2.1/system";
const KVM = { type: "kvm", cpuModel: "qemu64" } as const;
/** A plan without guests, so that nothing of this machine or of libvirt's lists is told. */
const planOf = (virt: VirtPlan): Parameters<typeof requireHost>[0] => ({ uri: URI, virt, enclaves: [] });
const capabilities = (...drivers: string[]): string =>
    `<capabilities>\n\n  <host>\n    <uuid>4c4c4544-0042-3510-8052-b4c04f4e3232</uuid>\n    <cpu><arch>x86_64</arch><model>Broadwell</model></cpu>\n${drivers
        .map((name) => `    <secmodel>\n      <model>${name}</model>\n      <doi>0</doi>\n    </secmodel>\n`)
        .join("")}  </host>\n</capabilities>\n`;
const emulator = (model = "<model usable='yes' vendor='unknown'>qemu64</model>"): string =>
    "<domainCapabilities>\n  <path>/usr/bin/qemu-system-x86_64</path>\n  <domain>kvm</domain>\n" +
    `  <cpu>\n    <mode name='host-model' supported='yes'>\n      <model fallback='forbid'>EPYC</model>\n    </mode>\n    <mode name='custom' supported='yes'>\n      ${model}\n` +
    "      <model usable='no' vendor='AMD'>phenom</model>\n      <model usable='yes' vendor='Intel'>n270</model>\n    </mode>\n  </cpu>\n</domainCapabilities>\n";
const FILTERS = " 5a11907e-0000-4000-8000-000000000001   clean-traffic\n";
const good: VirshResult = {
    stdout: `${capabilities("apparmor", "dac")}\n${emulator()}\n${FILTERS}`,
    stderr: "",
    outcome: "ok",
    message: "",
};
const said = (answer: Partial<VirshResult>, virt: VirtPlan = KVM): string => {
    try {
        requireHost(planOf(virt), () => ({ ...good, ...answer }));
    } catch (error) {
        return (error as Error).message;
    }
    return "";
};
const noEmulator = (why: string): Partial<VirshResult> => ({
    stdout: `${capabilities("apparmor")}\n${FILTERS}`,
    stderr: `error: failed to get emulator capabilities\nerror: ${why}\n`,
});

it("a good host has nothing to say", () => {
    expect(requireHost(planOf(KVM), () => good)).toEqual([]);
    expect(
        requireHost(planOf(KVM), () => ({ ...good, stdout: good.stdout.replace("apparmor", "selinux") })),
    ).toEqual([]);
    expect(questions(KVM)).toBe(
        "capabilities; domcapabilities --virttype kvm --arch x86_64 --machine pc-q35-6.2; list --inactive --name; echo @running; list --name; echo @filters; nwfilter-list",
    );
});

it.each<[string, Partial<VirshResult>, RegExp]>([
    [
        "a QEMU without the machine",
        noEmulator(
            "invalid argument: the machine 'pc-q35-6.2' is not supported by emulator '/usr/bin/qemu-system-x86_64'",
        ),
        /- sallyport:uri: got "qemu\+ssh.*"; allowed: the URI of a host whose QEMU has the machine pc-q35-6\.2.*the machine 'pc-q35-6\.2' is not supported by emulator.*; fix: install QEMU 6\.2 or newer/,
    ],
    [
        "no KVM",
        noEmulator("invalid argument: KVM is not supported by '/usr/bin/qemu-system-x86_64' on this host"),
        /- sallyport:virt\.type: got "kvm"; allowed: what QEMU of the host.*KVM is not supported by.*; fix: .*bin\/pulumi config set --path 'sallyport:virt\.type' qemu/,
    ],
    [
        "no KVM, in newer words",
        noEmulator(
            "invalid argument: the accel 'kvm' is not supported by emulator '/usr/bin/qemu-system-x86_64' on this host",
        ),
        /sallyport:virt\.type: got "kvm"/,
    ],
    [
        "no QEMU",
        noEmulator("invalid argument: Cannot find suitable emulator for x86_64"),
        /whose libvirt knows its QEMU for x86_64; libvirt says: .*Cannot find suitable emulator for x86_64; fix: .*apt-get install qemu-system-x86/,
    ],
    [
        "a document that is cut off",
        { stdout: good.stdout.replace("</domainCapabilities>", "") },
        /whose libvirt knows its QEMU for x86_64; libvirt says: nothing/,
    ],
    [
        "a document that is no XML",
        { stdout: good.stdout.replace("</cpu>\n</domain", "</domain") },
        /whose libvirt knows its QEMU/,
    ],
    [
        "an unknown model",
        { stdout: good.stdout.replace(">qemu64<", ">other<") },
        /sallyport:virt\.cpuModel: got "qemu64"; allowed: a model of that host's QEMU: other, n270; fix: bin\/pulumi config set/,
    ],
    [
        "a document without models",
        { stdout: good.stdout.replace("name='custom'", "name='maximum'") },
        /allowed: a model of that host's QEMU: it names none;/,
    ],
    [
        "no driver for filters",
        {
            outcome: "error",
            stderr: "error: Failed to count network filters\nerror: this function is not supported by the connection driver: virConnectNumOfNWFilters\n",
        },
        /driver for network filters.*libvirt says: this function is not supported by the connection driver: virConnectNumOfNWFilters; fix: .*libvirt-daemon-system ebtables.*virtnwfilterd\.socket/,
    ],
    [
        "a modular libvirt without it",
        {
            outcome: "error",
            stderr: "error: Failed to list network filters\nerror: Failed to connect socket to '/var/run/libvirt/virtnwfilterd-sock': No such file or directory\n",
        },
        /libvirt says: Failed to connect socket to '\/var\/run\/libvirt\/virtnwfilterd-sock': No such file or directory; fix: /,
    ],
    [
        "no answer at all",
        { stdout: "", stderr: "", outcome: "error" },
        /knows its QEMU(.|\n)*driver for network filters/,
    ],
])("refuses %s in one line", (_, answer, message) => {
    expect(said(answer)).toMatch(message);
});

it("a model whose name is the host's own, or another's part, is not in the list", () => {
    for (const cpuModel of ["EPYC", "qemu6", "Broadwell"]) {
        expect(said({}, { ...KVM, cpuModel })).toContain("sallyport:virt.cpuModel: got");
    }
});

it("warns of a model that this host can't do in full", () => {
    expect(hostFindings(URI, { ...KVM, cpuModel: "phenom" }, good)).toEqual({
        problems: [],
        warnings: [
            expect.stringMatching(
                /^sallyport:virt\.cpuModel: the host at .* lacks features of phenom.*fix: bin\/pulumi config set/,
            ),
        ],
    });
});

it("does not warn of the default model, for which there is no better one", () => {
    expect(
        requireHost(planOf(KVM), () => ({
            ...good,
            stdout: good.stdout.replace(
                "usable='yes' vendor='unknown'>qemu64",
                "usable='no' vendor='unknown'>qemu64",
            ),
        })),
    ).toEqual([]);
});

it.each([
    [["none", "dac"], "none, dac"],
    [["dac"], "dac"],
    [[], "none that it names"],
    [["apparmor-none"], "apparmor-none"],
])("warns of a host that confines no guest: %j", (drivers, named) => {
    expect(
        requireHost(planOf(KVM), () => ({ ...good, stdout: `${capabilities(...drivers)}${emulator()}` })),
    ).toEqual([
        expect.stringMatching(
            new RegExp(
                `^the libvirt at .* confines no guest \\(its security drivers: ${named}\\): .*fix: .*apparmor`,
            ),
        ),
    ]);
});

it("takes no document within another for its own, and no driver of a guest's for the host's", () => {
    const stdout = good.stdout
        .replace("<secmodel>\n      <model>apparmor</model>", "<secmodel>\n      <model>none</model>")
        .replace("</host>", "</host><guest><secmodel><model>apparmor</model></secmodel></guest>");
    expect(hostFindings(URI, KVM, { ...good, stdout }).warnings).toHaveLength(1);
});

describe("by virsh", () => {
    const answer = fakeVirsh();
    const before = process.env["SALLYPORT_LIBVIRT_TIMEOUT"];
    afterEach(() => {
        if (before === undefined) {
            delete process.env["SALLYPORT_LIBVIRT_TIMEOUT"];
        } else {
            process.env["SALLYPORT_LIBVIRT_TIMEOUT"] = before;
        }
    });
    it("in one call", () => {
        answer({ [`${URI} ${questions(KVM)}`]: `cat <<'X'\n${good.stdout}\nX\n` }, "exit 1");
        expect(requireHost(planOf(KVM))).toEqual([]);
    });
    it("that fails at the last question, and at none", () => {
        answer(
            {},
            `cat <<'X'\n${capabilities("apparmor")}${emulator()}\nX\necho 'error: Failed to count network filters' >&2; exit 1`,
        );
        expect(() => requireHost(planOf(KVM))).toThrow(
            /driver for network filters.*libvirt says: Failed to count network filters/,
        );
    });
    it("that is not there", () => {
        const path = process.env["PATH"];
        process.env["PATH"] = "/nonexistent";
        try {
            expect(() => requireHost(planOf(KVM))).toThrow(
                /the URI of a libvirt that answers; virsh is not installed; fix: apt install libvirt-clients/,
            );
        } finally {
            process.env["PATH"] = path;
        }
    });
});

describe("room in a pool", () => {
    const POOL = { uri: URI, pool: "cell-image", path: "/var/lib/libvirt/images/cell-image" };
    const info = (available: string): string =>
        `Pool cell-image refreshed\nName:           cell-image\nState:          running\nCapacity:       33636024320\nAllocation:     33636024320\nAvailable:      ${available}\n`;
    const asked: string[] = [];
    const ask =
        (text: string | undefined) =>
        (words: readonly string[]): Promise<string | undefined> => (
            asked.push(words.join(" ")),
            Promise.resolve(text)
        );
    it("is asked for anew, and enough is enough", async () => {
        await expect(requireRoom(POOL, 122_683_392, ask(info("122683392")))).resolves.toBeUndefined();
        expect(asked).toEqual(["pool-refresh cell-image; pool-info --bytes cell-image"]);
    });
    it.each([
        ["a full one", info("0"), /has 0 MiB free, the golden image needs 117 MiB/],
        ["one byte short", info("122683391"), /has 117 MiB free/],
        ["one of which nothing is said", "Name: x", /libvirt says nothing/],
        ["one that is gone", undefined, /libvirt says nothing/],
        ["a number that is none", info("1e99"), /libvirt says nothing/],
    ])("%s is refused by its name and folder", async (_, text, message) => {
        await expect(requireRoom(POOL, 122_683_392, ask(text))).rejects.toThrow(message);
        await expect(requireRoom(POOL, 122_683_392, ask(text))).rejects.toThrow(
            /^pool cell-image \(\/var\/lib\/libvirt\/images\/cell-image at qemu.*; fix: make room there, or .*'sallyport:storage\.path' FOLDER$/,
        );
    });
});

test("guests that are off are named with the command that starts them; others are not", () => {
    const guests = ["gateway", "ws1", "ws2"].map((name) => ({
        name: `red/${name}`,
        domain: `shop-dev-red-${name}`,
        address: "",
    }));
    const off = (...domains: string[]): string[] =>
        offWarnings([good.stdout, ...domains, FILTERS].join("\n"), guests);
    expect(off("shop-dev-red-gateway", "shop-dev-red-ws1", "shop-dev-red-ws22")).toEqual([
        "stopped: red/gateway, red/ws1; Pulumi leaves that as it is; fix: bin/sallyport start",
    ]);
    expect(off("other", "shop-dev-red")).toEqual([]);
});
