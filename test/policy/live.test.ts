/** What runs, judged with what was declared: nothing that libvirt adds by itself is a finding, and what somebody did behind the stack's back is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policy/registry";
import { findingId, runRules } from "../../policy/rule";
import { modelOfExport, readLive, type LiveHost } from "../../topology/adapters";
import type { Model } from "../../topology/model";
import { makeReport } from "../../topology/report";
import { HOSTS, PARTITION_XML, WATCHDOG_XML, onHost, seclabel, type HostKind } from "../support/live-hosts";
import { CONFIGS, goodStack } from "./fixtures/good";
import { asExport, type FixtureResource } from "./fixtures/resources";
import { DOMAIN, NETWORK, POOL, SEED, VOLUME, ofType } from "./mutants/mutant";

jest.setTimeout(120_000);

const URI = "qemu:///system";
const testdata = (role: string): string => readFileSync(join(__dirname, "../unit/proof/testdata", `${role}.xml`), "utf8");

const FOLDER = "/var/lib/libvirt/images";
const fileOf = (volume: FixtureResource | undefined): string => `${FOLDER}/${String(volume?.props["pool"])}/${String(volume?.props["name"])}`;
const imagePath = (stack: readonly FixtureResource[]): string => fileOf(ofType(stack, VOLUME, /-image-volume$/)[0]);

const uuidOf = (index: number): string => `00000000-0000-4000-8000-0000000000${String(index + 1).padStart(2, "0")}`;
const TRIXIE = HOSTS["Debian 13, libvirt 11.3"] as HostKind;

/** A domain as a lab host shows it while it runs, with the names of the stack's. */
function liveDomain(stack: readonly FixtureResource[], domain: FixtureResource, index: number, on: HostKind | "lab"): string {
    const nics = domain.props["networkInterfaces"] as { networkName: string; mac: string }[];
    const [overlay] = ofType(stack, VOLUME).filter((v) => v.name === `${domain.name}-overlay`);
    const [seed] = ofType(stack, SEED).filter((v) => v.name === `${domain.name}-seed`);
    const [, status = ""] = /<log file="([^{]*)\//.exec((domain.props["xml"] as { xslt: string }).xslt) ?? [];
    const bridges = new Map(ofType(stack, NETWORK).map(({ props }) => [props["name"], props]));
    let nic = -1;
    const recorded = testdata(domain.name.endsWith("-gateway") ? "gateway" : "workstation")
        .replace(/<name>[^<]*<\/name>/, `<name>${domain.name}</name>`)
        .replace(/<uuid>[^<]*<\/uuid>/, `<uuid>${uuidOf(index)}</uuid>`)
        // The chain that libvirt finds below an overlay.
        .replace("<backingStore/>", `<backingStore type='file' index='3'><format type='qcow2'/><source file='${imagePath(stack)}'/><backingStore/></backingStore>`)
        .replace(/file='[^']*-seed\.iso'/g, `file='${fileOf(seed)}'`)
        .replace(/file='[^']*\.qcow2'(?= index='[12]')/, `file='${fileOf(overlay)}'`)
        .replace(/<mac address='[^']*'\/>/g, () => { nic += 1; return `<mac address='${nics[nic]?.mac ?? ""}'/>`; })
        .replace(/<interface type='network'>([^]*?)<source network='[^']*' portid='([^']*)' bridge='[^']*'/g, (_, before: string, port: string) => {
            const name = nics[nic === nics.length - 1 ? (nic = 0) : (nic += 1)]?.networkName ?? "";
            const network = bridges.get(name);
            // libvirt shows a NIC of a network that stands for a bridge of the host's as one of the bridge.
            return `<interface type='${network?.["mode"] === "bridge" ? "bridge" : "network"}'>${before}<source network='${name}' portid='${port}' bridge='${String(network?.["bridge"])}'`;
        })
        .replace(/<filterref filter='[^']*'/, `<filterref filter='${nics[0]?.networkName ?? ""}'`)
        .replace(/<log file='[^']*'/g, `<log file='${status}/${domain.name}.status'`);
    return on === "lab" ? recorded : onHost(recorded, on);
}

