/** What is told of a lab host that is this machine. */
import { requireHost } from "../../../libvirt/host-ready";
import { type HostFacts, hostFacts, hostWarnings, isThisHost } from "../../../libvirt/this-host";
import { enclaveOf } from "../cloud-init/plans";

const GOOD: HostFacts = {
    networks: [{ nic: "eth0", place: "192.0.2.7/24" }],
    availableMiB: 100_000,
    plainSwaps: [],
    bridgesFiltered: false,
};
const enclave = enclaveOf();
const plan = { enclaves: [enclave] };
const told = (facts: Partial<HostFacts>, running: readonly string[] = []): string[] =>
    hostWarnings(plan, { ...GOOD, ...facts }, new Set(running));
const external = enclave.external.mode === "nat" ? enclave.external : undefined;

it("a good host has nothing to say", () => {
    expect(told({})).toEqual([]);
    expect(told({ availableMiB: undefined })).toEqual([]);
});

describe("subnets", () => {
    const place = `${external?.subnet.replace(/0\/\d+$/, "9")}/24`;
    it("that a NIC of the host is in", () => {
        expect(told({ networks: [...GOOD.networks, { nic: "wlan0", place }] })).toEqual([
            expect.stringMatching(
                /^enclave .*: its external network 10\.\S+ overlaps \S+ of this host's wlan0, .* fix: bin\/pulumi config set --path 'sallyport:enclaves\[0\]\.external\.subnet' 10\.140\.7\.0\/24$/,
            ),
        ]);
    });
    it("within a wider one of the host's; the one that is offered is free", () => {
        const networks = [
            { nic: "eth0", place: "10.0.0.1/9" },
            { nic: "eth1", place: "10.140.0.1/14" },
            { nic: "eth2", place },
        ];
        expect(told({ networks })[0]).toMatch(/external\.subnet' 10\.144\.7\.0\/24$/);
    });
    it("but not by the network's own bridge, nor by one beside it", () => {
        expect(told({ networks: [{ nic: external?.bridge ?? "", place }] })).toEqual([]);
        expect(told({ networks: [{ nic: "eth0", place: "203.0.113.1/24" }] })).toEqual([]);
    });
});

describe("memory", () => {
    const domains = [enclave.gateway, ...enclave.workstations];
    const all = domains.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
    it("that is less than the guests have", () => {
        expect(told({ availableMiB: all - 1 })).toEqual([
            `this host has ${all - 1} MiB of memory available, and guests that do not run have ${all} MiB; ` +
                "fix: end something else before they start, or make them smaller (memoryMiB)",
        ]);
        expect(told({ availableMiB: all })).toEqual([]);
    });
    it("of guests that run is theirs already", () => {
        expect(
            told(
                { availableMiB: 0 },
                domains.map(({ domain }) => domain),
            ),
        ).toEqual([]);
    });
});

it("swap in plain, and rules of the host's own on its bridges", () => {
    expect(told({ plainSwaps: ["/dev/sda2"], bridgesFiltered: true })).toEqual([
        expect.stringMatching(
            /^this host may swap .* to \/dev\/sda2 in plain.*; fix, as root: swapoff \/dev\/sda2/,
        ),
        expect.stringMatching(/br_netfilter.*fix, as root: sysctl -w net\.bridge\.bridge-nf-call-iptables=0/),
    ]);
});

it("is asked of libvirt's own socket alone: another socket may be another host's", () => {
    expect(["qemu:///system", "qemu:///system?socket=/run/there"].map(isThisHost)).toEqual([true, false]);
    expect(isThisHost("qemu+ssh://root@192.0.2.1/system")).toBe(false);
});

it("reaches who asks for the host, with the guests that run", () => {
    const answer = (running: string): ReturnType<Parameters<typeof requireHost>[1] & object> => ({
        outcome: "ok",
        message: "",
        stderr: "",
        stdout:
            "<capabilities><host><secmodel><model>apparmor</model></secmodel></host></capabilities>" +
            "<domainCapabilities><cpu><mode name='custom'><model>qemu64</model></mode></cpu></domainCapabilities>\n" +
            `\n@running\n ${running}\n@filters\n`,
    });
    const host = { uri: "qemu:///system", virt: { type: "qemu", cpuModel: "qemu64" }, ...plan } as const;
    const asked = (running: string): readonly string[] =>
        requireHost(
            host,
            () => answer(running),
            () => ({ ...GOOD, availableMiB: 0 }),
        );
    const before = /MiB; fix/.exec(asked("another").join())?.input;
    expect(before).toMatch(/guests that do not run have/);
    expect(asked(enclave.gateway.domain).join()).not.toBe(before);
    expect(
        requireHost(
            host,
            () => answer(""),
            () => undefined,
        ),
    ).toEqual([]);
});

it("is read from this machine", () => {
    const facts = hostFacts();
    expect(facts.availableMiB).toBeGreaterThan(0);
    expect(facts.networks.every(({ nic, place }) => nic !== "lo" && place.includes("/"))).toBe(true);
    expect(facts.plainSwaps.every((path) => path.startsWith("/"))).toBe(true);
});
