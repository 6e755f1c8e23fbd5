/**
 * What runs, judged with what was declared: nothing that libvirt adds by itself is a finding, and what
 * a person did behind the stack's back is.
 */
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { readLive, type LiveHost, type Taps } from "../../model/adapters";
import type { Model } from "../../model";
import { describeTrust } from "../../reachability";
import { makeReport } from "../../report";
import { HOSTS, PARTITION_XML, WATCHDOG_XML, seclabel } from "../support/live-hosts";
import { CONFIGS } from "./fixtures/good";
import { TRIXIE, URI, pool, uuidOf, world } from "./fixtures/live-world";

jest.setTimeout(120_000);

const found = (model: Model): string[] => runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`);
const changed = (host: LiveHost, from: string | RegExp, to: string): LiveHost => {
    const made = {
        ...host,
        domains: host.domains.map((xml) => xml.replace(from, to)),
        networks: host.networks.map((xml) => xml.replace(from, to)),
    };
    expect(made).not.toEqual(host);
    return made;
};

const beforehand = new WeakMap<Model, ReadonlySet<string>>();
/**
 * What is found in the living that is not in the export; what cannot be read or is not as declared as INPUT.
 */
const news = (declared: Model, host: LiveHost): string[] => {
    const before = beforehand.get(declared) ?? new Set(found(declared));
    beforehand.set(declared, before);
    const live = readLive([host], declared);
    return [
        ...live.problems.map(({ at, what }) => `INPUT[${at.resource.split("::").at(-1) ?? ""}] ${what}`),
        ...found(live).filter((f) => !before.has(f)),
    ];
};

describe.each(Object.entries(HOSTS))("%s", (_, on) => {
    it.each(Object.keys(CONFIGS))(
        "%s: a live stack with what declares it has no finding but what an export has",
        async (config) => {
            const { declared, host } = await world(on, CONFIGS[config as keyof typeof CONFIGS]);
            expect(news(declared, host)).toEqual([]);
        },
    );
});

it("the embedded lab's guests are not confined, and only that is found", async () => {
    const { declared, host } = await world("lab");
    const expected = (name: string): string =>
        `DD-20[sallyport-test-default-${name} seclabel] it runs with 0 labels of AppArmor or ` +
        "SELinux; exactly one is needed; " +
        'seclabel of model dac has label "+0:+0" and imagelabel "+0:+0"; a user and a group that ' +
        "are not root's are allowed";
    expect(news(declared, host)).toEqual([expected("gateway"), expected("workstation-ws1")]);
});

const byKernel = (host: LiveHost, bridges: Record<string, string>): LiveHost => ({
    ...host,
    taps: { from: "kernel", bridges },
});

const OWN = `libvirt-${uuidOf(0)}`;
const DAC = seclabel("dac", "+64055:+64055");
it.each<[string, string]>([
    ["none", ""],
    ["a user's alone", DAC],
    ["root's", seclabel("apparmor", OWN) + seclabel("dac", "+0:+0")],
    ["root's by name", seclabel("apparmor", OWN) + seclabel("dac", "root:root")],
    ["root's group", seclabel("apparmor", OWN) + seclabel("dac", "+64055:+0")],
    ["unconfined", seclabel("apparmor", "unconfined") + DAC],
    ["another guest's", seclabel("apparmor", `libvirt-${uuidOf(1)}`) + DAC],
    ["unconfined_t", seclabel("selinux", "system_u:system_r:unconfined_t:s0") + DAC],
    ["type none", `<seclabel type='none' model='apparmor'/>${DAC}`],
    ["a static one", seclabel("apparmor", OWN).replace("dynamic", "static") + DAC],
    ["one that is not applied to files", seclabel("apparmor", OWN).replace("'yes'", "'no'") + DAC],
    ["of a driver that is not known", seclabel("apparmor", OWN) + DAC + seclabel("smack", OWN)],
])("a Gateway that runs with this label is found: %s", async (_title, labels) => {
    const { declared, host } = await world();
    const [first = "", ...rest] = host.domains;
    const made = { ...host, domains: [first.replace(/<seclabel[^]*<\/seclabel>/, labels), ...rest] };
    expect(news(declared, made).filter((f) => f.startsWith("DD-20["))).not.toEqual([]);
});

it("two guests with one label are found, and so are two with one pair of categories in another order", async () => {
    const { declared, host } = await world(HOSTS["SELinux, group kvm"]);
    const pair = (order: string): LiveHost => ({
        ...host,
        domains: host.domains.map((xml, i) => xml.replace(/:s0:c\d+,c\d+/g, i === 0 ? ":s0:c7,c9" : order)),
    });
    expect(news(declared, pair(":s0:c7,c10"))).toEqual([]);
    expect(news(declared, pair(":s0:c7,c9")).join()).toContain(
        "selinux c7,c9 is sallyport-test-default-gateway's as well",
    );
    expect(news(declared, pair(":s0:c9,c7")).join()).toContain("as well");
});

it.each([
    ["DD-22", PARTITION_XML, "<resource><partition>/machine/other</partition></resource>"],
    ["DD-22", PARTITION_XML, "<resource><partition>/</partition></resource>"],
    ["DD-22", PARTITION_XML, "<resource><partition>/machine</partition><fibrechannel appid='x'/></resource>"],
    ["DD-22", PARTITION_XML, PARTITION_XML.repeat(2)],
    ["DD-13", WATCHDOG_XML, "<watchdog model='itco' action='dump'/>"],
    ["DD-13", WATCHDOG_XML, "<watchdog model='i6300esb' action='reset'/>"],
    ["DD-13", WATCHDOG_XML, WATCHDOG_XML.repeat(2)],
    ["DD-13", WATCHDOG_XML, "<watchdog model='itco'/>"],
    ["DD-13", WATCHDOG_XML, "<watchdog model='itco' action='reset'><x/></watchdog>"],
])("what a host adds is allowed by its value: %s for another than %s: %s", async (rule, from, to) => {
    const { declared, host } = await world();
    expect(news(declared, changed(host, from, to)).filter((f) => f.startsWith(`${rule}[`))).not.toEqual([]);
});

it.each<[string, string, (host: LiveHost) => LiveHost]>([
    [
        "a NIC that was attached",
        "NT-07",
        (host) =>
            changed(
                host,
                /(<interface type='network'>[^]*?<\/interface>)(?![^]*<interface)/,
                "$1<interface type='user'><mac address='52:54:00:00:00:07'/></interface>",
            ),
    ],
    [
        "an isolated network that forwards",
        "NT-01",
        (host) => changed(host, "-isolated</name>", "-isolated</name><forward mode='route'/>"),
    ],
    [
        "an address of the host's on it",
        "NT-02",
        (host) =>
            changed(
                host,
                /(-isolated<\/name>[^]*)<\/network>/,
                "$1<ip address='10.9.9.1' prefix='24'/></network>",
            ),
    ],
    [
        "a Workstation's port that is not isolated",
        "NT-18",
        (host) => changed(host, "<port isolated='yes'/>", ""),
    ],
    [
        "a Workstation without its filter",
        "DD-16",
        (host) => changed(host, /<filterref filter='[^']*'\/>/, ""),
    ],
    [
        "a shared folder",
        "DD-01",
        (host) =>
            changed(
                host,
                "</devices>",
                "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem></devices>",
            ),
    ],
    [
        "another base below a disk",
        "DD-13",
        (host) =>
            changed(
                host,
                /<source file='[^']*\/(sallyport-[^/']*)'\/><backingStore\/>/,
                "<source file='/srv/$1'/><backingStore/>",
            ),
    ],
    [
        "one more layer below a disk",
        "DD-13",
        (host) =>
            changed(
                host,
                "<backingStore/></backingStore>",
                "<backingStore type='file'><source file='/srv/x'/></backingStore></backingStore>",
            ),
    ],
    [
        "another file in place of the seed",
        "NT-26",
        (host) => changed(host, /file='([^']*\/)[^/']*-seed\.iso'/, "file='$1evil-seed.iso'"),
    ],
    [
        "another file in place of the overlay",
        "NT-26",
        (host) => changed(host, /file='([^']*\/)[^/']*\.qcow2'(?= index='[12]')/, "file='$1evil.qcow2'"),
    ],
    [
        "the overlay of the same name in another folder",
        "NT-26",
        (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1-status/$2'"),
    ],
    [
        "an overlay by another spelling of its path",
        "NT-26",
        (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1/./$2'"),
    ],
    [
        "an overlay by a path through another folder",
        "NT-26",
        (host) =>
            changed(
                host,
                /file='([^']*)\/([^/']*)\/([^/']*\.qcow2)'(?= index='[12]')/,
                "file='$1/x/../$2/$3'",
            ),
    ],
    [
        "a volume of another pool in place of the seed",
        "NT-26",
        (host) =>
            changed(
                host,
                /<disk type='file' device='disk'>(\s*<driver name='qemu' type='raw'\/>\s*)<source file='[^']*\/([^/']*)'/,
                "<disk type='volume' device='disk'>$1<source pool='default' volume='$2'",
            ),
    ],
    [
        "a device in place of the overlay",
        "NT-26",
        (host) =>
            changed(
                host,
                /<disk type='file' device='disk'>(\s*<driver name='qemu' type='qcow2'[^]*?)<source file='[^']*'/,
                "<disk type='block' device='disk'>$1<source dev='/dev/sda'",
            ),
    ],
    ...["fdgroup='x'", "startupPolicy='optional'", "mode='host'"].map(
        (attribute): [string, string, (host: LiveHost) => LiveHost] => [
            `a file with ${attribute}`,
            "DD-13",
            (host) => changed(host, /(<source file='[^']*')( index)/, `$1 ${attribute}$2`),
        ],
    ),
    ...[
        "<seclabel model='dac' relabel='no'/>",
        "<slices><slice type='storage' offset='0' size='1'/></slices>",
        "<encryption format='luks'/>",
    ].map((part): [string, string, (host: LiveHost) => LiveHost] => [
        `a file with ${part}`,
        "DD-13",
        (host) => changed(host, /(<source file='[^']*' index='\d')\/>/, `$1>${part}</source>`),
    ]),
    [
        "the golden image in place of the overlay",
        "SH-01",
        (host) =>
            changed(
                host,
                /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/,
                `file='${/<backingStore[^]*?file='([^']*)'/.exec(host.domains.join(""))?.[1] ?? ""}'`,
            ),
    ],
    [
        "one guest's overlay as another's",
        "SH-01",
        (host) =>
            changed(
                host,
                /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/,
                `file='${/file='([^']*gateway[^']*\.qcow2)'/.exec(host.domains.join(""))?.[1] ?? ""}'`,
            ),
    ],
    [
        "a stranger on the isolated network",
        "NT-10",
        (host) => ({
            ...host,
            domains: [
                ...host.domains,
                "<domain " +
                    `type='kvm'><name>stranger</name>${/<interface[^]*<\/interface>/.exec(host.domains.at(-1)?.replace(/^[^]*<devices>/, "<devices>") ?? "")?.[0].replace(/^/, "<devices>") ?? ""}</devices></domain>`,
            ],
        }),
    ],
    [
        "a stranger on the isolated bridge",
        "NT-24",
        (host) => ({
            ...host,
            domains: [
                ...host.domains,
                "<domain type='kvm'><name>stranger</name><devices><interface " +
                    "type='bridge'><source " +
                    `bridge='${/-isolated<\/name>[^]*?<bridge name='([^']*)'/.exec(host.networks.join(""))?.[1] ?? ""}'/></interface></devices></domain>`,
            ],
        }),
    ],
    [
        "a guest that starts with the host",
        "LC-02",
        (host) => ({
            ...host,
            autostart: { ...host.autostart, domains: ["sallyport-test-default-gateway"] },
        }),
    ],
])("%s is found: %s", async (_title, rule, change) => {
    const { declared, host } = await world();
    const before = new Set(found(declared));
    expect(
        found(readLive([change(host)], declared)).filter((f) => !before.has(f) && f.startsWith(`${rule}[`)),
    ).not.toEqual([]);
});