const liveNetwork = (network: FixtureResource): string => {
    const { name, bridge, mode } = network.props as { name: string; bridge: string; mode?: string };
    if (mode === "bridge") {
        return `<network><name>${name}</name><uuid>00000000-0000-4000-8000-000000000001</uuid><forward mode='bridge'/><bridge name='${bridge}'/></network>`;
    }
    const [subnet] = (network.props["addresses"] ?? []) as string[];
    return `<network><name>${name}</name><uuid>${String(network.props["id"] ?? "00000000-0000-4000-8000-000000000001")}</uuid>${subnet === undefined ? "" : "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"}`
        + `<bridge name='${bridge}' stp='off' delay='0'/><mac address='52:54:00:01:02:03'/><dns enable='no'/>`
        + `${subnet === undefined ? "" : `<ip address='${subnet.replace(/\.0\/.*/, ".1")}' family='ipv4' prefix='24'/>`}</network>`;
};

/** The stack's pools and the one that every host has, and what else is read from a host on which all runs. */
const poolsOf = (stack: readonly FixtureResource[]): Omit<LiveHost, "uri" | "domains" | "networks"> => ({
    pools: [pool("default", "/var/lib/libvirt/images"), ...ofType(stack, POOL).map(({ props }) => pool(String(props["name"]), String((props["target"] as { path: string } | undefined)?.path ?? props["path"])))],
    next: { domains: [], networks: [] }, active: ofType(stack, NETWORK).map(({ props }) => String(props["name"])), autostart: { domains: [], networks: [] }, kept: [],
});
const pool = (name: string, path: string): string => `<pool type='dir'><name>${name}</name><target><path>${path}</path></target></pool>`;

interface World { readonly declared: Model; readonly host: LiveHost }

async function world(on: HostKind | "lab" = TRIXIE, config = CONFIGS["one enclave, one Workstation"]): Promise<World> {
    const stack = await goodStack(config, "existing");
    return {
        declared: modelOfExport(JSON.stringify(asExport(stack)), "export.json"),
        host: { uri: URI, domains: ofType(stack, DOMAIN).map((d, i) => liveDomain(stack, d, i, on)), networks: ofType(stack, NETWORK).map(liveNetwork), ...poolsOf(stack) },
    };
}

const found = (model: Model): string[] => runRules(rules, model).map((f) => `${findingId(f)} ${f.message}`);
const changed = (host: LiveHost, from: string | RegExp, to: string): LiveHost => {
    const made = { ...host, domains: host.domains.map((xml) => xml.replace(from, to)), networks: host.networks.map((xml) => xml.replace(from, to)) };
    expect(made).not.toEqual(host);
    return made;
};

/** What is found in the living that is not in the export. */
const news = (declared: Model, host: LiveHost): string[] => {
    const before = new Set(found(declared));
    return found(readLive([host], declared)).filter((f) => !before.has(f));
};

describe.each(Object.entries(HOSTS))("%s", (_, on) => {
    it.each(Object.keys(CONFIGS))("%s: a live stack with what declares it has no finding but what an export has", async (config) => {
        const { declared, host } = await world(on, CONFIGS[config as keyof typeof CONFIGS]);
        expect(news(declared, host)).toEqual([]);
    });
});

it("the embedded lab's guests are not confined, and only that is found", async () => {
    const { declared, host } = await world("lab");
    const expected = (name: string): string => `DD-20[sallyport-test-default-${name} seclabel] it runs with 0 labels of AppArmor or SELinux; exactly one is needed; `
        + 'seclabel of model dac has label "+0:+0" and imagelabel "+0:+0"; a user and a group that are not root\'s are allowed';
    expect(news(declared, host)).toEqual([expected("gateway"), expected("workstation-ws1")]);
});

const OWN = `libvirt-${uuidOf(0)}`;
const DAC = seclabel("dac", "+64055:+64055");
it.each<[string, string]>([
    ["none", ""], ["a user's alone", DAC], ["root's", seclabel("apparmor", OWN) + seclabel("dac", "+0:+0")], ["root's by name", seclabel("apparmor", OWN) + seclabel("dac", "root:root")],
    ["root's group", seclabel("apparmor", OWN) + seclabel("dac", "+64055:+0")], ["unconfined", seclabel("apparmor", "unconfined") + DAC],
    ["another guest's", seclabel("apparmor", `libvirt-${uuidOf(1)}`) + DAC], ["unconfined_t", seclabel("selinux", "system_u:system_r:unconfined_t:s0") + DAC],
    ["type none", `<seclabel type='none' model='apparmor'/>${DAC}`], ["a static one", seclabel("apparmor", OWN).replace("dynamic", "static") + DAC],
    ["one that is not applied to files", seclabel("apparmor", OWN).replace("'yes'", "'no'") + DAC], ["of a driver that nobody knows", seclabel("apparmor", OWN) + DAC + seclabel("smack", OWN)],
])("a Gateway that runs with this label is found: %s", async (_title, labels) => {
    const { declared, host } = await world();
    const [first = "", ...rest] = host.domains;
    const made = { ...host, domains: [first.replace(/<seclabel[^]*<\/seclabel>/, labels), ...rest] };
    expect(news(declared, made).filter((f) => f.startsWith("DD-20["))).not.toEqual([]);
});

it("two guests with one label are found, and so are two with one pair of categories in another order", async () => {
    const { declared, host } = await world(HOSTS["SELinux, group kvm"]);
    const pair = (order: string): LiveHost => ({ ...host, domains: host.domains.map((xml, i) => xml.replace(/:s0:c\d+,c\d+/g, i === 0 ? ":s0:c7,c9" : order)) });
    expect(news(declared, pair(":s0:c7,c10"))).toEqual([]);
    expect(news(declared, pair(":s0:c7,c9")).join()).toContain("selinux c7,c9 is sallyport-test-default-gateway's as well");
    expect(news(declared, pair(":s0:c9,c7")).join()).toContain("as well");
});

it.each([
    ["DD-22", PARTITION_XML, "<resource><partition>/machine/other</partition></resource>"], ["DD-22", PARTITION_XML, "<resource><partition>/</partition></resource>"],
    ["DD-22", PARTITION_XML, "<resource><partition>/machine</partition><fibrechannel appid='x'/></resource>"], ["DD-22", PARTITION_XML, PARTITION_XML.repeat(2)],
    ["DD-13", WATCHDOG_XML, "<watchdog model='itco' action='dump'/>"], ["DD-13", WATCHDOG_XML, "<watchdog model='i6300esb' action='reset'/>"],
    ["DD-13", WATCHDOG_XML, WATCHDOG_XML.repeat(2)], ["DD-13", WATCHDOG_XML, "<watchdog model='itco'/>"], ["DD-13", WATCHDOG_XML, "<watchdog model='itco' action='reset'><x/></watchdog>"],
])("what a host adds is allowed by its value: %s for another than %s: %s", async (rule, from, to) => {
    const { declared, host } = await world();
    expect(news(declared, changed(host, from, to)).filter((f) => f.startsWith(`${rule}[`))).not.toEqual([]);
});