it(
    "a domain or network that is declared and not there is undecided, and strangers elsewhere are " +
        "ignored here",
    async () => {
        const { declared, host } = await world();
        const report = (model: Model): string[] =>
            makeReport(model, rules, "live")
                .report.findings.filter((f) => f.rule === "INPUT")
                .map((f) => f.message);
        const elsewhere =
            "<domain type='kvm'><name>other</name><devices><interface type='network'><source " +
            "network='default'/></interface></devices></domain>";
        const model = readLive([{ ...host, domains: [...host.domains, elsewhere] }], declared);
        expect(model.domains.map((d) => d.resource.name)).not.toContain("other");
        expect(report(model)).toEqual([]);
        expect(report(readLive([{ ...host, domains: host.domains.slice(1) }], declared))).toEqual([
            `the domain is declared and not at ${URI}`,
        ]);
        expect(report(readLive([{ ...host, networks: host.networks.slice(1) }], declared))).toEqual([
            "it is not as declared: where it leads (NIC 1)",
            `the network is declared and not at ${URI}`,
            "it is not as declared: where it leads (NIC 0)",
        ]);
    },
);

it("without the stack nothing is safe: what libvirt does not show is undecided, and said", async () => {
    const { host } = await world();
    const { report } = makeReport(readLive([host]), rules, "live");
    expect(report.ok).toBe(false);
    expect(report.verdict).not.toBe("proved");
    expect(
        report.findings
            .filter((f) => f.rule === "INPUT")
            .map((f) => f.message)
            .join(),
    ).toMatch(/shows no seeds, and so no firewall and no torrc/);
    // Of Gateways nothing can be shown, nor refuted: the XML names none.
    expect(report.queries.filter((q) => q.verdict === "proved").map((q) => q.id)).toEqual([
        "PATH-gateway",
        "PATH-tor",
    ]);
});