it.each<[string, string, (host: LiveHost) => LiveHost]>([
    ["a NIC that somebody attached", "NT-07", (host) => changed(host, /(<interface type='network'>[^]*?<\/interface>)(?![^]*<interface)/, "$1<interface type='user'><mac address='52:54:00:00:00:07'/></interface>")],
    ["an isolated network that forwards", "NT-01", (host) => changed(host, "-isolated</name>", "-isolated</name><forward mode='route'/>")],
    ["an address of the host's on it", "NT-02", (host) => changed(host, /(-isolated<\/name>[^]*)<\/network>/, "$1<ip address='10.9.9.1' prefix='24'/></network>")],
    ["a Workstation's port that is not isolated", "NT-18", (host) => changed(host, "<port isolated='yes'/>", "")],
    ["a Workstation without its filter", "DD-16", (host) => changed(host, /<filterref filter='[^']*'\/>/, "")],
    ["a shared folder", "DD-01", (host) => changed(host, "</devices>", "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem></devices>")],
    ["another base below a disk", "DD-13", (host) => changed(host, /<source file='[^']*\/(sallyport-[^/']*)'\/><backingStore\/>/, "<source file='/srv/$1'/><backingStore/>")],
    ["one more layer below a disk", "DD-13", (host) => changed(host, "<backingStore/></backingStore>", "<backingStore type='file'><source file='/srv/x'/></backingStore></backingStore>")],
    ["another file in place of the seed", "NT-26", (host) => changed(host, /file='([^']*\/)[^/']*-seed\.iso'/, "file='$1evil-seed.iso'")],
    ["another file in place of the overlay", "NT-26", (host) => changed(host, /file='([^']*\/)[^/']*\.qcow2'(?= index='[12]')/, "file='$1evil.qcow2'")],
    ["the overlay of the same name in another folder", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1-status/$2'")],
    ["an overlay by another spelling of its path", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1/./$2'")],
    ["an overlay by a path through another folder", "NT-26", (host) => changed(host, /file='([^']*)\/([^/']*)\/([^/']*\.qcow2)'(?= index='[12]')/, "file='$1/x/../$2/$3'")],
    ["a volume of another pool in place of the seed", "NT-26", (host) => changed(host, /<disk type='file' device='disk'>(\s*<driver name='qemu' type='raw'\/>\s*)<source file='[^']*\/([^/']*)'/, "<disk type='volume' device='disk'>$1<source pool='default' volume='$2'")],
    ["a device in place of the overlay", "NT-26", (host) => changed(host, /<disk type='file' device='disk'>(\s*<driver name='qemu' type='qcow2'[^]*?)<source file='[^']*'/, "<disk type='block' device='disk'>$1<source dev='/dev/sda'")],
    ["the golden image in place of the overlay", "SH-01", (host) => changed(host, /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/, `file='${/<backingStore[^]*?file='([^']*)'/.exec(host.domains.join(""))?.[1] ?? ""}'`)],
    ["one guest's overlay as another's", "SH-01", (host) => changed(host, /file='[^']*'(?= index='[12]'\/>\s*<backingStore type)/, `file='${/file='([^']*gateway[^']*\.qcow2)'/.exec(host.domains.join(""))?.[1] ?? ""}'`)],
    ["a stranger on the isolated network", "NT-10", (host) => ({ ...host, domains: [...host.domains, `<domain type='kvm'><name>stranger</name>${/<interface[^]*<\/interface>/.exec(host.domains.at(-1)?.replace(/^[^]*<devices>/, "<devices>") ?? "")?.[0].replace(/^/, "<devices>") ?? ""}</devices></domain>`] })],
    ["a stranger on the isolated bridge", "NT-24", (host) => ({ ...host, domains: [...host.domains, `<domain type='kvm'><name>stranger</name><devices><interface type='bridge'><source bridge='${/-isolated<\/name>[^]*?<bridge name='([^']*)'/.exec(host.networks.join(""))?.[1] ?? ""}'/></interface></devices></domain>`] })],
    ["a guest that starts with the host", "LC-02", (host) => ({ ...host, autostart: { ...host.autostart, domains: ["sallyport-test-default-gateway"] } })],
])("%s is found: %s", async (_title, rule, change) => {
    const { declared, host } = await world();
    const before = new Set(found(declared));
    expect(found(readLive([change(host)], declared)).filter((f) => !before.has(f) && f.startsWith(`${rule}[`))).not.toEqual([]);
});

it("a domain or network that is declared and not there is undecided, and strangers elsewhere are nobody's business here", async () => {
    const { declared, host } = await world();
    const report = (model: Model): string[] => makeReport(model, rules, "live").report.findings.filter((f) => f.rule === "INPUT").map((f) => f.message);
    const elsewhere = "<domain type='kvm'><name>other</name><devices><interface type='network'><source network='default'/></interface></devices></domain>";
    const model = readLive([{ ...host, domains: [...host.domains, elsewhere] }], declared);
    expect(model.domains.map((d) => d.resource.name)).not.toContain("other");
    expect(report(model)).toEqual([]);
    expect(report(readLive([{ ...host, domains: host.domains.slice(1) }], declared))).toEqual([`the domain is declared and not at ${URI}`]);
    expect(report(readLive([{ ...host, networks: host.networks.slice(1) }], declared))).toEqual([`the network is declared and not at ${URI}`]);
});

it("without the stack nothing is safe: what libvirt does not show is undecided, and said", async () => {
    const { host } = await world();
    const { report } = makeReport(readLive([host]), rules, "live");
    expect(report.ok).toBe(false);
    expect(report.verdict).not.toBe("proved");
    expect(report.findings.filter((f) => f.rule === "INPUT").map((f) => f.message).join()).toMatch(/shows no seeds, and so no firewall and no torrc/);
    // Of Gateways nothing can be shown, nor refuted: the XML names none.
    expect(report.queries.filter((q) => q.verdict === "proved").map((q) => q.id)).toEqual(["PATH-gateway", "PATH-tor"]);
});