const WORKSTATION = /-workstation-/;
/** The host with the XML of one of its guests, or of one network, changed. */
const edited = (
    host: LiveHost,
    kind: "domains" | "networks",
    which: RegExp,
    from: string | RegExp,
    to: string,
): LiveHost => ({
    ...host,
    [kind]: host[kind].map((xml) => {
        const own = which.test(/<name>([^<]*)/.exec(xml)?.[1] ?? "");
        if (own) {
            expect(xml.replace(from, to)).not.toBe(xml);
        }
        return own ? xml.replace(from, to) : xml;
    }),
});

it.each<[string, (host: LiveHost) => LiveHost]>([
    [
        "another bridge than its network's",
        (host) => edited(host, "domains", WORKSTATION, /bridge='sp[0-9a-f]+i'/, "bridge='virbr0'"),
    ],
    [
        "the external network's bridge",
        (host) => edited(host, "domains", WORKSTATION, /bridge='sp([0-9a-f]+)i'/, "bridge='sp$1x'"),
    ],
    ["no bridge at all", (host) => edited(host, "domains", WORKSTATION, / bridge='sp[0-9a-f]+i'/, "")],
    ["an empty bridge", (host) => edited(host, "domains", WORKSTATION, /bridge='sp[0-9a-f]+i'/, "bridge=''")],
    [
        "a network that was made anew on another bridge",
        (host) => edited(host, "networks", /-isolated/, /bridge name='[^']*'/, "bridge name='sp00000000i'"),
    ],
    ["a network without a bridge", (host) => edited(host, "networks", /-isolated/, /<bridge[^>]*>/, "")],
    [
        "a network that is not started",
        (host) => ({ ...host, active: host.active.filter((name) => !name.endsWith("-isolated")) }),
    ],
    [
        "a type that is not its network's",
        (host) =>
            edited(host, "domains", WORKSTATION, "<interface type='network'>", "<interface type='bridge'>"),
    ],
    [
        "macvtap under its network's name",
        (host) =>
            edited(
                host,
                "domains",
                WORKSTATION,
                /<interface type='network'>([^]*?)bridge='[^']*'/,
                "<interface type='direct'>$1dev='eth0' mode='bridge'",
            ),
    ],
    [
        "a tap that is not libvirt's",
        (host) =>
            edited(host, "domains", WORKSTATION, "<interface type='network'>", "<interface type='ethernet'>"),
    ],
    [
        "a device that is not managed",
        (host) =>
            edited(host, "domains", WORKSTATION, /<target dev='(vnet\d+)'/, "<target dev='$1' managed='no'"),
    ],
    ["another bridge by the kernel", (host) => byKernel(host, { vnet0: "br0", vnet1: "br0", vnet2: "br0" })],
    ["no bridge by the kernel", (host) => byKernel(host, { vnet0: "", vnet1: "", vnet2: "" })],
    ["a tap that the kernel has not", (host) => byKernel(host, { eth0: "br0" })],
])("a Workstation's NIC with %s is found", async (_title, change) => {
    const { declared, host } = await world();
    expect(news(declared, change(host)).filter((f) => /^(NT-07|NT-25)\[.*-workstation-/.test(f))).not.toEqual(
        [],
    );
});

it("a kernel that says the same as libvirt raises nothing", async () => {
    const { declared, host } = await world();
    // Two guests of the recording have a tap of one name; a host's have not.
    const domains = host.domains.map((xml) => (WORKSTATION.test(xml) ? xml : xml.replace(/vnet/g, "vnet1")));
    const bridges = Object.fromEntries(
        domains.flatMap((xml) =>
            [...xml.matchAll(/ bridge='([^']*)'\/>(?:(?!<\/interface)[^])*?<target dev='([^']*)'/g)].map(
                ([, bridge = "", tap = ""]) => [tap, bridge],
            ),
        ),
    );
    expect(Object.keys(bridges)).toHaveLength(3);
    expect(news(declared, byKernel({ ...host, domains }, { ...bridges, eth0: "br0" }))).toEqual([]);
});

it("a report says whose word it is which bridge a tap is on", async () => {
    const { declared, host } = await world();
    const trust = (taps: Taps): string =>
        makeReport(readLive([{ ...host, taps }], declared), [], "live")
            .report.trust.map(describeTrust)
            .join("\n");
    const line = `attachment: assumed; each tap at ${URI} is on the bridge that its libvirt names`;
    expect(trust({ from: "libvirt" })).toContain(line);
    expect(trust({ from: "kernel", bridges: {} })).not.toContain(line);
    expect(news(declared, { ...host, taps: { from: "unknown", why: "EACCES" } })).toContainEqual(
        expect.stringMatching(/^INPUT\[.*kernel does not say which bridge each tap is on: EACCES$/),
    );
});

it("another spelling of the host's URI is the same host, and another host is not", async () => {
    const { declared, host } = await world();
    const at = (uri: string): string[] => news(declared, { ...host, uri });
    for (const uri of ["qemu+unix:///system", `${URI}?`, `${URI}?socket=/var/run/libvirt/libvirt-sock`]) {
        expect(at(uri)).toEqual([]);
    }
    for (const uri of ["qemu+ssh://user@[2001:db8::1]/system", `${URI}?socket=/run/far.sock`]) {
        expect(at(uri).join()).toContain(`the domain is declared and not at ${URI}`);
    }
});

it("an IPv6 host has one key, with its brackets, leading zeros and port or without", async () => {
    const { declared, host } = await world(TRIXIE, { uri: "qemu+ssh://user@[2001:db8::1]/system" });
    const at = (uri: string): string[] => news(declared, { ...host, uri });
    expect(at("qemu+ssh://user@[2001:db8::1]/system")).toEqual([]);
    expect(at("qemu+ssh://root@[2001:0db8:0::0001]:22/system")).toEqual([]);
    expect(at("qemu+ssh://user@[2001:db8::2]/system").join()).toContain("the domain is declared and not at");
    expect(at("qemu+ssh://user@[2001:db8::1]:2222/system").join()).toContain("and not at");
});

/** A guest's definition: what libvirt shows with --inactive of one that runs. */
const definition = (xml: string): string =>
    xml
        .replace(/ id='\d+'(?=>)/, "")
        .replace(/<seclabel[^]*<\/seclabel>/, "")
        .replace(/<alias [^>]*>/g, "")
        .replace(/ portid='[^']*' bridge='[^']*'/g, "")
        .replace(/<target dev='vnet[^>]*>/g, "")
        .replace(/ index='\d'(?=\/>)/g, "")
        .replace(/<backingStore[^>]*\/>|<\/?backingStore[^>]*>/g, "")
        .replace(/ tty='[^']*'/, "")
        .replace(/<source path='[^']*'\/>/g, "")
        .replace(/<feature [^>]*>/g, "")
        .replace("check='full'", "check='none'")
        .replace(/<format type='qcow2'\/><source file='[^']*' *\/>/, "")
        .replace(PARTITION_XML, "");

it("a definition that says what runs raises nothing; one that says more, or something else, is found", async () => {
    const { declared, host } = await world();
    const next = {
        domains: host.domains.map(definition),
        networks: host.networks.map((xml) => xml.replace("<network>", "<network connections='2'>")),
    };
    expect(news(declared, { ...host, next })).toEqual([]);
    const from = (change: (xml: string) => string): LiveHost => ({
        ...host,
        next: { domains: next.domains.map(change), networks: next.networks.map(change) },
    });
    for (const change of [
        (xml: string): string => xml.replace("</devices>", "<interface type='user'/></devices>"),
        (xml: string): string => xml.replace(/<filterref[^>]*>/, ""),
        (xml: string): string => xml.replace(/file='[^']*-seed\.iso'/, "file='/srv/other.iso'"),
        (xml: string): string => xml.replace("mode='custom'", "mode='host-passthrough'"),
        (xml: string): string => xml.replace("-isolated</name>", "-isolated</name><forward mode='nat'/>"),
        (xml: string): string => xml.replace(/bridge name='(sp[0-9a-f]+)i'/, "bridge name='$1j'"),
        (xml: string): string =>
            xml
                .replace("</devices>", "</devices><seclabel type='none'/>")
                .replace("<os>", "<os><loader>/x</loader>"),
        // What libvirt shows of a guest that runs, and a definition may not have.
        (xml: string): string => xml.replace("</devices>", "</devices><seclabel type='none'/>"),
        (xml: string): string =>
            xml.replace(
                "</devices>",
                "</devices><seclabel type='static' model='dac' " +
                    "relabel='yes'><label>root:root</label></seclabel>",
            ),
        (xml: string): string =>
            xml.replace("<os>", "<resource><partition>/other</partition></resource><os>"),
        (xml: string): string => xml.replace("</cpu>", "<feature policy='require' name='vmx'/></cpu>"),
        (xml: string): string => xml.replace("</cpu>", "<feature policy='disable' name='hypervisor'/></cpu>"),
        (xml: string): string =>
            xml.replace(
                /(\.qcow2' *\/>)/,
                "$1<backingStore type='file'><format type='qcow2'/><source file='/tmp/x'/></backingStore>",
            ),
        (xml: string): string =>
            xml.replace("<model type='virtio'/>", "<target dev='tap0' managed='no'/><model type='virtio'/>"),
        (xml: string): string =>
            xml.replace("<serial type='pty'>", "<serial type='pty'><source path='/dev/ttyS0'/>"),
    ]) {
        expect(
            news(declared, from(change)).filter((f) => f.includes("from its next start on it is another")),
        ).not.toEqual([]);
    }
});

const ofPool = (host: LiveHost, from: RegExp | string, to: string): LiveHost => ({
    ...host,
    pools: host.pools.map((xml) =>
        xml.includes("<name>sallyport-test-default<") ? xml.replace(from, to) : xml,
    ),
});
it("the ports that libvirt fills into a NAT network that runs raise nothing, others do", async () => {
    const { declared, host } = await world();
    const defined = host.networks.map((xml) => xml.replace(/<nat>.*<\/nat>/, ""));
    const made = { ...host, next: { domains: host.domains.map(definition), networks: defined } };
    expect(defined).not.toEqual(host.networks);
    expect(news(declared, made)).toEqual([]);
    expect(news(declared, changed(made, "start='1024'", "start='1'")).join()).toContain(
        "from its next start on it is another",
    );
});

it("a link that was taken down and up again raises nothing; one that is down does", async () => {
    const { declared, host } = await world();
    const made = { ...host, next: { domains: host.domains.map(definition), networks: host.networks } };
    const linked = (state: string): string[] =>
        news(
            declared,
            changed(made, "<model type='virtio'/>", `<link state='${state}'/><model type='virtio'/>`),
        );
    expect(linked("up")).toEqual([]);
    expect(linked("down").join()).toContain("from its next start on it is another");
});

it.each<[string, string, (host: LiveHost) => LiveHost]>([
    [
        "a pool that is gone",
        "the pool is declared and not at",
        (host) => ({
            ...host,
            pools: host.pools.filter((xml) => !xml.includes("<name>sallyport-test-default<")),
        }),
    ],
    [
        "a pool elsewhere",
        "its folder is /srv, declared is",
        (host) => ({
            ...host,
            pools: host.pools.map((xml) =>
                xml.includes("<name>sallyport-test-default<")
                    ? xml.replace(/<path>[^<]*/, "<path>/srv")
                    : xml,
            ),
        }),
    ],
    [
        "a pool of another kind",
        "its type is netfs, declared is dir",
        (host) => ofPool(host, "type='dir'", "type='netfs'"),
    ],
    [
        "a pool with a source",
        "it has a source",
        (host) => ofPool(host, "<target>", "<source><host name='nas'/></source><target>"),
    ],
    [
        "a pool's folder for all",
        "its folder's mode is 0777",
        (host) => ofPool(host, "</path>", "</path><permissions><mode>0777</mode></permissions>"),
    ],
    ["a pool without a folder", "its folder is not known", (host) => ofPool(host, /<path>[^<]*<\/path>/, "")],
    [
        "two pools of one name",
        "there are 2 of its name",
        (host) => ({
            ...host,
            pools: [
                ...host.pools,
                pool("sallyport-test-default", "/var/lib/libvirt/images/sallyport-test-default"),
            ],
        }),
    ],
    [
        "a network of another mode",
        "its mode or its addresses are others than declared",
        (host) => changed(host, /forward mode='nat'/g, "forward mode='route'"),
    ],
    [
        "an overlay that is based on nothing",
        "backingstore",
        (host) =>
            edited(
                host,
                "domains",
                WORKSTATION,
                /<backingStore type='file'[^]*?<backingStore\/><\/backingStore>/,
                "<backingStore/>",
            ),
    ],
    [
        "an overlay whose base has its data elsewhere",
        "backingstore",
        (host) =>
            edited(
                host,
                "domains",
                WORKSTATION,
                /(<backingStore type='file'[^]*?<source file='[^']*')\/>/,
                "$1><dataStore type='file'><source file='/tmp/x'/></dataStore></source>",
            ),
    ],
    [
        "a snapshot",
        "it has a snapshot, a checkpoint or a managed save",
        (host) => ({ ...host, kept: ["sallyport-test-default-gateway"] }),
    ],
    [
        "another order of its disks",
        "what disk 0 is",
        (host) =>
            edited(host, "domains", WORKSTATION, /(<disk [^]*?<\/disk>)(\s*)(<disk [^]*?<\/disk>)/, "$3$2$1"),
    ],
    [
        "a disk less",
        "its disks: 2 where 3 are declared",
        (host) => edited(host, "domains", WORKSTATION, /<disk [^]*?<\/disk>/, ""),
    ],
    [
        "another bridge than declared",
        "its bridge is sp11111111i, declared is",
        (host) =>
            changed(
                changed(host, /bridge='sp[0-9a-f]+i'/g, "bridge='sp11111111i'"),
                /bridge name='sp[0-9a-f]+i'/g,
                "bridge name='sp11111111i'",
            ),
    ],
])("what is not as declared is said: %s", async (_title, what, change) => {
    const { declared, host } = await world();
    expect(news(declared, change(host)).join("\n")).toContain(what);
});

it("a snapshot or pool of another owner is ignored here", async () => {
    const { declared, host } = await world();
    expect(
        news(declared, { ...host, kept: ["other"], pools: [...host.pools, pool("iso", "/srv/iso")] }),
    ).toEqual([]);
});
